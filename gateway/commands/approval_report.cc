#include "gateway/commands/approval_report.h"

#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

#include "gateway/approval_log.h"
#include "gateway/run_sync.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;

// All that is known of a sync's approvals without the warehouse.
struct Overview {
  std::optional<HeldRun> held;
  std::vector<std::pair<StoredApproval, ApprovalVerdict>> documents;
};

Overview LookAt(const Workspace& workspace, const policies::SyncSpec& sync, const std::string& plan_digest, audit::Time now) {
  Overview out;
  const std::string log = LogFolder(workspace.config, sync);
  out.held = FindHeldRun(log);
  for (StoredApproval& stored : ReadApprovals(workspace.config.approvals, sync.id, sync.name)) {
    policies::ApprovalNeed need = NeedOf(stored.approval);
    need.tenant = workspace.config.tenant;
    need.environment = workspace.config.environment;
    need.sync = sync.id;
    need.plan_digest = plan_digest;
    if (out.held && out.held->plan_digest == stored.approval.plan_digest) {
      need.plan_digest = out.held->plan_digest;
      if (need.kind == policies::Approval::Kind::kGuards) {
        need.deletes = out.held->deletes;
        need.changes = out.held->changes;
        need.rows = out.held->rows;
      }
    }
    ApprovalVerdict verdict = JudgeApproval(stored, need, *workspace.policy.approvals, log, now);
    out.documents.emplace_back(std::move(stored), std::move(verdict));
  }
  return out;
}

std::string CountsText(const HeldRun& held) {
  std::string out;
  const auto add = [&out](const std::optional<std::uint64_t>& count, const char* what) {
    if (count) out += (out.empty() ? "" : ", ") + std::to_string(*count) + " " + what;
  };
  add(held.deletes, "deletes");
  add(held.changes, "changes");
  add(held.rows, "rows");
  return out;
}

std::string Persons(policies::Approval::Kind kind, const policies::Approvals& policy) {
  return policies::PersonsNeeded(kind, policy) == 1 ? "one person" : "two persons";
}

ordered_json CountJson(const std::optional<std::uint64_t>& count) { return count ? ordered_json(*count) : ordered_json(); }

}  // namespace

policies::ApprovalNeed NeedOf(const policies::Approval& approval) {
  policies::ApprovalNeed need;
  need.kind = approval.kind;
  need.tenant = approval.tenant;
  need.environment = approval.environment;
  need.sync = approval.sync;
  need.plan_digest = approval.plan_digest;
  need.deletes = approval.max_deletes;
  need.changes = approval.max_changes;
  need.rows = approval.min_rows;
  need.lifts = approval.lifts;
  return need;
}

void PrintVerdict(const StoredApproval& stored, const ApprovalVerdict& verdict, Terminal& terminal) {
  std::string by;
  for (const std::string& person : verdict.principals) by += (by.empty() ? "`" : ", `") + person + "`";
  if (verdict.good) {
    terminal.Line(Spans{{"    + ", Style::kGood}, {"approved by " + by + ", until " + audit::FormatTime(stored.approval.expires)}});
  }
  for (const policies::ApprovalProblem& problem : verdict.problems) {
    terminal.Line(Spans{{"    - ", verdict.good ? Style::kWarning : Style::kBad}, {problem.text}, {" [" + problem.code + "]", Style::kDim}});
  }
}

std::string StoredApprovalJson(const StoredApproval& stored, const ApprovalVerdict& verdict) {
  const policies::Approval& approval = stored.approval;
  ordered_json out = {{"file", stored.file}};
  if (stored.problem.empty()) {
    out.update({{"digest", stored.digest},
                {"kind", std::string(Name(approval.kind))},
                {"sync", approval.sync},
                {"plan_digest", approval.plan_digest},
                {"max_deletes", CountJson(approval.max_deletes)},
                {"max_changes", CountJson(approval.max_changes)},
                {"min_rows", CountJson(approval.min_rows)},
                {"lifts", approval.lifts},
                {"requested_by", approval.requested_by},
                {"reason", approval.reason},
                {"expires", audit::FormatTime(approval.expires)}});
  }
  out["approved_by"] = verdict.principals;
  out["good"] = verdict.good;
  ordered_json problems = ordered_json::array();
  for (const policies::ApprovalProblem& problem : verdict.problems) {
    problems.push_back({{"code", problem.code}, {"text", problem.text}});
  }
  out["problems"] = std::move(problems);
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void PrintApprovals(const Workspace& workspace, const policies::SyncSpec& sync, const std::string& plan_digest,
                    audit::Time now, Terminal& terminal) {
  if (!workspace.policy.approvals) return;
  const policies::Approvals& policy = *workspace.policy.approvals;
  terminal.Line("  approvals guards pass with " + Persons(policies::Approval::Kind::kGuards, policy) +
                ", the gate's requirements are overridden with " + Persons(policies::Approval::Kind::kOverride, policy));
  const Overview overview = LookAt(workspace, sync, plan_digest, now);
  if (overview.held && overview.held->result == "waiting") {
    terminal.Line(Spans{{"    ! ", Style::kWarning}, {"the last run waits for an approval: " + CountsText(*overview.held) + "; plan " + overview.held->plan_digest}});
  }
  for (const auto& [stored, verdict] : overview.documents) {
    terminal.Line("    " + stored.file + (stored.problem.empty() ? " (" + std::string(Name(stored.approval.kind)) + ")" : ""));
    PrintVerdict(stored, verdict, terminal);
  }
}

std::string ApprovalsJson(const Workspace& workspace, const policies::SyncSpec& sync, const std::string& plan_digest,
                          audit::Time now) {
  if (!workspace.policy.approvals) return "null";
  const policies::Approvals& policy = *workspace.policy.approvals;
  const Overview overview = LookAt(workspace, sync, plan_digest, now);
  ordered_json out = {{"persons_for_guards", policies::PersonsNeeded(policies::Approval::Kind::kGuards, policy)},
                      {"persons_for_override", policies::PersonsNeeded(policies::Approval::Kind::kOverride, policy)},
                      {"never_waivable", policy.never_waivable},
                      {"waiting", nullptr}};
  if (overview.held && overview.held->result == "waiting") {
    out["waiting"] = {{"run", overview.held->run},
                      {"plan_digest", overview.held->plan_digest},
                      {"deletes", CountJson(overview.held->deletes)},
                      {"changes", CountJson(overview.held->changes)},
                      {"rows", CountJson(overview.held->rows)}};
  }
  ordered_json documents = ordered_json::array();
  for (const auto& [stored, verdict] : overview.documents) {
    documents.push_back(ordered_json::parse(StoredApprovalJson(stored, verdict)));
  }
  out["documents"] = std::move(documents);
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::gateway
