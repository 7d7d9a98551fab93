#include "policies/import_odcs_rest.h"

#include <map>
#include <set>
#include <utility>

namespace weir::policies {
namespace {

using manifest::Value;

constexpr int kMaxNesting = 16;
constexpr std::size_t kNamedAtMost = 3;

constexpr std::string_view kTest = "write it as a dbt test; the gate then asks that it passed";
constexpr std::string_view kTags = "its tags are the contract's; a class finds those of the dbt project (`tags:`)";
constexpr std::string_view kCustom = "nobody but its author knows what it means";
constexpr std::string_view kUnknown = "no key of the standard that this version knows";

// What stands at one level of a contract: what ImportOdcs or this file reads, what says nothing that a policy could decide by,
// and what has no counterpart.
struct Level {
  std::set<std::string_view> read;
  std::map<std::string_view, std::string_view> without;
};

const Level& OfDocument() {
  static const Level level = {
      {"apiVersion", "kind", "id", "name", "version", "status", "tenant", "domain", "dataProduct", "description", "schema", "roles",
       "slaProperties", "slaDefaultElement", "authoritativeDefinitions", "contractCreatedTs"},
      {{"servers", "a connection stands in weir.yml, a recipient under `destinations:`"},
       {"team", "the owner of a model is its group's, or `meta.owner`; require one with `owner:`"},
       {"support", "no requirement asks for it"},
       {"price", "no requirement asks for it"},
       {"tags", kTags},
       {"customProperties", kCustom}}};
  return level;
}

const Level& OfTable() {
  static const Level level = {
      {"id", "name", "physicalName", "logicalType", "physicalType", "description", "businessName", "dataGranularityDescription",
       "authoritativeDefinitions", "properties", "quality"},
      {{"relationships", kTest}, {"tags", kTags}, {"customProperties", kCustom}}};
  return level;
}

const Level& OfProperty() {
  static const Level level = {
      {"id", "name", "physicalName", "logicalType", "physicalType", "description", "businessName", "examples", "primaryKey",
       "primaryKeyPosition", "partitioned", "partitionKeyPosition", "classification", "encryptedName", "properties", "items", "quality",
       "authoritativeDefinitions", "transformSourceObjects", "transformLogic", "transformDescription"},
      {{"required", "write it as dbt's test `not_null`; the gate then asks that it passed"},
       {"unique", "write it as dbt's test `unique`; the gate then asks that it passed"},
       {"logicalTypeOptions", kTest},
       {"relationships", kTest},
       {"criticalDataElement", "no class says how important a column is; ask for its tests with `by_class`"},
       {"tags", kTags},
       {"customProperties", kCustom}}};
  return level;
}

const Level& OfRole() {
  static const Level level = {{"id", "role", "access", "description"},
                              {{"firstLevelApprovers", "who approves is said under `approvals:`"},
                               {"secondLevelApprovers", "who approves is said under `approvals:`"},
                               {"customProperties", kCustom}}};
  return level;
}

const Level& OfService() {
  static const Level level = {{"id", "property", "value", "unit", "element", "description"},
                              {{"valueExt", "a requirement takes one time"},
                               {"driver", "a requirement says it as its `why`"},
                               {"scheduler", "Weir runs when it is called"},
                               {"schedule", "Weir runs when it is called"}}};
  return level;
}

std::string NameOf(const Value& item, std::string_view key) {
  const Value* const found = item.Find(key);
  return found == nullptr ? "" : CommentText(found->text());
}

class Lister {
 public:
  explicit Lister(Imported* out) : out_(*out) {}

  void Run(const Value& document) {
    Look(document, OfDocument(), "");
    if (const std::string status = NameOf(document, "status"); status == "deprecated" || status == "retired") {
      out_.left.push_back({"status `" + status + "`", "say it in the dbt project (`deprecation_date`), and require `versions:`"});
    }
    Each(document, "schema", [&](const Value& table) {
      const std::string name = NameOf(table, "name");
      Look(table, OfTable(), name);
      Each(table, "properties", [&](const Value& property) { LookAt(property, name, 0); });
    });
    Each(document, "roles", [&](const Value& role) { Look(role, OfRole(), "role " + NameOf(role, "role")); });
    Each(document, "slaProperties", [&](const Value& one) { Look(one, OfService(), "slaProperties " + NameOf(one, "property")); });
    for (const auto& [what, places] : found_) {
      std::string name = "`" + what.first + "`";
      for (std::size_t i = 0; i < places.size() && i < kNamedAtMost; ++i) {
        if (!places[i].empty()) name += (i == 0 ? " of `" : ", `") + places[i] + "`";
      }
      if (places.size() > kNamedAtMost) name += " and " + std::to_string(places.size() - kNamedAtMost) + " more";
      out_.left.push_back({std::move(name), what.second});
    }
  }

 private:
  template <typename Visit>
  void Each(const Value& value, std::string_view key, Visit visit) {
    const Value* const items = value.Find(key);
    if (items == nullptr) return;
    for (const Value& item : items->items()) visit(item);
  }

  void LookAt(const Value& property, const std::string& above, int depth) {
    if (depth > kMaxNesting) return;  // ImportOdcs says so
    const std::string name = NameOf(property, "name");
    const std::string place = name.empty() ? above : above + "." + name;
    Look(property, OfProperty(), place);
    const Value* const quality = property.Find("quality");
    if (depth > 0 && quality != nullptr && !quality->items().empty()) found_[{"quality", std::string(kTest)}].push_back(place);
    Each(property, "properties", [&](const Value& inner) { LookAt(inner, place, depth + 1); });
    if (const Value* items = property.Find("items")) LookAt(*items, place, depth + 1);
  }

  // What is said to be false or left empty says nothing.
  void Look(const Value& item, const Level& level, const std::string& place) {
    for (const Value::Member& member : item.members()) {
      const Value& value = member.value;
      const bool empty = value.IsNull() || value.text() == "false" ||
                         ((value.kind() == Value::Kind::kList || value.kind() == Value::Kind::kMap) && value.items().empty() &&
                          value.members().empty());
      if (empty || level.read.contains(member.key)) continue;
      const auto known = level.without.find(member.key);
      found_[{CommentText(member.key), std::string(known == level.without.end() ? kUnknown : known->second)}].push_back(place);
    }
  }

  Imported& out_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> found_;  // key, why -> where
};

}  // namespace

void ListRestOfOdcs(const Value& document, Imported* out) { Lister(out).Run(document); }

}  // namespace weir::policies
