#include "gateway/run_entries.h"

#include <algorithm>
#include <array>

#include "audit/digest.h"
#include "audit/entry.h"
#include "gateway/evidence_runs.h"
#include "gateway/version.h"
#include "policies/policy_error.h"

namespace weir::gateway {
namespace {

void AppendPlan(const Workspace& workspace, const policies::SyncSpec& sync, const SyncPlan& plan, audit::Time now,
                RunEntries* entries, audit::Log* log) {
  audit::Plan entry;
  entry.run = entries->run;
  entry.sync = sync.id;
  entry.model = sync.model_id;
  entry.destination = sync.destination;
  entry.object = sync.object;
  entry.purpose = sync.purpose;
  entry.mode = policies::Name(sync.mode);
  entry.plan_digest = plan.plan_digest;
  entry.effect_digest = plan.effect_digest;
  entry.policy_digest = workspace.policy.digest;
  entry.manifest_digest = workspace.artifacts.project.digest;
  entry.time = now;
  for (const policies::ColumnDecision& decision : plan.decision.columns) {
    audit::PlanColumn column{decision.column, decision.field, decision.transform.ToText(), decision.rules, {}};
    for (const policies::ClassEvidence& evidence : decision.classes) column.classes.push_back(evidence.name);
    entry.columns.push_back(std::move(column));
  }
  const std::string text = audit::ToJson(entry);
  if (text.size() > audit::kMaxEntryBytes) {
    throw policies::PolicyError("the plan of sync `" + sync.id + "` is larger than a log entry may be (65,535 bytes); sync fewer columns");
  }
  entries->plan = log->Append(text);
}

}  // namespace

std::string NewRunId(audit::Time now) {
  const audit::SecretKey random = audit::SecretKey::Random();
  std::array<std::byte, 16> bytes{};
  std::copy_n(random.bytes().begin(), bytes.size(), bytes.begin());
  const auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::byte>(ms >> (8 * (5 - i)));
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x70};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string hex = audit::Hex(bytes);
  for (const std::size_t at : {20u, 16u, 12u, 8u}) hex.insert(at, "-");
  return hex;
}

void AppendBeginning(const Workspace& workspace, const policies::SyncSpec& sync, const SyncPlan& plan,
                     const std::string& run_id, const RunOptions& options, audit::Time now, RunEntries* entries,
                     audit::Log* log) {
  audit::RunStart start;
  start.run = run_id;
  start.sync = sync.id;
  start.actor = options.actor;
  start.version = Version();
  start.mode = options.baseline ? "baseline" : "sync";
  start.plan_digest = plan.plan_digest;
  start.time = now;
  entries->run = log->Append(audit::ToJson(start));
  entries->started = true;

  AppendPlan(workspace, sync, plan, now, entries, log);

  audit::Gate gate;
  gate.run = entries->run;
  gate.open = plan.gate.open;
  for (const policies::GateReason& reason : plan.gate.reasons) gate.reasons.push_back({reason.code, reason.text});
  gate.time = now;
  log->Append(audit::ToJson(gate));

  for (const EvidenceRun& of : EvidenceRuns(workspace.artifacts, plan.gate)) {
    audit::Evidence evidence;
    evidence.run = entries->run;
    evidence.invocation_id = of.run->invocation_id;
    evidence.which = of.run->which;
    evidence.digest = of.run->digest;
    evidence.tests = of.tests;
    evidence.time = now;
    log->Append(audit::ToJson(evidence));
  }
}

void AppendEnd(std::uint64_t run, const RunReport& report, audit::Time now, audit::Log* log) {
  const RunCounts& counts = report.counts;
  audit::RunEnd end;
  end.run = run;
  end.result = Name(report.status);
  end.counts = {{"read", counts.read},
                {"unchanged", counts.unchanged},
                {"created", counts.created},
                {"updated", counts.updated},
                {"withheld", counts.withheld},
                {"refused", counts.refused},
                {"rejected", counts.rejected},
                {"unknown", counts.unknown},
                {"deleted", counts.deleted},
                {"withdrawn", counts.withdrawn},
                {"blanked", counts.blanked},
                {"suppressed", counts.suppressed},
                {"retried", counts.retried},
                {"requests", counts.requests},
                {"skipped", counts.skipped},
                {"not_attempted", counts.not_attempted},
                {"vanished", counts.vanished},
                {"recovered_unknown", counts.recovered_unknown}};
  end.time = now;
  log->Append(audit::ToJson(end));
}

}  // namespace weir::gateway
