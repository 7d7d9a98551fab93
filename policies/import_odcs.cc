#include "policies/import_odcs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "manifest/yaml_document.h"
#include "policies/import_odcs_rest.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Value;

constexpr std::string_view kShape = "W-IMP-002";
constexpr int kMaxNesting = 16;

std::string TextOf(const Value& value, std::string_view key) {
  const Value* const found = value.Find(key);
  return found == nullptr ? "" : found->text();
}

const std::vector<Value>& ItemsOf(const Value& value, std::string_view key) {
  static const std::vector<Value> kNone;
  const Value* const found = value.Find(key);
  return found == nullptr ? kNone : found->items();
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// A name of the policy language from free text: `Highly Confidential` becomes `highly_confidential`.
std::string NameFrom(const std::string& text) {
  std::string out;
  for (const char c : Lower(text)) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (good) out.push_back(c);
    else if (!out.empty() && out.back() != '_') out.push_back('_');
  }
  while (out.ends_with('_')) out.pop_back();
  if (manifest::LooksLikeSecret(text) || manifest::LooksLikeSecret(out)) return {};
  out.resize(std::min<std::size_t>(out.size(), 60));
  return out;
}

bool IsPublic(const std::string& classification) {
  static const std::set<std::string> kOpen = {"public", "open", "unrestricted", "non-sensitive", "none"};
  return kOpen.contains(Lower(classification));
}

std::string LastPart(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// `4` of unit `d` as `4d`; empty when it is no such time.
std::string DurationText(const Value& value, const std::string& unit) {
  static const std::map<std::string, double> kSeconds = {
      {"d", 86400}, {"day", 86400}, {"days", 86400},   {"h", 3600},   {"hr", 3600}, {"hour", 3600}, {"hours", 3600},
      {"m", 60},    {"min", 60},    {"minute", 60},    {"minutes", 60}, {"s", 1},   {"second", 1},  {"seconds", 1},
      {"w", 604800}, {"week", 604800}, {"weeks", 604800}};
  const auto found = kSeconds.find(Lower(unit));
  const std::optional<double> number = value.AsNumber();
  if (found == kSeconds.end() || !number || !(*number > 0) || *number * found->second > 1e9) return {};
  const double seconds = std::floor(*number * found->second);
  if (seconds < 1) return {};
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole % 86400 == 0) return std::to_string(whole / 86400) + "d";
  if (whole % 3600 == 0) return std::to_string(whole / 3600) + "h";
  if (whole % 60 == 0) return std::to_string(whole / 60) + "m";
  return std::to_string(whole) + "s";
}

// A policy holds nothing that looks like a secret, so no name may.
bool IsPlainName(const std::string& text) { return IsName(text, false) && !manifest::LooksLikeSecret(text); }

class Importer {
 public:
  Importer(const Value& document, Imported* out) : document_(document), out_(*out) {}

  void Run() {
    for (const Value& table : ItemsOf(document_, "schema")) AddTable(table);
    for (const Value& role : ItemsOf(document_, "roles")) AddRole(role);
    for (const Value& property : ItemsOf(document_, "slaProperties")) AddService(property);
    ListRestOfOdcs(document_, &out_);
    out_.yaml = "# Made by `weir import odcs`. Only what restricts is taken over; what would permit is a comment.\n"
                "# Read the lines marked `confirm`.\nversion: 1\n" +
                ClassesText() + PermissiveText() + RolesText() + (requirements_.empty() ? "" : "\nrequire:\n" + requirements_);
    // A list of comments alone would be no list.
    if (out_.yaml.find("\n  - id: ") == std::string::npos) {
      const std::size_t at = out_.yaml.find("\nrequire:\n");
      if (at != std::string::npos) out_.yaml.insert(at + 1, "# ");
    }
  }

 private:
  void Leave(const std::string& name, std::string why) { out_.left.push_back({name, std::move(why)}); }

  // A model has the contract's name, or the table's: one address for each.
  static std::vector<std::string> NamesOf(const Value& item) {
    std::vector<std::string> names;
    for (const char* key : {"name", "physicalName"}) {
      const std::string name = LastPart(TextOf(item, key));
      if (IsPlainName(name) && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }

  void AddTable(const Value& table) {
    const std::string name = TextOf(table, "name");
    const std::vector<std::string> models = NamesOf(table);
    if (models.empty()) {
      return Leave("schema `" + CommentText(name) + "`", "its name is no name of a model: letters, digits, `_` and `-`");
    }
    bool has_key = false;
    for (const Value& property : ItemsOf(table, "properties")) {
      has_key = has_key || TextOf(property, "primaryKey") == "true";
      AddProperty(property, models);
    }
    const std::string& model = models.front();
    if (has_key && keyed_.insert(model).second) {
      AddRequirement({"odcs." + model + ".primary_key", model, "model", {"tests: {primary_key: true}"}, false,
                      "the data contract names a primary key", {}},
                     "primaryKey of `" + model + "`", &requirements_, &out_);
    }
    for (const Value& quality : ItemsOf(table, "quality")) AddQuality(quality, model);
  }

  void AddProperty(const Value& property, const std::vector<std::string>& models) {
    const std::vector<std::string> columns = NamesOf(property);
    if (columns.empty()) {
      return Leave("property `" + CommentText(TextOf(property, "name")) + "`",
                   "its name is no name of a column: letters, digits, `_` and `-`; classify it by hand");
    }
    Classify(property, models, columns, 0);
    for (const Value& quality : ItemsOf(property, "quality")) {
      const std::string rule = RuleOf(quality);
      Leave("quality `" + CommentText(rule.empty() ? TextOf(quality, "type") : rule) + "` of `" + models.front() + "." +
                columns.front() + "`",
            TestFor(rule));
    }
  }

  // What is nested in a column makes the column what it is.
  void Classify(const Value& property, const std::vector<std::string>& models, const std::vector<std::string>& columns,
                int depth) {
    if (depth > kMaxNesting) return Leave("`" + columns.front() + "`", "it is nested too deep; classify it by hand");
    const std::string classification = TextOf(property, "classification");
    const std::string name = NameFrom(classification);
    if (!classification.empty() && IsPublic(classification)) {
      if (depth == 0) permissive_.push_back(models.front() + "." + columns.front());
    } else if (!name.empty()) {
      AddClass("odcs." + name, classification, models, columns);
    } else if (!classification.empty()) {
      Leave("classification of `" + models.front() + "." + columns.front() + "`", "it has no letter that a class name may have");
    }
    if (!TextOf(property, "encryptedName").empty()) AddClass("odcs.encrypted", "encryptedName", models, columns);
    for (const Value& inner : ItemsOf(property, "properties")) Classify(inner, models, columns, depth + 1);
    if (const Value* items = property.Find("items")) Classify(*items, models, columns, depth + 1);
  }

  void AddClass(const std::string& name, const std::string& from, const std::vector<std::string>& models,
                const std::vector<std::string>& columns) {
    auto& [origin, addresses] = classes_[name];
    if (origin.empty()) origin = from;
    for (const std::string& model : models) {
      for (const std::string& column : columns) {
        const std::string address = model + "." + column;
        if (manifest::LooksLikeSecret(address)) {
          Leave("a column of `" + CommentText(model) + "`", "its address looks like a secret; classify it by hand");
        } else {
          addresses.insert(address);
        }
      }
    }
  }

  static bool IsMild(const Value& quality) {
    static const std::set<std::string> kMild = {"info", "information", "warn", "warning", "low"};
    return kMild.contains(Lower(TextOf(quality, "severity")));
  }

  // The fewest rows that a quality of ODCS 3 asks for; negative: it asks for none.
  static std::int64_t LeastRows(const Value& quality) {
    const auto number = [](const Value* value) { return value == nullptr ? -1 : value->AsInteger().value_or(-1); };
    if (const Value* least = quality.Find("mustBeGreaterOrEqualTo")) return number(least);
    if (const Value* exact = quality.Find("mustBe")) return number(exact);
    if (const Value* above = quality.Find("mustBeGreaterThan")) {
      const std::int64_t rows = number(above);
      return rows < 0 || rows == std::numeric_limits<std::int64_t>::max() ? -1 : rows + 1;
    }
    if (const Value* range = quality.Find("mustBeBetween")) return range->items().empty() ? -1 : number(&range->items().front());
    return number(quality.Find("mustNotBe")) == 0 ? 1 : -1;  // not empty
  }

  // `metric` since 3.1, `rule` before.
  static std::string RuleOf(const Value& quality) {
    const std::string metric = TextOf(quality, "metric");
    return metric.empty() ? TextOf(quality, "rule") : metric;
  }

  static std::string TestFor(const std::string& rule) {
    static const std::map<std::string, std::string> kTests = {
        {"nullvalues", "`not_null`"},       {"nullcheck", "`not_null`"},      {"missingvalues", "`not_null`"},
        {"duplicatevalues", "`unique`"},    {"duplicatecount", "`unique`"},   {"uniquecheck", "`unique`"},
        {"invalidvalues", "`accepted_values`"}, {"validvalues", "`accepted_values`"}};
    const auto found = kTests.find(Lower(rule));
    return "write it as " + (found == kTests.end() ? std::string("a dbt test") : "dbt's test " + found->second) +
           "; the gate then asks that it passed";
  }

  // What stands against an upper bound beside the least count that is taken over.
  static bool HasMost(const Value& quality) {
    return quality.Find("mustBe") != nullptr || quality.Find("mustBeBetween") != nullptr ||
           quality.Find("mustBeLessThan") != nullptr || quality.Find("mustBeLessOrEqualTo") != nullptr;
  }

  void AddQuality(const Value& quality, const std::string& model) {
    const std::string rule = RuleOf(quality);
    const std::int64_t rows = LeastRows(quality);
    if (Lower(rule) != "rowcount" || rows < 0 || rows >= std::int64_t{1} << 52) {
      return Leave("quality `" + CommentText(rule.empty() ? TextOf(quality, "type") : rule) + "` of `" + model + "`",
                   TestFor(rule));
    }
    if (HasMost(quality)) Leave("the most rows of `" + model + "`", "no guard asks for it; `max_changes` holds a sudden growth");
    AddRequirement({"odcs." + model + ".rows." + std::to_string(++row_counts_), model, "model",
                    {"guards: {min_rows: " + std::to_string(rows) + "}"}, IsMild(quality), "the data contract names a row count", {}},
                   "quality `rowCount` of `" + model + "`", &requirements_, &out_);
  }

  void AddRole(const Value& role) {
    const std::string written = TextOf(role, "role");
    const std::string name = NameFrom(written);
    const std::string access = Lower(TextOf(role, "access"));
    if (name.empty()) return Leave("role `" + CommentText(written) + "`", "it has no letter that a role name may have");
    if (!access.empty() && access != "read" && access != "select") {
      return Leave("role `" + CommentText(written) + "`", "its access is `" + CommentText(access) + "`; a role of a policy reads");
    }
    roles_.emplace(name, written);
  }

  static std::string WhyNoTime(const std::string& name) {
    if (name == "frequency" || name == "fq") return "how often data comes is no age; require `fresh:` with the age that you accept";
    if (name == "endofsupport" || name == "es" || name == "endoflife" || name == "el") {
      return "say it in the dbt project (`deprecation_date`), and require `versions:`";
    }
    if (name == "generalavailability" || name == "ga" || name == "timeofavailability" || name == "ta" || name == "availability" ||
        name == "av") {
      return "a sync runs when it is called; require `fresh: {max_age: …, wait: …}` to wait for the data";
    }
    return {};
  }

  void AddService(const Value& property) {
    const std::string name = TextOf(property, "property");
    const Value* const value = property.Find("value");
    const bool age = Lower(name) == "latency" || Lower(name) == "freshness" || Lower(name) == "ly" || Lower(name) == "fy";
    const std::string time = value == nullptr || !age ? "" : DurationText(*value, TextOf(property, "unit"));
    if (Lower(name) == "retention" || Lower(name) == "re") {
      return Leave("slaProperties `retention`", "no rule of a policy deletes by age");
    }
    if (const std::string why = WhyNoTime(Lower(name)); !why.empty()) {
      return Leave("slaProperties `" + CommentText(name) + "`", why);
    }
    if (time.empty()) {
      return Leave("slaProperties `" + CommentText(name) + "`", age ? "its value and unit are no time that a policy says"
                                                                   : "no requirement asks for it");
    }
    // `tab1.txn_ref_dt`, several of them by commas; without any it speaks of every table.
    std::set<std::string> models;
    std::string element = TextOf(property, "element");
    if (element.empty()) element = TextOf(document_, "slaDefaultElement");
    for (std::size_t at = 0; at <= element.size() && !element.empty();) {
      const std::size_t end = std::min(element.find(',', at), element.size());
      std::string one = element.substr(at, end - at);
      one.erase(0, std::min(one.find_first_not_of(' '), one.size()));
      one = one.substr(0, one.find('.'));
      if (IsPlainName(one)) models.insert(one);
      at = end + 1;
    }
    if (models.empty()) {
      for (const Value& table : ItemsOf(document_, "schema")) {
        for (const std::string& model : NamesOf(table)) models.insert(model);
      }
    }
    for (const std::string& model : models) {
      AddRequirement({"odcs." + model + ".fresh." + std::to_string(++services_), model, "model",
                      {"fresh: {max_age: " + time + "}"}, false, "the data contract promises it",
                      {"`" + name + "` of the contract; it is asked of the sources above `" + model + "`"}},
                     "slaProperties `" + CommentText(name) + "`", &requirements_, &out_);
    }
  }

  std::string ClassesText() {
    if (classes_.empty()) return {};
    std::string out = "\nclasses:\n";
    for (const auto& [name, what] : classes_) {
      if (what.second.empty()) continue;
      out += "  " + name + ":  # confirm: `" + CommentText(what.first) + "` of the contract\n    columns:\n";
      for (const std::string& address : what.second) out += "      - " + address + "\n";
      out_.taken.push_back(name);
    }
    return out;
  }

  // A contract's author does not permit: people who own the policy folder do.
  std::string PermissiveText() const {
    if (permissive_.empty()) return {};
    std::string out = "\n# The contract calls these public. To let them leave, put this under `classes:` and give it:\n"
                      "#   public:\n#     permissive: true\n#     columns:\n";
    for (const std::string& address : permissive_) out += "#       - " + address + "\n";
    return out;
  }

  std::string RolesText() {
    if (roles_.empty()) return {};
    std::string out = "\nroles:\n";
    for (const auto& [name, written] : roles_) {
      out += "  " + name + ": {groups: [" + QuotedYaml(written) + "]}  # confirm: whom the group holds\n";
      out_.taken.push_back(name);
    }
    return out;
  }

  const Value& document_;
  Imported& out_;
  std::map<std::string, std::pair<std::string, std::set<std::string>>> classes_;  // class -> what says so, addresses
  std::vector<std::string> permissive_;
  std::map<std::string, std::string> roles_;
  std::set<std::string> keyed_;  // models whose primary key is required
  std::string requirements_;
  int row_counts_ = 0, services_ = 0;
};

}  // namespace

std::optional<Imported> ImportOdcs(std::string_view text, const std::string& file, manifest::Diagnostics* diagnostics) {
  diagnostics->AddSource(file, std::string(text));
  const std::optional<Value> document = manifest::ReadYaml(text, file, diagnostics);
  if (!document) return std::nullopt;
  const auto error = [&](const Value& at, const std::string& message) {
    diagnostics->Error(kShape, file, at.position(), message);
  };
  if (TextOf(*document, "kind") != "DataContract" || !TextOf(*document, "apiVersion").starts_with("v3.")) {
    error(*document, "this is no data contract of version 3: it needs `kind: DataContract` and `apiVersion: v3.…`");
  }
  for (const char* key : {"schema", "roles", "slaProperties"}) {
    const Value* const value = document->Find(key);
    if (value != nullptr && !value->IsNull() && value->kind() != Value::Kind::kList) {
      error(*value, "`" + std::string(key) + "` is no list");
    }
  }
  if (diagnostics->HasErrors()) return std::nullopt;
  Imported out;
  Importer(*document, &out).Run();
  return out;
}

}  // namespace weir::policies
