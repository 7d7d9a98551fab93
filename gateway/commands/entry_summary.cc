#include "gateway/commands/entry_summary.h"

#include <string_view>
#include <utility>

namespace weir::gateway {
namespace {

using audit::JsonValue;

std::string Text(const JsonValue& value, std::string_view name) { return std::string(value.TextOr(name, "")); }

std::string Number(const JsonValue& value, std::string_view name) {
  const std::optional<std::uint64_t> number = value.Integer(name);
  return number ? std::to_string(*number) : "?";
}

std::string Counts(const JsonValue* counts) {
  std::string out;
  if (counts == nullptr) return out;
  for (const auto& [name, count] : counts->members) {
    if (count.kind != JsonValue::Kind::kInteger || count.integer == 0) continue;
    out += (out.empty() ? "" : ", ") + name + " " + std::to_string(count.integer);
  }
  return out;
}

std::size_t Size(const JsonValue* list) { return list == nullptr ? 0 : list->items.size(); }

std::string GateSummary(const JsonValue& value) {
  std::string out = Text(value, "verdict");
  if (const JsonValue* reasons = value.Find("reasons")) {
    for (const JsonValue& reason : reasons->items) out += " " + Text(reason, "code");
  }
  return out;
}

std::string OutcomeSummary(const JsonValue& value) {
  std::string out = Text(value, "result") + ": " + Text(value, "op") + " " + Text(value, "record") + ", intent " +
                    Number(value, "intent") + "/" + Number(value, "pos");
  if (const std::string code = Text(value, "code"); !code.empty()) out += ", " + code;
  return out;
}

std::string Persons(const JsonValue* list) {
  std::string out;
  if (list == nullptr) return out;
  for (const JsonValue& person : list->items) out += (out.empty() ? "" : ", ") + person.string;
  return out;
}

std::string ApprovalSummary(const JsonValue& value) {
  std::string counts;
  for (const char* name : {"deletes", "changes", "rows"}) {
    if (const auto count = value.Integer(name)) counts += (counts.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(*count);
  }
  if (Text(value, "action") == "waiting") return "waits for an approval: " + counts;
  return counts + " approved by " + Persons(value.Find("principals")) + ", asked for by " + Text(value, "requested_by") + ": " +
         Text(value, "reason") + " (document " + Text(value, "document").substr(0, 16) + ")";
}

std::string OverrideSummary(const JsonValue& value) {
  return Persons(value.Find("lifted")) + " lifted by " + Persons(value.Find("principals")) + ", asked for by " +
         Text(value, "requested_by") + ": " + Text(value, "reason") + " (document " + Text(value, "document").substr(0, 16) + ")";
}

}  // namespace

std::string SummaryOf(const audit::Entry& entry) {
  const JsonValue& value = entry.value;
  if (entry.kind == "run_start") return Text(value, "mode") + " of " + Text(value, "sync") + " by " + Text(value, "actor");
  if (entry.kind == "plan") {
    return Text(value, "model") + " -> " + Text(value, "destination") + "/" + Text(value, "object") + " (" +
           Text(value, "purpose") + "), " + std::to_string(Size(value.Find("columns"))) + " columns, policy " +
           Text(value, "policy_digest").substr(0, 12);
  }
  if (entry.kind == "gate") return GateSummary(value);
  if (entry.kind == "evidence") return "dbt " + Text(value, "which") + ": " + Counts(value.Find("tests"));
  if (entry.kind == "intent") {
    return Text(value, "op") + " of " + std::to_string(Size(value.Find("records"))) + " records, request " +
           Text(value, "request") + ", attempt " + Number(value, "attempt");
  }
  if (entry.kind == "outcome") return OutcomeSummary(value);
  if (entry.kind == "baseline") return Number(value, "records") + " records are there already";
  if (entry.kind == "run_end") return Text(value, "result") + ": " + Counts(value.Find("counts"));
  if (entry.kind == "approval") return ApprovalSummary(value);
  if (entry.kind == "override") return OverrideSummary(value);
  if (entry.kind == "recovery") return "a torn tail of " + Number(value, "cut_bytes") + " bytes was cut";
  if (entry.kind == "key") return Text(value, "action") + " " + Text(value, "purpose");
  return {};
}

}  // namespace weir::gateway
