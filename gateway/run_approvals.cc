#include "gateway/run_approvals.h"

#include <algorithm>
#include <set>
#include <utility>

#include "audit/entry.h"
#include "gateway/approval_verdict.h"
#include "policies/gate_tests.h"

namespace weir::gateway {
namespace {

using policies::Approval;
using policies::ApprovalNeed;

std::string Listed(const std::vector<std::string>& persons) {
  std::string out;
  for (const std::string& person : persons) out += (out.empty() ? "`" : ", `") + person + "`";
  return out;
}

std::string WhoMust(std::size_t persons) {
  return persons == 1 ? "one person other than who asks" : "two persons other than who asks";
}

std::string AskCommand(const ApprovalNeed& need, const policies::SyncSpec& sync) {
  std::string out = CommandWords("approve", sync.name, need.environment) + " --plan " + need.plan_digest;
  if (need.deletes) out += " --deletes " + std::to_string(*need.deletes);
  if (need.changes) out += " --changes " + std::to_string(*need.changes);
  if (need.rows) out += " --rows " + std::to_string(*need.rows);
  return out;
}

}  // namespace

std::vector<std::string> LiftableReasons(const policies::GateVerdict& gate, const policies::Approvals& policy,
                                         std::string* why_not) {
  std::set<std::string> codes;
  for (const policies::GateReason& reason : gate.reasons) {
    if (!reason.holds) continue;
    codes.insert(reason.code);
    const std::vector<std::string>& never = policy.never_waivable;
    if (reason.requirement.empty() || reason.code == policies::kGateGuards) {
      *why_not = "nobody can lift " + reason.code + ", which no requirement of the policy asks";
      continue;
    }
    for (const std::string& requirement : policies::RequirementsOf(reason)) {
      if (std::find(never.begin(), never.end(), requirement) == never.end()) continue;
      *why_not = "nobody can lift " + reason.code + ": requirement " + requirement + " is `never_waivable`";
    }
  }
  return {codes.begin(), codes.end()};
}

RunApprovals::RunApprovals(const Workspace& workspace, const policies::SyncSpec& sync, std::string actor)
    : workspace_(workspace), sync_(sync), actor_(std::move(actor)) {}

ApprovalNeed RunApprovals::NeedOf(Approval::Kind kind, const SyncPlan& plan) const {
  ApprovalNeed need;
  need.kind = kind;
  need.tenant = workspace_.config.tenant;
  need.environment = workspace_.config.environment;
  need.sync = sync_.id;
  need.plan_digest = plan.plan_digest;
  need.actor = actor_;
  return need;
}

bool RunApprovals::Find(const ApprovalNeed& need, audit::Time now, std::vector<SyncPlan::Refusal>* reasons) {
  constexpr std::size_t kMaxTold = 10;
  std::vector<SyncPlan::Refusal> problems;
  for (const StoredApproval& stored : ReadApprovals(workspace_.config.approvals, sync_.id, sync_.name)) {
    if (stored.problem.empty() && stored.approval.kind != need.kind) continue;
    const ApprovalVerdict verdict =
        JudgeApproval(stored, need, *workspace_.policy.approvals, LogFolder(workspace_.config, sync_), now);
    if (verdict.good) {
      granted_.push_back({stored.approval, stored.digest, verdict.principals, need.deletes, need.changes, need.rows});
      return true;
    }
    for (const policies::ApprovalProblem& problem : verdict.problems) {
      problems.push_back({problem.code, "approval `" + stored.file + "` " + problem.text});
    }
  }
  if (problems.size() > kMaxTold) problems.resize(kMaxTold);
  reasons->insert(reasons->end(), problems.begin(), problems.end());
  return false;
}

bool RunApprovals::LiftsGate(const SyncPlan& plan, audit::Time now, std::vector<SyncPlan::Refusal>* reasons) {
  if (!workspace_.policy.approvals) return false;
  std::string why_not;
  ApprovalNeed need = NeedOf(Approval::Kind::kOverride, plan);
  need.lifts = LiftableReasons(plan.gate, *workspace_.policy.approvals, &why_not);
  if (!why_not.empty()) {
    reasons->push_back({"W-APR-025", why_not + "; an override has no effect"});
    return false;
  }
  if (!Find(need, now, reasons)) {
    reasons->push_back({"W-APR-032", "for one run, " + WhoMust(policies::PersonsNeeded(need.kind, *workspace_.policy.approvals)) +
                                         " can lift what holds it: `" +
                                         CommandWords("override", sync_.name, need.environment) + " --reason TEXT`"});
    return false;
  }
  const GrantedApproval& granted = granted_.back();
  reasons->push_back({"W-APR-033", "the gate is overridden for this run by " + Listed(granted.principals) + ": " +
                                       granted.approval.reason});
  gate_lifted_ = true;
  return true;
}

RunStatus RunApprovals::PassGuards(const SyncPlan& plan, std::span<const GuardHold> holds, audit::Time now,
                                   std::vector<SyncPlan::Refusal>* reasons) {
  ApprovalNeed need = NeedOf(Approval::Kind::kGuards, plan);
  bool may_be_approved = workspace_.policy.approvals.has_value();
  for (const GuardHold& hold : holds) {
    if (hold.guard == GuardHold::Guard::kNever) may_be_approved = false;
    if (hold.guard == GuardHold::Guard::kMaxDeletes) need.deletes = hold.count;
    if (hold.guard == GuardHold::Guard::kMaxChanges) need.changes = hold.count;
    if (hold.guard == GuardHold::Guard::kMinRows) need.rows = hold.count;
  }
  if (!may_be_approved) {
    for (const GuardHold& hold : holds) reasons->push_back({hold.code, hold.what + hold.advice});
    return RunStatus::kHeld;
  }
  std::vector<SyncPlan::Refusal> problems;
  const bool found = Find(need, now, &problems);
  for (const GuardHold& hold : holds) {
    reasons->push_back({hold.code, hold.what + (found ? ": approved" : ": nothing was sent, it waits for an approval")});
  }
  if (found) {
    reasons->push_back({"W-APR-030", "this run goes on as " + Listed(granted_.back().principals) + " approved: " +
                                         granted_.back().approval.reason});
    return RunStatus::kDone;
  }
  reasons->insert(reasons->end(), problems.begin(), problems.end());
  reasons->push_back({"W-APR-031", "if that is right, have it approved by " +
                                       WhoMust(policies::PersonsNeeded(need.kind, *workspace_.policy.approvals)) + ": `" +
                                       AskCommand(need, sync_) + "`, then run it again"});
  guards_need_ = need;
  return RunStatus::kWaiting;
}

bool RunApprovals::StillGood(audit::Time now, std::vector<SyncPlan::Refusal>* reasons) const {
  for (const GrantedApproval& granted : granted_) {
    if (granted.approval.expires > now) continue;
    reasons->push_back({"W-APR-014", "an approval expired at " + audit::FormatTime(granted.approval.expires) +
                                         ", while the warehouse was read: nothing was sent"});
    return false;
  }
  return true;
}

void RunApprovals::Use(std::uint64_t run_entry, audit::Time now, audit::Log* log) const {
  for (const GrantedApproval& granted : granted_) {
    const Approval& approval = granted.approval;
    if (approval.kind == Approval::Kind::kOverride) {
      log->Append(audit::ToJson(audit::Override{run_entry, approval.plan_digest, approval.lifts, granted.document,
                                                granted.principals, approval.requested_by, approval.reason, now}));
      continue;
    }
    log->Append(audit::ToJson(audit::Approval{true, run_entry, approval.plan_digest, granted.deletes, granted.changes,
                                              granted.rows, granted.document, granted.principals, approval.requested_by,
                                              approval.reason, now}));
  }
  if (!granted_.empty()) log->Commit();
}

void RunApprovals::AppendWaiting(std::uint64_t run_entry, audit::Time now, audit::Log* log) const {
  audit::Approval waiting;
  waiting.run = run_entry;
  waiting.plan_digest = guards_need_.plan_digest;
  waiting.deletes = guards_need_.deletes;
  waiting.changes = guards_need_.changes;
  waiting.rows = guards_need_.rows;
  waiting.time = now;
  log->Append(audit::ToJson(waiting));
}

}  // namespace weir::gateway
