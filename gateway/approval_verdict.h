#pragma once

#include <string>
#include <vector>

#include "gateway/approval_store.h"
#include "policies/approval.h"

namespace weir::gateway {

// Whether one approval lets a run go, with every reason. Reads the sync's log, starts ssh-keygen. Throws
// audit::LogError, ConfigError W-APR-020.
struct ApprovalVerdict {
  bool good = false;
  std::vector<std::string> principals;  // the persons whose signatures count, sorted
  // Why it is not good; of a good one, why some of its signatures do not count.
  std::vector<policies::ApprovalProblem> problems;
};
ApprovalVerdict JudgeApproval(const StoredApproval& stored, const policies::ApprovalNeed& need,
                              const policies::Approvals& policy, const std::string& log_folder, audit::Time now);

// `weir approve crm --env prod`: the words that ask for it again.
std::string CommandWords(std::string_view command, std::string_view sync_name, std::string_view environment);

}  // namespace weir::gateway
