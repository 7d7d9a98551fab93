#include "policies/report_egress.h"

#include <algorithm>

#include "policies/json_writer.h"

namespace weir::policies {
namespace {

std::string ClassText(const RegisterField& field) {
  std::vector<std::string> texts;
  for (const ClassEvidence& evidence : field.classes) {
    texts.push_back(AsCode(evidence.name) + (evidence.how.empty() ? "" : " (" + evidence.how + ")") +
                    (evidence.lifted.empty() ? "" : ", declassified"));
  }
  if (!texts.empty()) return JoinedOr(texts, "");
  return field.column == "constant" ? "" : "unclassified";
}

std::vector<std::string> Codes(const std::vector<std::string>& items) {
  std::vector<std::string> out;
  for (const std::string& item : items) out.push_back(AsCode(item));
  return out;
}

std::size_t DeniedIn(const RegisterEntry& entry) {
  return static_cast<std::size_t>(
      std::count_if(entry.fields.begin(), entry.fields.end(), [](const RegisterField& field) { return field.denied; }));
}

ReportPage::Section SummaryOf(const EgressRegister& egress) {
  ReportPage::Section out;
  out.title = "Summary";
  ReportPage::Table table;
  table.header = {"From", "To", "Purpose", "Models", "Fields", "Denied", "Runs"};
  for (const RegisterEntry& entry : egress.entries) {
    const std::size_t denied = DeniedIn(entry);
    table.rows.push_back({AsCode(entry.target), entry.destination_name.empty() ? "nobody says" : AsCode(entry.destination_name),
                          AsCode(entry.purpose), JoinedOr(Codes(entry.models), "none"),
                          std::to_string(entry.fields.size() - denied), std::to_string(denied),
                          !entry.is_sync ? "shown" : entry.refusals.empty() ? "yes" : "refused"});
  }
  if (table.rows.empty()) out.remarks.push_back("no exposure and no sync: nothing leaves");
  out.tables.push_back(std::move(table));
  return out;
}

ReportPage::Section SectionOf(const RegisterEntry& entry) {
  ReportPage::Section out;
  out.title = entry.target;
  if (!entry.destination_name.empty()) out.facts.emplace_back("To", AsCode(entry.destination_name));
  if (entry.destination != nullptr) {
    out.facts.emplace_back("Origin", AsCode(entry.destination->origin));
    out.facts.emplace_back("Read by", JoinedOr(Codes(entry.destination->readers), "nobody"));
  }
  if (!entry.purpose.empty()) out.facts.emplace_back("Purpose", AsCode(entry.purpose));
  for (const RegisterEntry::RowRule& row : entry.rows) {
    out.facts.emplace_back("Rows", "only where " + AsCode(row.condition) + " (" + AsCode(row.rule) + ")");
  }
  if (entry.is_sync && entry.rows.empty()) out.facts.emplace_back("Rows", "all");
  ReportPage::Table table;
  table.header = {"Column", "Type", "Field", "Class", entry.is_sync ? "Leaves as" : "Shown as", "Rules", "Why"};
  for (const RegisterField& field : entry.fields) {
    table.rows.push_back({AsCode(field.column), AsCode(field.data_type),
                          AsCode(field.field) + (field.use == Use::kMatch ? " (match)" : ""), ClassText(field),
                          field.denied ? "DENIED" : AsCode(field.transform), JoinedOr(Codes(field.rules), ""), field.reason});
  }
  out.tables.push_back(std::move(table));
  for (const std::string& refusal : entry.refusals) out.remarks.push_back("refused: " + refusal);
  return out;
}

void WriteField(const RegisterField& field, JsonWriter* json) {
  json->BeginObject();
  json->Text("column", field.column);
  json->Text("field", field.field);
  json->Text("use", Name(field.use));
  json->TextOrNull("data_type", field.data_type);
  json->BeginArray("classes");
  for (const ClassEvidence& evidence : field.classes) {
    json->BeginObject();
    json->Text("name", evidence.name);
    json->Bool("permissive", evidence.permissive);
    json->Bool("declared", evidence.declared);
    json->Text("how", evidence.how);
    json->TextOrNull("lifted", evidence.lifted);
    json->EndObject();
  }
  json->EndArray();
  json->Text("transform", field.transform);
  json->Bool("denied", field.denied);
  json->Texts("rules", field.rules);
  json->Text("reason", field.reason);
  json->EndObject();
}

}  // namespace

ReportPage EgressPage(const EgressRegister& egress) {
  ReportPage out;
  out.title = "What leaves: " + (egress.project.empty() ? "project without a name" : egress.project);
  out.preface.push_back("Every field of every sync, and every column that a dashboard shows, with the form and the rule that "
                        "decides (manifest of " + (egress.generated_at.empty() ? "unknown date" : egress.generated_at) +
                        "; policy " + AsCode(egress.policy_digest.substr(0, 16)) +
                        "). What no rule gives does not leave. Types are declared ones: a run may choose a stricter form "
                        "that fits the warehouse's type.");
  out.sections.push_back(SummaryOf(egress));
  for (const RegisterEntry& entry : egress.entries) out.sections.push_back(SectionOf(entry));
  return out;
}

std::string EgressJson(const EgressRegister& egress) {
  JsonWriter json;
  json.BeginObject();
  json.Text("document", "weir.report.egress");
  json.Integer("version", 1);
  json.Text("project", egress.project);
  json.TextOrNull("generated_at", egress.generated_at);
  json.Text("manifest_digest", egress.manifest_digest);
  json.Text("policy_digest", egress.policy_digest);
  json.BeginArray("egress");
  for (const RegisterEntry& entry : egress.entries) {
    json.BeginObject();
    json.Text("target", entry.target);
    json.Text("kind", entry.is_sync ? "sync" : "shown");
    json.TextOrNull("destination", entry.destination_name);
    json.TextOrNull("origin", entry.destination == nullptr ? "" : entry.destination->origin);
    json.TextOrNull("purpose", entry.purpose);
    json.Texts("models", entry.models);
    json.BeginArray("rows");
    for (const RegisterEntry::RowRule& row : entry.rows) {
      json.BeginObject();
      json.Text("where", row.condition);
      json.Text("rule", row.rule);
      json.EndObject();
    }
    json.EndArray();
    json.BeginArray("fields");
    for (const RegisterField& field : entry.fields) WriteField(field, &json);
    json.EndArray();
    json.Texts("refusals", entry.refusals);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

}  // namespace weir::policies
