#include "gateway/commands/plan_report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gateway/evidence_runs.h"
#include "gateway/exit_status.h"
#include "gateway/table.h"
#include "gateway/terminal_progress.h"
#include "manifest/run_history.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;
using policies::ColumnDecision;
using policies::TransformKind;

std::string Joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

std::string ClassText(const ColumnDecision& decision) {
  std::string out;
  for (const policies::ClassEvidence& evidence : decision.classes) {
    out += (out.empty() ? "" : ", ") + evidence.name;
    if (!evidence.how.empty()) out += " (" + evidence.how + ")";
    if (!evidence.lifted.empty()) out += ", declassified";
  }
  return out.empty() ? "unclassified" : out;
}

std::string LimitText(const policies::Limit& limit) {
  char text[40];
  std::snprintf(text, sizeof text, std::floor(limit.value) == limit.value ? "%.0f%s" : "%g%s", limit.value,
                limit.percent ? "%" : "");
  return text;
}

std::string GuardsText(const policies::GateVerdict& gate) {
  const policies::Guards& guards = gate.guards;
  std::vector<std::string> parts;
  if (guards.max_deletes) parts.push_back("at most " + LimitText(*guards.max_deletes) + " deletes");
  if (guards.max_changes) parts.push_back("at most " + LimitText(*guards.max_changes) + " changes");
  if (guards.min_rows) parts.push_back("at least " + std::to_string(*guards.min_rows) + " rows");
  for (const policies::AnonymityGuard& guard : gate.anonymity) {
    parts.push_back("groups of at least " + std::to_string(guard.asked.k) + " by " + Joined(guard.asked.columns) + guard.note);
  }
  return parts.empty() ? "none" : Joined(parts);
}

bool NotSent(const ColumnDecision& decision) {
  return decision.use == policies::Use::kFilter || decision.use == policies::Use::kSubject;
}

void AddDecision(const ColumnDecision& decision, Table* table) {
  const std::string rules = Joined(decision.rules);
  if (decision.denied()) {
    table->AddRow({{decision.column, Style::kBold},
                   {NotSent(decision) ? "(" + std::string(Name(decision.use)) + ")" : decision.field},
                   {"DENIED", Style::kBad},
                   {rules},
                   {decision.reason, Style::kBad}});
    return;
  }
  std::string remark = ClassText(decision);
  if (!decision.conflict.empty()) remark += "; " + decision.conflict;
  const std::string field = NotSent(decision) ? "(" + std::string(Name(decision.use)) + ")"
                            : decision.use == policies::Use::kMatch ? decision.field + " (match)"
                                                                     : decision.field;
  // What is read only to decide has no form in which it leaves.
  const std::string form = NotSent(decision) ? "not sent" : decision.transform.ToText();
  const Style style = NotSent(decision) ? Style::kDim : form == "unchanged" ? Style::kWarning : Style::kGood;
  table->AddRow({{decision.column}, {field}, {form, style}, {rules}, {remark}});
}

void PrintColumns(const SyncPlan& plan, Terminal& terminal) {
  Table table({"COLUMN", "FIELD", "LEAVES AS", "RULE", "CLASS, OR WHY NOT"});
  for (const ColumnDecision& decision : plan.decision.columns) AddDecision(decision, &table);
  for (const policies::SyncSpec::Mapped& mapped : plan.spec->columns) {
    if (mapped.column.empty()) table.AddRow({{"(constant)"}, {mapped.field}, {"`" + mapped.constant + "`"}, {},
                                               {"the mapping's own text, the same for every row; no rule decides it"}});
  }
  if (!table.empty()) table.Print(terminal, 2);
}

// Which run of dbt each part of the evidence is from.
void PrintEvidenceRuns(const std::vector<EvidenceRun>& runs, Terminal& terminal) {
  const char* label = "  evidence  ";
  for (const EvidenceRun& of : runs) {
    std::string text = of.build ? "the build" : "";
    for (const auto& [verdict, count] : of.tests) {
      text += (text.empty() ? "" : ", ") + std::to_string(count) + (count == 1 ? " test " : " tests ") + verdict;
    }
    if (text.empty()) continue;
    terminal.Line(Spans{{label}, {text + ": " + manifest::RunText(*of.run)}, {", invocation " + of.run->invocation_id, Style::kDim}});
    label = "            ";
  }
}

std::string CodeAndRequirements(const policies::GateReason& reason) {
  std::string out = reason.code;
  for (const std::string& requirement : policies::RequirementsOf(reason)) out += ", " + requirement;
  return out;
}

void PrintGate(const SyncPlan& plan, Terminal& terminal) {
  terminal.Line({{"  gate      "},
                 plan.gate.open ? Span{"open", Style::kGood} : Span{"held", Style::kBad},
                 {plan.gate.open ? ": dbt's evidence holds (" + std::to_string(plan.gate.tests.size()) + " tests asked for)"
                                 : ": not everything that is required holds"}});
  for (const policies::GateReason& reason : plan.gate.reasons) {
    terminal.Line({{"    "},
                   {reason.holds ? "- " : "! ", reason.holds ? Style::kBad : Style::kWarning},
                   {reason.text},
                   {" [" + CodeAndRequirements(reason) + "]", Style::kDim}});
  }
  if (plan.gate.wait) {
    terminal.Line("    a run waits up to " + ShortDuration(*plan.gate.wait) + " for the evidence that is missing");
  }
}

void PrintForecast(const Forecast& forecast, Terminal& terminal) {
  if (!forecast.known) {
    terminal.Line(Spans{{"  next run  "}, {"not foreseen: " + forecast.why_unknown, Style::kDim}});
    return;
  }
  bool first = true;
  for (const Forecast::Item& item : forecast.items) {
    const bool takes = item.kind == Forecast::Kind::kBlanked || item.kind == Forecast::Kind::kDeleted ||
                       item.kind == Forecast::Kind::kSuppressed || item.kind == Forecast::Kind::kMoved;
    terminal.Line(Spans{{first ? "  next run  " : "            "}, {item.text, takes ? Style::kWarning : Style::kPlain}});
    first = false;
  }
}

ordered_json ForecastJson(const Forecast& forecast) {
  if (!forecast.known) return {{"known", false}, {"reason", forecast.why_unknown}};
  ordered_json items = ordered_json::array();
  for (const Forecast::Item& item : forecast.items) {
    items.push_back({{"kind", std::string(Name(item.kind))},
                     {"field", item.field.empty() ? ordered_json() : ordered_json(item.field)},
                     {"rows_at_most", item.rows},
                     {"text", item.text}});
  }
  return {{"known", true}, {"present", forecast.present}, {"items", std::move(items)}};
}

ordered_json DecisionJson(const ColumnDecision& decision) {
  ordered_json classes = ordered_json::array();
  for (const policies::ClassEvidence& evidence : decision.classes) {
    classes.push_back({{"name", evidence.name}, {"permissive", evidence.permissive}, {"declared", evidence.declared},
                       {"how", evidence.how},
                       {"lifted", evidence.lifted.empty() ? ordered_json() : ordered_json(evidence.lifted)}});
  }
  ordered_json out = {{"column", decision.column}, {"use", std::string(Name(decision.use))}};
  if (!NotSent(decision)) out["field"] = decision.field;
  out["transform"] = decision.denied() ? "deny" : NotSent(decision) ? "not sent" : decision.transform.ToText();
  out["denied"] = decision.denied();
  out["classes"] = std::move(classes);
  out["rules"] = decision.rules;
  if (!decision.reason.empty()) out["reason"] = decision.reason;
  if (!decision.conflict.empty()) out["conflict"] = decision.conflict;
  if (!decision.unfit.empty()) out["unfit"] = decision.unfit;
  return out;
}

ordered_json GateJson(const policies::GateVerdict& gate) {
  ordered_json reasons = ordered_json::array();
  for (const policies::GateReason& reason : gate.reasons) {
    ordered_json item = {{"code", reason.code}, {"text", reason.text}, {"holds", reason.holds}};
    if (!reason.requirement.empty()) item["requirement"] = reason.requirement;
    if (!reason.also.empty()) item["also"] = reason.also;
    if (reason.waiver != nullptr) item["waiver"] = reason.waiver->id;
    if (reason.observed) item["observed"] = true;
    reasons.push_back(std::move(item));
  }
  ordered_json tests = ordered_json::array();
  for (const manifest::TestEvidence& test : gate.tests) {
    ordered_json item = {{"test", test.test == nullptr ? "" : test.test->unique_id},
                         {"verdict", std::string(Name(test.verdict))}};
    if (!test.completed_at.empty()) item["completed_at"] = test.completed_at;
    if (!test.reason.empty()) item["reason"] = test.reason;
    if (!test.invocation_id.empty()) item["invocation_id"] = test.invocation_id;
    tests.push_back(std::move(item));
  }
  ordered_json guards = ordered_json::object();
  if (gate.guards.max_deletes) guards["max_deletes"] = LimitText(*gate.guards.max_deletes);
  if (gate.guards.max_changes) guards["max_changes"] = LimitText(*gate.guards.max_changes);
  if (gate.guards.min_rows) guards["min_rows"] = *gate.guards.min_rows;
  ordered_json anonymity = ordered_json::array();
  for (const policies::AnonymityGuard& guard : gate.anonymity) {
    anonymity.push_back({{"requirement", guard.requirement}, {"columns", guard.asked.columns}, {"k", guard.asked.k},
                         {"holds", guard.holds}});
  }
  ordered_json build = {{"succeeded", gate.build.succeeded}, {"status", gate.build.status}};
  if (!gate.build.completed_at.empty()) build["completed_at"] = gate.build.completed_at;
  if (gate.build.run != nullptr) build["invocation_id"] = gate.build.run->invocation_id;
  ordered_json out = {{"open", gate.open}, {"reasons", std::move(reasons)}, {"build", std::move(build)},
                      {"tests", std::move(tests)},
                      {"guards", std::move(guards)}, {"k_anonymity", std::move(anonymity)}};
  if (gate.wait) out["wait_seconds"] = gate.wait->count();
  return out;
}

}  // namespace

std::string SyncTitle(const policies::SyncSpec& sync) {
  std::string title = sync.name + " -> " + sync.destination;
  // `../x` after a slash would read as a way out of the destination, which it is not.
  const bool plain = !sync.object.starts_with('.') && std::all_of(sync.object.begin(), sync.object.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
  if (!sync.object.empty()) title += plain ? "/" + sync.object : ", object `" + sync.object + "`";
  if (!sync.purpose.empty()) title += " (" + sync.purpose + ")";
  return title;
}

int PlanStatus(const SyncPlan& plan) {
  if (!plan.refusals.empty()) return kExitConfig;
  return plan.gate.open ? kExitGood : kExitHeld;
}

void PrintPlan(const SyncPlan& plan, const Forecast& forecast, const Workspace& workspace, Terminal& terminal) {
  const policies::SyncSpec& sync = *plan.spec;
  terminal.Line(Spans{{SyncTitle(sync), Style::kBold}});
  const std::string model = plan.decision.model == nullptr ? sync.model_id : plan.decision.model->name.str();
  terminal.Line("  reads     " + model + (plan.relation.empty() ? "" : " at " + plan.relation));
  const auto destination = workspace.config.destinations.find(sync.destination);
  if (destination != workspace.config.destinations.end()) {
    const DestinationConfig& config = destination->second;
    terminal.Line("  sends to  " + config.kind + " " + (config.kind == "file" ? config.path : config.url) + ", mode " +
                  std::string(Name(sync.mode)));
  }
  PrintColumns(plan, terminal);
  for (std::size_t i = 0; i < plan.decision.row_filters.size(); ++i) {
    const std::string rule = i < plan.decision.row_rules.size() ? " [" + plan.decision.row_rules[i] + "]" : "";
    terminal.Line("  rows      only where " + plan.decision.row_filters[i].ToYaml() + rule);
  }
  if (plan.decision.row_filters.empty()) terminal.Line("  rows      all");
  terminal.Line("  guards    " + GuardsText(plan.gate));
  PrintGate(plan, terminal);
  PrintEvidenceRuns(EvidenceRuns(workspace.artifacts, plan.gate), terminal);
  PrintForecast(forecast, terminal);
  for (const std::string& warning : plan.warnings) {
    terminal.Line(Spans{{"  warning   ", Style::kWarning}, {warning}});
  }
  for (const SyncPlan::Refusal& refusal : plan.refusals) {
    terminal.Line(Spans{{"  refused   ", Style::kBad}, {refusal.text}, {" [" + refusal.code + "]", Style::kDim}});
  }
}

std::string PlanJson(const SyncPlan& plan, const Forecast& forecast, const Workspace& workspace) {
  const policies::SyncSpec& sync = *plan.spec;
  ordered_json out = {{"sync", sync.id},
                      {"name", sync.name},
                      {"model", sync.model_id},
                      {"relation", plan.relation},
                      {"destination", sync.destination},
                      {"object", sync.object},
                      {"purpose", sync.purpose},
                      {"mode", std::string(Name(sync.mode))}};
  const auto destination = workspace.config.destinations.find(sync.destination);
  if (destination != workspace.config.destinations.end()) out["origin"] = destination->second.Origin();
  ordered_json columns = ordered_json::array();
  for (const ColumnDecision& decision : plan.decision.columns) columns.push_back(DecisionJson(decision));
  out["columns"] = std::move(columns);
  ordered_json constants = ordered_json::array();
  for (const policies::SyncSpec::Mapped& mapped : sync.columns) {
    if (mapped.column.empty()) constants.push_back({{"field", mapped.field}, {"constant", mapped.constant}});
  }
  out["constants"] = std::move(constants);
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < plan.decision.row_filters.size(); ++i) {
    ordered_json item = {{"where", plan.decision.row_filters[i].ToYaml()}};
    if (i < plan.decision.row_rules.size()) item["rule"] = plan.decision.row_rules[i];
    rows.push_back(std::move(item));
  }
  out["rows"] = std::move(rows);
  out["gate"] = GateJson(plan.gate);
  ordered_json refusals = ordered_json::array();
  for (const SyncPlan::Refusal& refusal : plan.refusals) {
    refusals.push_back({{"code", refusal.code}, {"text", refusal.text}});
  }
  out["refusals"] = std::move(refusals);
  out["warnings"] = plan.warnings;
  out["forecast"] = ForecastJson(forecast);
  out["plan_digest"] = plan.plan_digest;
  out["effect_digest"] = plan.effect_digest;
  out["exit_status"] = PlanStatus(plan);
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::gateway
