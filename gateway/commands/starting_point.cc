#include "gateway/commands/starting_point.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "policies/classify.h"
#include "policies/presets.h"

namespace weir::gateway {
namespace {

struct UsualClass {
  const char* name;
  const char* pattern;               // RE2 on the column's name
  std::vector<std::string> contains; // values of `meta: {contains: …}`
  std::vector<std::string> tags;
};

std::vector<UsualClass> Usual() {
  return {
      {"pii.email", "(?i)(^|_)e?mail(_address)?($|_)", {"email"}, {"pii_email"}},
      {"pii.phone", "(?i)(^|_)(phone|mobile|fax|telephone)(_number)?($|_)", {"phone"}, {"pii_phone"}},
      {"pii.name", "(?i)^(first|last|full|middle|given|family|sur|user|customer|contact|display)_?name$|^name$",
       {"name"}, {"pii_name"}},
      {"pii.ssn", "(?i)(^|_)(ssn|social_security(_number)?|national_id|tax_id|passport(_number)?)($|_)", {"ssn"},
       {"pii_ssn"}},
      {"pii.card", "(?i)(^|_)(card_(number|no)|credit_card|iban|account_number|cvv)($|_)", {"card"}, {"pii_card"}},
      {"pii.birth_date", "(?i)(^|_)(birth_?(date|day|year)?|dob|date_of_birth|age)($|_)", {"birth_date"}, {}},
      {"pii.address", "(?i)(^|_)(address|street|zip|zip_?code|post_?code|postal_code|latitude|longitude|lat|lng)($|_)",
       {"address", "zip"}, {"pii_address"}},
      {"pii.online", "(?i)(^|_)(ip|ip_address|user_agent|cookie|device_id|advertising_id)($|_)", {"ip"}, {}},
      {"pii.sensitive", "(?i)(^|_)(gender|sex|ethnicity|race|religion|diagnosis|salary)($|_)", {}, {}},
      {"pii.text", "(?i)(^|_)(notes?|comments?|body|message|free_?text|description|remarks?|feedback)($|_)", {"text"}, {}},
      {"credential", "(?i)(^|_)(password|passwd|secret|token|api_?key|hash)($|_)", {}, {}},
  };
}

// Marks that say `this is personal` and no more: conventions of dbt packages and catalogs.
policies::ClassDefinition MarkedClass() {
  policies::ClassDefinition marked;
  marked.name = "pii.marked";
  for (const char* key : {"contains_pii", "has_pii", "is_pii", "pii", "is_sensitive"}) {
    marked.markers.meta[key] = {"true", "yes"};
  }
  marked.markers.tags = {"pii"};
  return marked;
}

bool TestedAs(const manifest::Test& test, std::string_view name, const std::string& column) {
  return test.generic && test.name == name && test.column_name == column;
}

bool HasModelBelow(const manifest::Project& project, const std::string& unique_id) {
  return std::any_of(project.nodes.begin(), project.nodes.end(), [&](const manifest::Node& node) {
    return std::find(node.depends_on.begin(), node.depends_on.end(), unique_id) != node.depends_on.end();
  });
}

bool StartsWithAny(const std::string& name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&name](std::string_view prefix) { return name.starts_with(prefix); });
}

int Score(const manifest::Project& project, const manifest::Node& node) {
  int score = 0;
  if (StartsWithAny(node.name, {"dim_", "mart_", "customer"})) score += 40;
  if (StartsWithAny(node.name, {"fct_", "fact_", "order"})) score += 20;
  if (StartsWithAny(node.name, {"stg_", "staging_", "int_", "base_", "raw_", "tmp_"})) score -= 100;
  if (node.original_file_path.find("/marts/") != std::string::npos) score += 20;
  if (node.access == "public") score += 20;
  if (!HasModelBelow(project, node.unique_id)) score += 10;
  for (const manifest::Exposure& exposure : project.exposures) {
    if (std::find(exposure.depends_on.begin(), exposure.depends_on.end(), node.unique_id) != exposure.depends_on.end()) {
      score += 5;
    }
  }
  return score + static_cast<int>(std::min<std::size_t>(node.columns.size(), 20));
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

std::vector<policies::ClassDefinition> UsualClasses() {
  std::vector<policies::ClassDefinition> classes;
  for (UsualClass& usual : Usual()) {
    policies::ClassDefinition definition;
    definition.name = usual.name;
    definition.name_pattern = usual.pattern;
    if (!usual.contains.empty()) definition.markers.meta["contains"] = std::move(usual.contains);
    definition.markers.tags = std::move(usual.tags);
    classes.push_back(std::move(definition));
  }
  classes.push_back(MarkedClass());
  return classes;
}

std::string KeyOf(const manifest::Project& project, const manifest::Node& model) {
  const std::vector<const manifest::Test*> tests = project.TestsOf(model.unique_id);
  for (const manifest::Test* unique : tests) {
    if (!unique->generic || unique->name != "unique" || unique->column_name.empty()) continue;
    const bool not_null = std::any_of(tests.begin(), tests.end(), [unique](const manifest::Test* test) {
      return TestedAs(*test, "not_null", unique->column_name);
    });
    if (not_null) return unique->column_name;
  }
  return {};
}

StartingModel ChooseModel(const manifest::Project& project) {
  StartingModel best;
  int best_score = 0;
  for (const manifest::Node& node : project.nodes) {
    if (node.type != manifest::ResourceType::kModel || node.relation_name.empty()) continue;
    if (node.package != project.metadata.project_name && !project.metadata.project_name.empty()) continue;
    const std::string key = KeyOf(project, node);
    if (key.empty()) continue;
    const int score = Score(project, node);
    if (best.node != nullptr && score <= best_score) continue;
    best_score = score;
    best.node = &node;
    best.key = key;
  }
  if (best.node != nullptr) best.why = "dbt tests its column `" + best.key + "` as unique and not null";
  return best;
}

std::vector<StartingColumn> ColumnsOf(const manifest::Project& project, const manifest::Node& model,
                                      const std::vector<policies::ColumnSchema>& real,
                                      const std::vector<StartingPreset>& presets) {
  policies::Policy facts;
  facts.classes = UsualClasses();
  for (const StartingPreset& preset : presets) {
    if (preset.needed) facts.presets.push_back({preset.name, {}});
  }
  manifest::Diagnostics none;
  policies::ApplyPresets(&facts, &none);
  const std::string key = KeyOf(project, model);
  std::vector<StartingColumn> columns;
  const auto add = [&](const std::string& name, const std::string& type, bool documented) {
    StartingColumn column;
    column.name = name;
    column.type = type;
    column.documented = documented;
    column.is_key = Lower(name) == Lower(key);
    for (const policies::ClassEvidence& evidence : policies::Classify(facts, project, model, name)) {
      column.classes.push_back(evidence.name);
    }
    columns.push_back(std::move(column));
  };
  if (real.empty()) {
    for (const manifest::Column& column : model.columns) add(column.name, column.data_type, true);
    return columns;
  }
  for (const policies::ColumnSchema& column : real) {
    const manifest::Column* const documented = model.FindColumn(column.name);
    add(documented == nullptr ? column.name : documented->name.str(), column.declared, documented != nullptr);
  }
  return columns;
}

}  // namespace weir::gateway
