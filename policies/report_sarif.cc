#include <map>
#include <string>

#include "policies/json_writer.h"
#include "policies/report.h"
#include "policies/report_escape.h"

namespace weir::policies {
namespace {

void WriteText(std::string_view key, std::string_view text, JsonWriter* json) {
  json->BeginObject(key);
  json->Text("text", text);
  json->EndObject();
}

std::string Sentence(std::string_view text) {
  std::string out = EscapeSarifMessage(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
  return out + ".";
}

void WriteRule(const std::string& id, const Finding& finding, JsonWriter* json) {
  const FindingRule* const known = FindFindingRule(id);
  const std::string what = known != nullptr ? std::string(known->what)
                           : finding.why.empty() ? "rule " + id + " of the policy"
                                                 : finding.why;
  const std::string then = known != nullptr ? std::string(known->then)
                           : !finding.about.empty()
                               ? "do as the message says, or ask the owners of requirement " + id + " for a waiver"
                               : "take the column out, or ask the owners of rule " + id + " of the policy";
  json->BeginObject();
  json->Text("id", id);
  WriteText("shortDescription", Sentence(what), json);
  WriteText("fullDescription", Sentence(what), json);
  WriteText("help", Sentence(then), json);
  json->BeginObject("properties");
  json->Texts("tags", {"data-egress"});
  json->EndObject();
  json->EndObject();
}

void WriteResult(const Finding& finding, std::size_t rule_index, const ReportSettings& settings, bool any_suppressed,
                 JsonWriter* json) {
  json->BeginObject();
  json->Text("ruleId", finding.rule);
  json->Integer("ruleIndex", rule_index);
  json->Text("level", Name(finding.level));
  WriteText("message", Sentence(finding.message), json);
  json->BeginArray("locations");
  json->BeginObject();
  json->BeginObject("physicalLocation");
  json->BeginObject("artifactLocation");
  json->Text("uri", EscapeUri(finding.path.empty() ? settings.otherwise_path : finding.path));
  json->Text("uriBaseId", "SRCROOT");
  json->EndObject();
  json->BeginObject("region");
  json->Integer("startLine", finding.line == 0 ? 1 : finding.line);
  if (finding.line_column != 0) json->Integer("startColumn", finding.line_column);
  json->EndObject();
  json->EndObject();
  json->BeginArray("logicalLocations");
  json->BeginObject();
  json->Text("fullyQualifiedName", finding.column.empty() ? finding.target : finding.target + "/" + finding.column);
  json->EndObject();
  json->EndArray();
  json->EndObject();
  json->EndArray();
  json->BeginObject("partialFingerprints");
  json->Text("weir/v1", finding.fingerprint);
  json->EndObject();
  // SARIF 2.1.0, section 3.27.23: of one run, every result says whether it is suppressed, or none does.
  if (any_suppressed) {
    json->BeginArray("suppressions");
    if (!finding.suppressed_by.empty()) {
      json->BeginObject();
      json->Text("kind", "external");
      json->Text("status", "accepted");
      json->Text("justification", EscapeSarifMessage(finding.suppression));
      json->EndObject();
    }
    json->EndArray();
  }
  json->Text("baselineState", finding.status == FindingStatus::kNew ? "new" : "unchanged");
  json->BeginObject("properties");
  json->Text("target", finding.target);
  json->TextOrNull("column", finding.column);
  json->TextOrNull("destination", finding.destination);
  json->EndObject();
  json->EndObject();
}

}  // namespace

std::string RenderSarif(const CheckReport& report, const ReportSettings& settings) {
  std::map<std::string, std::pair<std::size_t, const Finding*>> rules;
  for (const Finding& finding : report.findings) {
    if (finding.status != FindingStatus::kFixed) rules.try_emplace(finding.rule, 0, &finding);
  }
  std::size_t count = 0;
  for (auto& [id, rule] : rules) rule.first = count++;

  JsonWriter json;
  json.BeginObject();
  json.Text("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
  json.Text("version", "2.1.0");
  json.BeginArray("runs");
  json.BeginObject();
  json.BeginObject("tool");
  json.BeginObject("driver");
  json.Text("name", "Weir");
  json.Text("semanticVersion", settings.version);
  json.BeginArray("rules");
  for (const auto& [id, rule] : rules) WriteRule(id, *rule.second, &json);
  json.EndArray();
  json.EndObject();
  json.EndObject();
  json.BeginObject("automationDetails");
  json.Text("id", "weir-check/");
  json.EndObject();
  json.BeginObject("originalUriBaseIds");
  json.BeginObject("SRCROOT");
  WriteText("description", "The folder that paths are relative to.", &json);
  json.EndObject();
  json.EndObject();
  json.Text("columnKind", "unicodeCodePoints");
  json.BeginArray("results");
  for (const Finding& finding : report.findings) {
    if (finding.status == FindingStatus::kFixed) continue;
    WriteResult(finding, rules.at(finding.rule).first, settings, report.Suppressed() != 0, &json);
  }
  json.EndArray();
  json.EndObject();
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

}  // namespace weir::policies
