#pragma once

#include <string>

#include "gateway/approval_verdict.h"
#include "gateway/terminal.h"
#include "gateway/workspace.h"

namespace weir::gateway {

// What an approval says of itself it would be enough for: to ask whether the rest of it is good.
policies::ApprovalNeed NeedOf(const policies::Approval& approval);

// "good: `ann@acme.example`", or what is missing, a line each.
void PrintVerdict(const StoredApproval& stored, const ApprovalVerdict& verdict, Terminal& terminal);
// `file`, `digest`, `kind`, `plan_digest`, …, `signed_by`, `good`, `problems`; an object, as text.
std::string StoredApprovalJson(const StoredApproval& stored, const ApprovalVerdict& verdict);

// For `weir plan`: who must sign, what waits, what is there. Nothing when policy knows no approvals. `plan_digest`: of a
// plan made without the warehouse; that of the run that is held counts as well.
void PrintApprovals(const Workspace& workspace, const policies::SyncSpec& sync, const std::string& plan_digest,
                    audit::Time now, Terminal& terminal);
// The same as a JSON object, as text; `null` when policy knows no approvals.
std::string ApprovalsJson(const Workspace& workspace, const policies::SyncSpec& sync, const std::string& plan_digest,
                          audit::Time now);

}  // namespace weir::gateway
