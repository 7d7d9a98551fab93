#pragma once

#include <string>
#include <vector>

#include "gateway/approval_verdict.h"
#include "gateway/commands/command.h"
#include "gateway/workspace.h"
#include "policies/approval.h"

namespace weir::gateway {

// What `weir approve` and `weir override` share: a document is filled in, written, signed, and told of.

struct ApprovalOptions {
  std::string expires, reason, requested_by, key_file;
  bool print = false;

  void AddTo(Options* options);
};

// Throws ConfigError W-APR-040 when policy knows no approvals.
const policies::Approvals& ApprovalsOf(const Workspace& workspace);

// Tenant, environment, persons, times and nonce of a document about `sync`. `actor`: who ran what was held, or runs this.
// Throws ConfigError W-APR-043 for what cannot stand in a document.
policies::Approval BeginApproval(const Workspace& workspace, const policies::SyncSpec& sync, policies::Approval::Kind kind,
                                 const std::string& actor, const ApprovalOptions& options, audit::Time now);

// Signs, when a key is given; stores; prints. The exit status: 0 when enough persons signed, else 5.
int FinishApproval(const Workspace& workspace, const policies::SyncSpec& sync, const policies::Approval& approval,
                   const ApprovalOptions& options, Invocation& invocation);

// One more signature under the document in `file`.
int Cosign(const Workspace& workspace, const std::string& file, const std::string& key_file, Invocation& invocation);

}  // namespace weir::gateway
