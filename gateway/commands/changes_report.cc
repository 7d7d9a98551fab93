#include "gateway/commands/changes_report.h"

#include <nlohmann/json.hpp>
#include <algorithm>

namespace weir::gateway {
namespace {

using manifest::Change;
using manifest::Value;
using nlohmann::ordered_json;

ordered_json Json(const Value& value) {
  return ordered_json::parse(value.CanonicalJson(), nullptr, /*allow_exceptions=*/false);
}

ordered_json SideJson(const manifest::Project& project) {
  return {{"manifest", project.path},
          {"digest", project.digest},
          {"schema", project.metadata.schema},
          {"dbt_version", project.metadata.dbt_version},
          {"adapter_type", project.metadata.adapter_type},
          {"generated_at", project.metadata.generated_at}};
}

// What a reviewer wants to look at first: less is tested, less is marked, more is given.
bool Loosens(manifest::ChangeKind kind) {
  using manifest::ChangeKind;
  return kind == ChangeKind::kRemoved || kind == ChangeKind::kDisabled || kind == ChangeKind::kTestDowngraded ||
         kind == ChangeKind::kColumnRemoved;
}

std::string Shown(const Value& value) {
  if (value.IsNull()) return "";
  std::string text = value.kind() == Value::Kind::kString ? value.text() : value.CanonicalJson();
  static constexpr std::size_t kMost = 160;
  if (text.size() > kMost) text = text.substr(0, kMost) + "…";
  return text;
}

std::string Transition(const Change& change) {
  const std::string before = Shown(change.before), after = Shown(change.after);
  if (before.empty()) return after == "enabled" ? "" : after;
  if (after.empty()) return before == "enabled" ? "" : "was " + before;
  return before + " → " + after;
}

}  // namespace

void PrintChanges(const ChangesReport& report, Terminal& out) {
  std::string node;
  std::size_t nodes = 0;
  for (const Change& change : report.diff.changes) {
    if (change.node != node) {
      if (nodes++ > 0) out.Line();
      out.Line(Spans{{change.node, Style::kBold}});
      node = change.node;
    }
    std::string what = Name(change);
    std::replace(what.begin(), what.end(), '_', ' ');
    Spans line = {{"  "}, {what, Loosens(change.kind) ? Style::kWarning : Style::kPlain}};
    if (!change.column.empty()) line.push_back({"  " + change.column});
    if (const std::string transition = Transition(change); !transition.empty()) line.push_back({"  " + transition, Style::kDim});
    out.Line(line);
  }
  if (nodes == 0) return;
  const std::size_t changes = report.diff.changes.size();
  out.Line();
  out.Line(std::to_string(changes) + (changes == 1 ? " change" : " changes") + " of " + std::to_string(nodes) +
           (nodes == 1 ? " resource" : " resources"));
}

std::string ChangesJson(const ChangesReport& report) {
  ordered_json changes = ordered_json::array();
  for (const Change& change : report.diff.changes) {
    changes.push_back({{"kind", Name(change)},
                       {"node", change.node},
                       {"column", change.column.empty() ? ordered_json() : ordered_json(change.column)},
                       {"before", Json(change.before)},
                       {"after", Json(change.after)}});
  }
  const ordered_json document = {{"document", "weir.changes"},      {"version", 1},
                                 {"base", SideJson(report.base)},   {"head", SideJson(report.head)},
                                 {"changes", std::move(changes)},   {"warnings", report.diff.warnings}};
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::gateway
