#include "gateway/commands/starting_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace weir::gateway {
namespace {

bool Listed(const StartingColumn& column) { return column.documented && (column.is_key || column.classes.empty()); }

std::string Joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

std::string SourceText(const DbtProfile& profile) {
  if (profile.type == "duckdb") return "source: {kind: duckdb, path: " + YamlScalar(profile.path) + "}\n";
  std::string out = "source:\n  kind: postgres\n";
  const auto line = [&out](const char* key, const std::string& value, const char* otherwise) {
    out += std::string("  ") + key + ": " + (value.empty() ? std::string(otherwise) + "  # profiles.yml does not say" : YamlScalar(value)) + "\n";
  };
  line("host", profile.host, "localhost");
  line("port", profile.port.empty() ? "5432" : profile.port, "5432");
  line("dbname", profile.dbname, "postgres");
  line("user", profile.user, "postgres");
  const std::string variable = profile.password_variable.empty() ? "PGPASSWORD" : profile.password_variable;
  out += "  password: env:" + variable + "  # a reference: Weir refuses secrets that stand in a file\n";
  if (!profile.sslmode.empty()) out += "  sslmode: " + YamlScalar(profile.sslmode) + "\n";
  return out;
}

// The columns of a proposed sync as a map, those that need a decision first commented out.
std::string ColumnLines(const StartingModel& model, const std::string& indent) {
  std::string out;
  for (const StartingColumn& column : model.columns) {
    if (column.is_key) continue;
    const std::string name = YamlScalar(column.name);
    std::string before;  // what has to be done before it can go
    if (!column.documented) before = "describe it in the dbt project";
    if (!column.classes.empty()) {
      before += (before.empty() ? "" : ", and ") + ("give " + Joined(column.classes)) + " in the policy";
    }
    if (before.empty()) {
      out += indent + name + ": " + name + "\n";
    } else {
      out += indent + "# " + name + ": " + name + "  # first " + before + "\n";
    }
  }
  return out;
}

bool SendsAny(const StartingModel& model) {
  return std::any_of(model.columns.begin(), model.columns.end(), [](const StartingColumn& column) {
    return !column.is_key && column.classes.empty() && column.documented;
  });
}

std::string SyncText(const StartingModel& model) {
  const std::string key = YamlScalar(model.key);
  std::string out = "syncs:\n";
  out += "  - name: " + YamlScalar(model.node->name) + "\n";
  out += "    model: " + YamlScalar(model.node->name) + "\n";
  out += "    destination: " + std::string(kOutbox) + "\n";
  out += "    object: " + YamlScalar(model.node->name) + "\n";
  out += "    purpose: " + std::string(kTrial) + "\n";
  out += "    match: {" + key + ": " + key + "}  # " + model.why + "\n";
  out += "    mode: upsert\n";
  out += std::string("    columns:") + (SendsAny(model) ? "\n" : " {}\n") + ColumnLines(model, "      ");
  return out;
}

std::string ClassText(const policies::ClassDefinition& definition) {
  std::string out = "  " + definition.name + ":\n";
  if (!definition.markers.meta.empty()) {
    out += "    meta: {";
    bool first = true;
    for (const auto& [key, values] : definition.markers.meta) {
      out += first ? "" : ", ";
      first = false;
      std::string list;
      for (const std::string& value : values) list += (list.empty() ? "" : ", ") + std::string("'") + value + "'";
      out += YamlScalar(key) + ": [" + list + "]";
    }
    out += "}\n";
  }
  if (!definition.markers.tags.empty()) out += "    tags: [" + Joined(definition.markers.tags) + "]\n";
  if (!definition.name_pattern.empty()) out += "    name: '" + definition.name_pattern + "'\n";
  return out;
}

// What is not needed stands there as a comment.
std::string PresetsText(const std::vector<StartingPreset>& presets) {
  if (presets.empty()) return {};
  std::string out =
      "# Conventions of other tools that this project follows. Each marks columns with a class, one more than those below, and\n"
      "# each class of a column needs a rule that gives it: Weir's policies/README.md, presets.\n";
  const bool any = std::any_of(presets.begin(), presets.end(), [](const StartingPreset& preset) { return preset.needed; });
  out += any ? "presets:\n" : "# presets:\n";
  for (const StartingPreset& preset : presets) {
    out += (preset.needed ? "  - " : "#  - ") + preset.name + "  # " + ToText(preset) +
           (preset.needed ? "\n" : "; the classes below find them, too\n");
  }
  return out + "\n";
}

std::string PublicText(const StartingText& start) {
  std::string lines;
  for (const StartingModel& model : start.point.models) {
    for (const StartingColumn& column : model.columns) {
      if (!Listed(column)) continue;
      lines += "      - " + YamlScalar(model.node->name + "." + column.name) +
               (column.is_key && !column.classes.empty() ? "  # confirm: the key of a row, although it looks like " + Joined(column.classes)
                : column.is_key                          ? "  # confirm: the key of a row"
                                                         : "  # confirm") +
               "\n";
    }
  }
  if (lines.empty()) return "  # public:\n  #   permissive: true\n  #   columns: [model.column]\n";
  return "  public:\n    permissive: true\n    columns:\n" + lines;
}

bool IsPersonal(const StartingModel& model) {
  return std::any_of(model.columns.begin(), model.columns.end(),
                     [](const StartingColumn& column) { return !column.classes.empty(); });
}

std::string SubjectText(const StartingText& start) {
  std::string personal;
  for (const StartingModel& model : start.point.models) {
    if (!IsPersonal(model) || model.key.empty()) continue;
    personal += (personal.empty() ? "" : ", ") + YamlScalar(model.node->name) + ": " + YamlScalar(model.key);
  }
  const std::string head =
      "# Whose data a row is: the column that says it, for each model. A model with classified columns and without a\n"
      "# subject sends none of them.\n";
  return personal.empty() ? head + "# subjects:\n#   person: {customers: customer_id}\n"
                          : head + "subjects:\n  person: {" + personal + "}  # confirm\n";
}

// One commented rule for each class that a column of the models has, so that giving one means deleting a `#`.
std::string ProposedRules(const StartingText& start, const std::string& destination, const std::string& purpose) {
  std::set<std::string> classes;
  for (const StartingModel& model : start.point.models) {
    for (const StartingColumn& column : model.columns) {
      for (const std::string& name : column.classes) classes.insert(name);
    }
  }
  static const std::map<std::string, std::string> kForms = {
      {"pii.email", "{hash: {normalize: email@1}}"}, {"pii.phone", "{hash: {normalize: phone@1}}"}};
  std::string out;
  int number = 20;
  for (const std::string& name : classes) {
    if (name == "pii.ssn" || name == "pii.card" || name == "credential") continue;
    const auto form = kForms.find(name);
    out += "  # - {id: P0" + std::to_string(number++) + ", give: " + name + ", to: {destination: " + destination +
           ", purpose: " + purpose + "}, as: " + (form == kForms.end() ? "redact" : form->second) + ", why: '…'}\n";
  }
  if (out.empty()) return out;
  return "  # What a class's columns look like outside: unchanged, {mask: {keep: domain}}, hash, redact, blank. Every class\n"
         "  # that a column has needs such a rule. Delete the `#`, write why.\n" + out;
}

std::string DestinationText(const StartingText& start) {
  std::string out = "destinations:\n";
  for (const std::string& name : start.destinations) {
    out += "  " + name + ":\n"
           "    origin: 'file:'          # must be what weir.yml connects to\n"
           "    readers: [analyst]       # a destination is as trusted as its least trusted reader\n"
           "    trust: internal          # internal | external\n"
           "    # What becomes of a row there that the model has no more (deleted; in mode mirror only, other modes leave it\n"
           "    # and tell how many), that a row filter or consent stops (withheld), and of a field that policy takes back\n"
           "    # (denied): delete | blank | suppress | keep. `keep` leaves personal data where nobody looks after it.\n"
           "    on_leave: {deleted: delete, withheld: delete, denied: blank}\n";
  }
  return out;
}

std::string PurposeText(const StartingText& start) {
  std::map<std::string, std::vector<std::string>> purposes;
  for (const policies::SyncSpec& sync : start.point.declared) {
    purposes[sync.purpose.empty() ? std::string(kTrial) : sync.purpose].push_back("'" + sync.id + "'");
  }
  if (purposes.empty()) purposes[std::string(kTrial)] = {"'sync:*'", "'exposure:*'"};
  std::string out = "purposes:\n";
  for (const auto& [name, syncs] : purposes) {
    out += "  " + name + ": {legal_basis: legitimate_interest, syncs: [" + Joined(syncs) + "]}  # confirm\n";
  }
  return out;
}

}  // namespace

std::string YamlScalar(std::string_view text) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"y", "n", "yes", "no", "on", "off", "true", "false", "null"});
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool plain = !text.empty() && std::find(kWords.begin(), kWords.end(), lower) == kWords.end() &&
                     std::all_of(lower.begin(), lower.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' || c == '-';
                     }) && lower.front() != '-' && lower.front() != '.';
  if (plain) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string TenantName(std::string_view project_name) {
  std::string out;
  for (const char c : project_name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool good = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '_' || lower == '-';
    out += good ? lower : '_';
  }
  return out.empty() ? "main" : out.substr(0, 64);
}

std::string ConfigText(const StartingText& start) {
  std::string out =
      "# Where things are; what may leave is decided in policies/. Relative paths begin at this file. Every key is\n"
      "# explained in Weir's gateway/README.md.\n"
      "version: 1\n"
      "tenant: " + start.tenant + "  # part of every key's derivation: never change it\n"
      "\n"
      "projects: [{target: " + YamlScalar(start.target_folder) + "}]  # where dbt leaves manifest.json and run_results.json\n" +
      SourceText(start.profile) +
      "policies: policies\n"
      "keys: .weir/keys    # secret: keep it out of git, keep a copy elsewhere\n"
      "state: .weir/state  # what each destination has\n"
      "audit: .weir/audit  # the log of what was sent\n"
      "\n"
      "destinations:\n";
  for (const std::string& name : start.destinations) {
    const std::string path = name == kOutbox ? std::string(kOutbox) : std::string(kOutbox) + "/" + name;
    out += "  " + name + ": {kind: file, path: " + path + ", format: jsonl}\n";
  }
  if (!start.point.declared.empty() || start.point.models.empty()) return out;
  const StartingModel& model = start.point.models.front();
  return out +
         "\n"
         "# A first sync, proposed from the dbt project: what looks harmless goes, what looks personal waits for a rule.\n"
         "# The same block may stand in an exposure of the dbt project instead, under config.meta.weir.\n" +
         SyncText(model);
}

std::string PolicyText(const StartingText& start) {
  std::string out =
      "# What the data is, who may have it, and in which form. What no rule gives stays in the warehouse. Reference: Weir's\n"
      "# policies/README.md. Lines marked `confirm` were guessed from names: read them, then delete the mark.\n"
      "version: 1\n"
      "\n" + PresetsText(start.point.presets) +
      "# A column belongs to a class by what the dbt project says of it (meta, tags) or by its name. Evidence only adds.\n"
      "classes:\n";
  for (const policies::ClassDefinition& definition : start.point.classes) out += ClassText(definition);
  out += "\n"
         "  # Harmless is only what is listed here, by address. No model can make itself public.\n" +
         PublicText(start) +
         "\n" + SubjectText(start) +
         "\n"
         "unclassified: deny\n"
         "# Delete the `#`, and a column also has the classes of what it is made of, however far up: `ssn as s` stays an SSN. Weir\n"
         "# reads the SQL that dbt compiled for this; `weir plan` tells what it denies.\n"
         "# inherit: lineage\n"
         "\n"
         "roles:\n"
         "  analyst: {groups: [analysts]}\n"
         "\n" + DestinationText(start) + "\n" + PurposeText(start) +
         "\n"
         "rules:\n"
         "  # A never cannot be outvoted by any rule.\n"
         "  - {id: P001, never: pii.ssn, to: any, why: no national id leaves the warehouse}\n"
         "  - {id: P002, never: pii.card, to: any, why: no card or account number leaves the warehouse}\n"
         "  - {id: P003, never: credential, to: any, why: no credential leaves the warehouse}\n";
  const bool has_public = PublicText(start).find("permissive: true\n    columns:") != std::string::npos;
  if (has_public) out += "  - {id: P010, give: public, to: any, as: unchanged, why: listed by address above}\n";
  const std::string destination = start.destinations.empty() ? std::string(kOutbox) : start.destinations.front();
  const std::string purpose = start.point.declared.empty() ? std::string(kTrial) : start.point.declared.front().purpose;
  out += ProposedRules(start, destination, purpose);
  return out +
         "  # Which rows may go: consent, for example.\n"
         "  # - {id: P050, rows: customers, to: {trust: external}, send_if: {marketing_consent: true}, why: '…'}\n"
         "\n"
         "# What must hold before a sync runs. Without any, the tests of the model must have passed.\n"
         "# require:\n"
         "#   - id: Q001\n"
         "#     select: '*'\n"
         "#     for: sync\n"
         "#     tests: {primary_key: true, fail: hold, warn: send, missing: hold, within: since_last_build}\n"
         "#     guards: {max_deletes: 10%, max_changes: 50%}\n"
         "#     why: data that dbt has not tested does not leave\n";
}

std::string ExposureText(const StartingText& start) {
  if (!start.point.declared.empty() || start.point.models.empty()) return {};
  const StartingModel& model = start.point.models.front();
  const std::string name = YamlScalar(model.node->name);
  const std::string key = YamlScalar(model.key);
  return "exposures:\n"
         "  - name: " + name + "_" + std::string(kOutbox) + "\n"
         "    type: application\n"
         "    owner: {name: Your team, email: you@example.com}\n"
         "    depends_on: [ref('" + model.node->name + "')]\n"
         "    config:\n"
         "      meta:\n"
         "        weir:\n"
         "          destination: " + std::string(kOutbox) + "\n"
         "          object: " + name + "\n"
         "          purpose: " + std::string(kTrial) + "\n"
         "          match: {" + key + ": " + key + "}\n"
         "          mode: upsert\n"
         "          columns:" + (SendsAny(model) ? "\n" : " {}\n") + ColumnLines(model, "            ");
}

}  // namespace weir::gateway
