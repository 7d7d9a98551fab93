#include "gateway/commands/sync_report.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/commands/plan_report.h"
#include "gateway/terminal_progress.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;

struct Count {
  std::uint64_t number;
  std::string_view word;
};

// `created 12, updated 3`: those that are not zero; `otherwise` when all are.
std::string CountsText(const std::vector<Count>& counts, std::string_view otherwise) {
  std::string out;
  for (const Count& count : counts) {
    if (count.number == 0) continue;
    out += (out.empty() ? "" : ", ") + WithThousands(count.number) + " " + std::string(count.word);
  }
  return out.empty() ? std::string(otherwise) : out;
}

std::string ReasonsText(const std::map<std::string, std::uint64_t>& by_reason) {
  std::string out;
  for (const auto& [reason, number] : by_reason) {
    out += (out.empty() ? " (" : ", ") + reason + " " + WithThousands(number);
  }
  return out.empty() ? out : out + ")";
}

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

Span StatusSpan(const RunReport& report, bool dry_run) {
  switch (report.status) {
    case RunStatus::kDone: return {dry_run ? "would run" : "done", Style::kGood};
    case RunStatus::kRowsRefused: return {"done, but some rows could not go", Style::kWarning};
    case RunStatus::kConfig: return {"refused by policy or mapping", Style::kBad};
    case RunStatus::kUnreadable: return {"could not be read or reached", Style::kBad};
    case RunStatus::kHeld: return {"held", Style::kBad};
    case RunStatus::kWaiting: return {"waiting for an approval", Style::kBad};
    case RunStatus::kInDoubt: return {"in doubt", Style::kBad};
    case RunStatus::kInterrupted: return {"interrupted; the next run goes on", Style::kWarning};
  }
  return {"in doubt", Style::kBad};
}

std::string WhyTheyStay(const RunReport& report) {
  if (!report.plan || report.plan->spec == nullptr) return {};
  const policies::SyncMode mode = report.plan->spec->mode;
  return mode == policies::SyncMode::kMirror ? " (`on_leave: {deleted: keep}`)"
                                             : " (mode " + std::string(Name(mode)) + "; `mirror` takes them back)";
}

void PrintCounts(const RunReport& report, bool dry_run, Terminal& terminal) {
  const RunCounts& counts = report.counts;
  terminal.Line("  read      " + WithThousands(counts.read) + " rows: " +
                CountsText({{counts.unchanged, "unchanged"},
                            {counts.created, "created"},
                            {counts.updated, "updated"},
                            {counts.withheld, "withheld"},
                            {counts.refused, "refused"},
                            {counts.rejected, "rejected"},
                            {counts.unknown, "delivery unknown"},
                            {counts.skipped, "skipped"},
                            {counts.not_attempted, "not attempted"}},
                           "none"));
  const std::string leaving = CountsText({{counts.deleted, "deleted"},
                                          {counts.withdrawn, "withdrawn"},
                                          {counts.blanked, "blanked"},
                                          {counts.suppressed, "suppressed"}},
                                         "");
  if (!leaving.empty()) terminal.Line("  leaving   " + leaving);
  if (counts.vanished > 0) {
    terminal.Line(Spans{{"  vanished  ", Style::kWarning},
                        {WithThousands(counts.vanished) + (counts.vanished == 1 ? " row is" : " rows are") +
                         " no longer in the model and stay at the destination" + WhyTheyStay(report)}});
  }
  terminal.Line(std::string(dry_run ? "  would send " : "  sent      ") + WithThousands(counts.sent()) +
                (dry_run ? std::string()
                         : " in " + WithThousands(counts.requests) + (counts.requests == 1 ? " request" : " requests") +
                               (counts.retried > 0 ? ", " + WithThousands(counts.retried) + " retried" : "")));
  if (counts.refused > 0) {
    terminal.Line(Spans{{"  refused   ", Style::kWarning},
                        {WithThousands(counts.refused) + ReasonsText(counts.refused_by)},
                        {"; they are tried again when they change"}});
  }
  if (counts.rejected > 0) {
    terminal.Line(Spans{{"  rejected  ", Style::kWarning},
                        {WithThousands(counts.rejected) + " by the destination" + ReasonsText(counts.rejected_by)}});
  }
  if (counts.recovered_unknown > 0) {
    terminal.Line(Spans{{"  recovered ", Style::kWarning},
                        {WithThousands(counts.recovered_unknown) +
                         " deliveries of an earlier run are unknown; the log says so"}});
  }
}

}  // namespace

std::string RootOf(const std::string& checkpoint) {
  std::size_t begin = 0;
  for (int line = 0; line < 2; ++line) {
    begin = checkpoint.find('\n', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  return checkpoint.substr(begin, checkpoint.find('\n', begin) - begin);
}

std::string CodeAndRequirements(const SyncPlan::Refusal& reason) {
  std::string out = reason.code;
  if (!reason.requirement.empty()) out += ", " + reason.requirement;
  for (const std::string& also : reason.also) out += ", " + also;
  return out;
}

void PrintRunReport(const RunReport& report, const policies::SyncSpec& sync, bool dry_run, Terminal& terminal) {
  terminal.Line({{SyncTitle(sync), Style::kBold}, {": "}, StatusSpan(report, dry_run),
                 {"  " + Seconds(report.total_seconds), Style::kDim}});
  for (const SyncPlan::Refusal& reason : report.reasons) {
    terminal.Line(Spans{{reason.holds ? "  - " : "  ! ", Style::kWarning},
                        {reason.text},
                        {" [" + CodeAndRequirements(reason) + "]", Style::kDim}});
  }
  const bool looked = report.counts.read > 0 || report.counts.sent() > 0 || report.status == RunStatus::kDone;
  if (looked) PrintCounts(report, dry_run, terminal);
  if (!report.checkpoint.empty()) {
    terminal.Line("  log       " + WithThousands(report.log_size) + " entries, root " + RootOf(report.checkpoint));
  }
}

std::string RunReportJson(const RunReport& report, const policies::SyncSpec& sync) {
  const RunCounts& counts = report.counts;
  ordered_json reasons = ordered_json::array();
  for (const SyncPlan::Refusal& reason : report.reasons) {
    reasons.push_back({{"code", reason.code}, {"text", reason.text}, {"holds", reason.holds}});
    if (!reason.requirement.empty()) reasons.back()["requirement"] = reason.requirement;
    if (!reason.also.empty()) reasons.back()["also"] = reason.also;
  }
  ordered_json out = {{"sync", report.sync.empty() ? sync.id : report.sync},
                      {"run", report.run_id},
                      {"status", std::string(Name(report.status))},
                      {"exit_status", ExitStatus(report.status)}};
  out["counts"] = {{"read", counts.read},
                   {"unchanged", counts.unchanged},
                   {"created", counts.created},
                   {"updated", counts.updated},
                   {"withheld", counts.withheld},
                   {"refused", counts.refused},
                   {"rejected", counts.rejected},
                   {"unknown", counts.unknown},
                   {"skipped", counts.skipped},
                   {"not_attempted", counts.not_attempted},
                   {"deleted", counts.deleted},
                   {"withdrawn", counts.withdrawn},
                   {"blanked", counts.blanked},
                   {"suppressed", counts.suppressed},
                   {"sent", counts.sent()},
                   {"requests", counts.requests},
                   {"retried", counts.retried},
                   {"recovered_unknown", counts.recovered_unknown},
                   {"vanished", counts.vanished}};
  out["refused_by"] = counts.refused_by;
  out["rejected_by"] = counts.rejected_by;
  out["unknown_by"] = counts.unknown_by;
  out["reasons"] = std::move(reasons);
  ordered_json approvals = ordered_json::array();
  for (const GrantedApproval& granted : report.approvals) {
    approvals.push_back({{"kind", std::string(Name(granted.approval.kind))},
                         {"document", granted.document},
                         {"approved_by", granted.principals},
                         {"requested_by", granted.approval.requested_by},
                         {"reason", granted.approval.reason},
                         {"lifts", granted.approval.lifts},
                         {"expires", audit::FormatTime(granted.approval.expires)}});
  }
  out["approvals"] = std::move(approvals);
  if (report.plan) {
    out["plan_digest"] = report.plan->plan_digest;
    out["effect_digest"] = report.plan->effect_digest;
  }
  if (!report.checkpoint.empty()) {
    out["log"] = {{"size", report.log_size}, {"root", RootOf(report.checkpoint)}, {"checkpoint", report.checkpoint}};
  }
  out["seconds"] = {
      {"scan", report.scan_seconds}, {"deliver", report.deliver_seconds}, {"total", report.total_seconds}};
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::gateway
