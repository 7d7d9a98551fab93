#include "policies/report_ropa.h"

#include <algorithm>
#include <map>
#include <utility>

#include "policies/json_writer.h"

namespace weir::policies {
namespace {

constexpr const char* kNotStated = "not stated in the policy";
constexpr const char* kRetention = "unknown: neither policy nor manifest says how long the recipient keeps data";

std::string Or(const std::string& text, const std::string& otherwise) { return text.empty() ? otherwise : text; }

std::string TransferText(const DestinationFacts& destination, const std::string& today) {
  if (destination.transfer_mechanism.empty()) return "no mechanism stated";
  std::string out = destination.transfer_mechanism;
  if (!destination.transfer_until.empty()) out += ", until " + destination.transfer_until;
  if (TransferHasEnded(destination, today)) out += " (ended: the gate holds every sync)";
  return out;
}

std::string LeaveText(const DestinationFacts& destination) {
  return "row gone: " + std::string(Name(destination.on_deleted)) + "; row withheld: " +
         std::string(Name(destination.on_withheld)) + "; column denied: " + std::string(Name(destination.on_denied));
}

std::string ClassText(const RegisterField& field) {
  if (field.column == "constant") return "constant";
  std::vector<std::string> names;
  for (const ClassEvidence& evidence : field.classes) {
    if (evidence.lifted.empty()) names.push_back(evidence.name);
  }
  return JoinedOr(names, "unclassified");
}

// What goes to the recipient, grouped by what it is and in which form: a register speaks of categories.
struct Category {
  std::vector<std::string> columns, fields, rules;
  std::string transform;
  bool restrictive = false;
};

void AddOnce(const std::string& item, std::vector<std::string>* into) {
  if (std::find(into->begin(), into->end(), item) == into->end()) into->push_back(item);
}

std::map<std::pair<std::string, std::string>, Category> CategoriesOf(const RegisterEntry& entry) {
  std::map<std::pair<std::string, std::string>, Category> out;
  for (const RegisterField& field : entry.fields) {
    if (field.denied) continue;
    Category& category = out[{ClassText(field), field.transform}];
    category.transform = field.transform;
    category.restrictive = std::any_of(field.classes.begin(), field.classes.end(),
                                       [](const ClassEvidence& evidence) { return !evidence.permissive && evidence.lifted.empty(); });
    AddOnce(field.column, &category.columns);
    AddOnce(field.field, &category.fields);
    for (const std::string& rule : field.rules) AddOnce(rule, &category.rules);
  }
  return out;
}

std::vector<std::string> DeniedOf(const RegisterEntry& entry) {
  std::vector<std::string> out;
  for (const RegisterField& field : entry.fields) {
    if (field.denied) out.push_back(field.column);
  }
  return out;
}

struct Lifted {
  std::string column, of_class, by;
};

// What leaves and no longer counts as what it is made of.
std::vector<Lifted> LiftedOf(const RegisterEntry& entry) {
  std::vector<Lifted> out;
  for (const RegisterField& field : entry.fields) {
    if (field.denied) continue;
    for (const ClassEvidence& evidence : field.classes) {
      if (!evidence.lifted.empty()) out.push_back({field.column, evidence.name, evidence.lifted});
    }
  }
  return out;
}

std::vector<std::string> Codes(const std::vector<std::string>& items) {
  std::vector<std::string> out;
  for (const std::string& item : items) out.push_back(AsCode(item));
  return out;
}

ReportPage::Section RecipientsSection(const EgressRegister& egress) {
  ReportPage::Section out;
  out.title = "Recipients";
  ReportPage::Table table;
  table.header = {"Recipient", "Legal name", "Country", "Relation", "Trust", "Readers", "Transfer", "Receives from"};
  for (const DestinationFacts* one : egress.recipients) {
    std::vector<std::string> from;
    for (const RegisterEntry& entry : egress.entries) {
      if (entry.destination == one) from.push_back(AsCode(entry.target));
    }
    table.rows.push_back({AsCode(one->name), Or(one->legal_name, kNotStated), Or(one->country, kNotStated),
                          Or(one->relation, kNotStated), one->trust, JoinedOr(Codes(one->readers), "none"),
                          TransferText(*one, egress.today), JoinedOr(from, "nothing")});
  }
  if (table.rows.empty()) out.remarks.push_back("the policy has no destination: nothing leaves");
  out.tables.push_back(std::move(table));
  return out;
}

void AddRecipient(const RegisterEntry& entry, const std::string& today, ReportPage::Section* out) {
  const DestinationFacts* const destination = entry.destination;
  if (destination == nullptr) {
    out->facts.emplace_back("Recipient", entry.destination_name.empty()
                                             ? "unknown: nobody says who sees it"
                                             : AsCode(entry.destination_name) + ", which the policy does not know");
    return;
  }
  out->facts.emplace_back("Recipient", AsCode(destination->name) + ": " + Or(destination->legal_name, kNotStated));
  out->facts.emplace_back("Country", Or(destination->country, kNotStated));
  out->facts.emplace_back("Relation", Or(destination->relation, kNotStated));
  out->facts.emplace_back("Transfer", TransferText(*destination, today));
}

ReportPage::Section SectionOf(const RegisterEntry& entry, const std::string& today) {
  ReportPage::Section out;
  out.title = entry.target;
  if (!entry.description.empty()) out.facts.emplace_back("Description", entry.description);
  out.facts.emplace_back("Contact", Or(entry.owner, "not stated in the project"));
  out.facts.emplace_back("Purpose", entry.purpose.empty() ? "none declared" : AsCode(entry.purpose));
  out.facts.emplace_back("Legal basis", Or(entry.legal_basis, kNotStated));
  AddRecipient(entry, today, &out);
  out.facts.emplace_back("Data subjects", JoinedOr(Codes(entry.subjects), "none declared"));
  out.facts.emplace_back("Data from", JoinedOr(Codes(entry.models), "no model"));
  for (const RegisterEntry::RowRule& row : entry.rows) {
    out.facts.emplace_back("Only rows where", AsCode(row.condition) + " (" + AsCode(row.rule) + ")");
  }
  out.facts.emplace_back("Retention", kRetention);
  if (entry.is_sync && entry.destination != nullptr) {
    out.facts.emplace_back("Erasure", LeaveText(*entry.destination));
  }
  ReportPage::Table table;
  table.header = {"Category", "Restricted", "Columns", entry.is_sync ? "Leaves as" : "Shown as", "Rules"};
  for (const auto& [key, category] : CategoriesOf(entry)) {
    table.rows.push_back({AsCode(key.first), category.restrictive ? "yes" : key.first == "unclassified" ? "unknown" : "no", JoinedOr(Codes(category.columns), ""),
                          AsCode(category.transform), JoinedOr(Codes(category.rules), "")});
  }
  out.tables.push_back(std::move(table));
  if (const std::vector<std::string> denied = DeniedOf(entry); !denied.empty()) {
    out.remarks.push_back((entry.is_sync ? "asked for and not sent: " : "shown and not allowed: ") + JoinedOr(Codes(denied), ""));
  }
  for (const Lifted& one : LiftedOf(entry)) {
    out.remarks.push_back(AsCode(one.column) + " is made of " + AsCode(one.of_class) + ", and " + one.by);
  }
  for (const std::string& refusal : entry.refusals) {
    out.remarks.push_back((entry.is_sync ? "does not run as it stands: " : "may not be shown as it stands: ") + refusal);
  }
  return out;
}

void WriteRecipient(const DestinationFacts& one, const std::string& today, JsonWriter* json) {
  json->Text("name", one.name);
  json->TextOrNull("legal_name", one.legal_name);
  json->TextOrNull("country", one.country);
  json->TextOrNull("relation", one.relation);
  json->Text("trust", one.trust);
  json->Text("origin", one.origin);
  json->Texts("readers", one.readers);
  if (one.transfer_mechanism.empty()) {
    json->TextOrNull("transfer", "");
  } else {
    json->BeginObject("transfer");
    json->Text("mechanism", one.transfer_mechanism);
    json->TextOrNull("until", one.transfer_until);
    json->Bool("ended", TransferHasEnded(one, today));
    json->EndObject();
  }
  json->BeginObject("on_leave");
  json->Text("deleted", Name(one.on_deleted));
  json->Text("withheld", Name(one.on_withheld));
  json->Text("denied", Name(one.on_denied));
  json->EndObject();
}

void WriteEntry(const RegisterEntry& entry, JsonWriter* json) {
  json->Text("target", entry.target);
  json->Text("kind", entry.is_sync ? "sync" : "shown");
  json->TextOrNull("description", entry.description);
  json->TextOrNull("contact", entry.owner);
  json->TextOrNull("purpose", entry.purpose);
  json->TextOrNull("legal_basis", entry.legal_basis);
  json->TextOrNull("recipient", entry.destination_name);
  json->Texts("subjects", entry.subjects);
  json->Texts("models", entry.models);
  json->BeginArray("rows");
  for (const RegisterEntry::RowRule& row : entry.rows) {
    json->BeginObject();
    json->Text("where", row.condition);
    json->Text("rule", row.rule);
    json->EndObject();
  }
  json->EndArray();
  json->BeginArray("categories");
  for (const auto& [key, category] : CategoriesOf(entry)) {
    json->BeginObject();
    json->Text("class", key.first);
    json->Bool("restrictive", category.restrictive);
    json->Texts("columns", category.columns);
    json->Texts("fields", category.fields);
    json->Text("transform", category.transform);
    json->Texts("rules", category.rules);
    json->EndObject();
  }
  json->EndArray();
  json->BeginArray("declassified");
  for (const Lifted& one : LiftedOf(entry)) {
    json->BeginObject();
    json->Text("column", one.column);
    json->Text("class", one.of_class);
    json->Text("by", one.by);
    json->EndObject();
  }
  json->EndArray();
  json->Texts("denied", DeniedOf(entry));
  json->TextOrNull("retention", "");
  json->Texts("refusals", entry.refusals);
}

}  // namespace

ReportPage RopaPage(const EgressRegister& egress) {
  ReportPage out;
  out.title = "Register of processing: " + Or(egress.project, "project without a name");
  out.preface.push_back("What leaves the warehouse of this dbt project, as its policy decides it (manifest of " +
                        Or(egress.generated_at, "unknown date") + "; policy " + AsCode(egress.policy_digest.substr(0, 16)) +
                        "). Made from policy and manifest alone: it says what may leave, not what was sent. What was sent is in "
                        "the audit log (`weir audit show`).");
  out.preface.push_back("For a register in the sense of Article 30(1) GDPR, add by hand what is in neither document: the "
                        "controller with its contact, how long each recipient keeps the data, and the general description of "
                        "security measures. Categories are the policy's classes; restricted ones are what its authors count as "
                        "sensitive or personal.");
  out.sections.push_back(RecipientsSection(egress));
  for (const RegisterEntry& entry : egress.entries) out.sections.push_back(SectionOf(entry, egress.today));
  return out;
}

std::string RopaJson(const EgressRegister& egress) {
  JsonWriter json;
  json.BeginObject();
  json.Text("document", "weir.report.ropa");
  json.Integer("version", 1);
  json.Text("project", egress.project);
  json.TextOrNull("generated_at", egress.generated_at);
  json.Text("manifest_digest", egress.manifest_digest);
  json.Text("policy_digest", egress.policy_digest);
  json.BeginArray("recipients");
  for (const DestinationFacts* one : egress.recipients) {
    json.BeginObject();
    WriteRecipient(*one, egress.today, &json);
    json.EndObject();
  }
  json.EndArray();
  json.BeginArray("processing");
  for (const RegisterEntry& entry : egress.entries) {
    json.BeginObject();
    WriteEntry(entry, &json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

}  // namespace weir::policies
