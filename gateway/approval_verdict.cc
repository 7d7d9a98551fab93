#include "gateway/approval_verdict.h"

#include <algorithm>
#include <optional>

#include "gateway/approval_log.h"
#include "gateway/ssh_signature.h"

namespace weir::gateway {
namespace {

using policies::ApprovalProblem;
using policies::Approval;

// Whose word it was to ask: what the document says, and what the log says of the run that was held. Where it names no
// such run, whoever runs it now. Empty: *problem says why.
std::vector<std::string> RequestersOf(const Approval& approval, const std::string& runner, const std::string& log_folder,
                                      ApprovalProblem* problem) {
  std::vector<std::string> out = {approval.requested_by};
  if (!approval.run && !runner.empty()) out.push_back(runner);
  if (!approval.run) return out;
  const std::optional<std::string> actor = ActorOf(log_folder, *approval.run, approval.plan_digest);
  if (actor) {
    out.push_back(*actor);
    return out;
  }
  *problem = {"W-APR-012", "names the run at entry " + std::to_string(*approval.run) +
                               ", and the log has no run of this plan there"};
  return {};
}

void CountSignatures(const StoredApproval& stored, const policies::Approvals& policy,
                     const std::vector<std::string>& requesters, audit::Time now, ApprovalVerdict* out) {
  for (const std::string& signature : stored.signatures) {
    const SignatureVerdict verdict = VerifySignature(stored.document, signature, policy, now);
    if (verdict.principal.empty()) {
      out->problems.push_back({verdict.code, verdict.problem});
      continue;
    }
    const auto asked = std::find_if(requesters.begin(), requesters.end(), [&](const std::string& requester) {
      return policies::MayBeSamePerson(requester, verdict.principal);
    });
    if (asked != requesters.end()) {
      out->problems.push_back({"W-APR-023", "is signed by `" + verdict.principal + "`, who asked for it (`" + *asked +
                                                "`) and so cannot approve it"});
      continue;
    }
    if (std::find(out->principals.begin(), out->principals.end(), verdict.principal) == out->principals.end()) {
      out->principals.push_back(verdict.principal);
    }
  }
  std::sort(out->principals.begin(), out->principals.end());
}

}  // namespace

ApprovalVerdict JudgeApproval(const StoredApproval& stored, const policies::ApprovalNeed& need,
                              const policies::Approvals& policy, const std::string& log_folder, audit::Time now) {
  ApprovalVerdict out;
  if (!stored.problem.empty()) {
    out.problems.push_back({stored.code, stored.problem});
    return out;
  }
  if (auto problem = policies::WhyNot(stored.approval, need, policy, now)) {
    out.problems.push_back(std::move(*problem));
    return out;
  }
  if (const auto use = FindUse(log_folder, stored.approval.run.value_or(0), stored.digest)) {
    out.problems.push_back({"W-APR-022", "was used by an earlier run (entry " + std::to_string(*use) + " of the log), and is good for one"});
    return out;
  }
  ApprovalProblem problem;
  const std::vector<std::string> requesters = RequestersOf(stored.approval, need.actor, log_folder, &problem);
  if (requesters.empty()) {
    out.problems.push_back(std::move(problem));
    return out;
  }
  CountSignatures(stored, policy, requesters, now, &out);
  const std::size_t needed = policies::PersonsNeeded(stored.approval.kind, policy);
  out.good = out.principals.size() >= needed;
  if (!out.good) {
    out.problems.push_back({"W-APR-024", "is approved by " + std::to_string(out.principals.size()) + " of " +
                                             std::to_string(needed) + (needed == 1 ? " person" : " persons") + " needed"});
  }
  return out;
}

std::string CommandWords(std::string_view command, std::string_view sync_name, std::string_view environment) {
  std::string out = "weir " + std::string(command) + " " + std::string(sync_name);
  if (environment != "default") out += " --env " + std::string(environment);
  return out;
}

}  // namespace weir::gateway
