#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "manifest/change_list.h"
#include "manifest/column_names.h"

namespace weir::manifest {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), LowerAscii);
  return lower;
}

// `NUMERIC(12, 2)` is `numeric(12,2)`.
std::string NormalType(std::string_view type) {
  std::string normal;
  bool space = false;
  for (const char c : type) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      space = true;
      continue;
    }
    const bool joins = c == ',' || c == '(' || c == ')' || c == '<' || c == '>';
    const bool behind_joint = normal.empty() || normal.back() == ',' || normal.back() == '(' || normal.back() == '<';
    if (space && !joins && !behind_joint) normal.push_back(' ');
    space = false;
    normal.push_back(LowerAscii(c));
  }
  return normal;
}

// Pairs columns of two sides by name; exactly, and what is left by the only name that is equal ignoring case: a
// warehouse that folds names writes them in capitals.
template <typename AnyColumn>
class ColumnPairs {
 public:
  ColumnPairs(const std::vector<AnyColumn>& base, const std::vector<AnyColumn>& head) {
    std::unordered_map<std::string_view, const AnyColumn*> exact;
    for (const AnyColumn& column : base) exact.emplace(column.name, &column);
    std::vector<const AnyColumn*> left;
    for (const AnyColumn& column : head) {
      const auto same = exact.find(column.name);
      if (same == exact.end()) {
        left.push_back(&column);
      } else {
        both.emplace_back(same->second, &column);
        exact.erase(same);
      }
    }
    if (exact.empty() || left.empty()) {
      added = std::move(left);
    } else {
      PairIgnoringCase(base, left, &exact);
    }
    for (const AnyColumn& column : base) {
      if (exact.contains(column.name)) removed.push_back(&column);
    }
  }

  std::vector<std::pair<const AnyColumn*, const AnyColumn*>> both;
  std::vector<const AnyColumn*> added, removed;

 private:
  void PairIgnoringCase(const std::vector<AnyColumn>& base, const std::vector<const AnyColumn*>& left,
                        std::unordered_map<std::string_view, const AnyColumn*>* exact) {
    std::unordered_map<std::string, std::vector<const AnyColumn*>> folded;
    for (const AnyColumn& column : base) {
      if (exact->contains(column.name)) folded[Lower(column.name)].push_back(&column);
    }
    for (const AnyColumn* column : left) {
      const auto same = folded.find(Lower(column->name));
      if (same == folded.end() || same->second.size() != 1) {
        added.push_back(column);
        continue;
      }
      both.emplace_back(same->second.front(), column);
      exact->erase(same->second.front()->name);
      same->second.clear();  // a second such name of head has no partner
    }
  }
};

Value Constraints(const Value& written) {
  // Whether an adapter warns says nothing of what holds; dbt 2 writes other defaults there.
  std::vector<Value> items;
  for (const Value& item : written.items()) {
    std::vector<Value::Member> members;
    for (const Value::Member& member : item.members()) {
      if (!member.key.starts_with("warn_")) members.push_back(member);
    }
    items.push_back(Value::Map(std::move(members)));
  }
  return items.empty() ? Value::Null() : Value::List(std::move(items));
}

// What dbt 2 copied from the node says nothing of the column.
const std::vector<Text>& OwnTags(const Column& column, const std::vector<Text>& tags_of_node, bool copies) {
  static const std::vector<Text> kNone;
  return copies && column.tags == tags_of_node ? kNone : column.tags.all();
}

void DiffColumn(std::string_view node, const Column& base, const Column& head, ChangeList* changes) {
  const Text& name = head.name;
  // A type that nobody declares is the warehouse's; one that is compared with it would differ in spelling.
  const bool declared = !base.data_type.empty() || !head.data_type.empty();
  const Text& before = declared ? base.data_type : base.catalog_type;
  const Text& after = declared ? head.data_type : head.catalog_type;
  const bool both_known = !before.empty() && !after.empty();
  if (NormalType(before) != NormalType(after) && (declared || (both_known && !changes->engines().differ))) {
    changes->Add(ChangeKind::kColumnRetyped, node, name, TextOrNull(before), TextOrNull(after));
  }
  const Value nothing;
  const DiffEngines& engines = changes->engines();
  const bool base_copied = engines.base_copies_meta && base.meta_copied_from_node;
  const bool head_copied = engines.head_copies_meta && head.meta_copied_from_node;
  // Equal as they stand, they are equal; one that stands on a column only because dbt 2 put it there is none.
  const bool copied = (base_copied || head_copied) && base.meta.CanonicalJson() != head.meta.CanonicalJson();
  changes->AddIfMembersChanged(ChangeKind::kColumnMetaChanged, node, name, copied && base_copied ? nothing : base.meta,
                               copied && head_copied ? nothing : head.meta);
  changes->AddIfSetChanged(ChangeKind::kColumnClassifiersChanged, node, name, base.classifiers, head.classifiers);
  changes->AddIfSetChanged(ChangeKind::kColumnPolicyTagsChanged, node, name, base.policy_tags, head.policy_tags);
  changes->AddIfMembersChanged(ChangeKind::kColumnPolicyTagsChanged, node, name, base.databricks_tags,
                               head.databricks_tags);
  changes->AddIfChanged(ChangeKind::kColumnMaskChanged, node, name, base.mask, head.mask);
  changes->AddIfChanged(ChangeKind::kColumnConstraintsChanged, node, name, Constraints(base.constraints),
                        Constraints(head.constraints));
}

}  // namespace

void DiffColumns(std::string_view node, const ColumnsOf& base, const ColumnsOf& head, ChangeList* changes) {
  const ColumnPairs<Column> pairs(base.columns, head.columns);
  const DiffEngines& engines = changes->engines();
  const auto type = [](const Column& column) {
    return TextOrNull(column.data_type.empty() ? column.catalog_type : column.data_type);
  };
  for (const Column* column : pairs.added) {
    changes->Add(ChangeKind::kColumnAdded, node, column->name, Value::Null(), type(*column));
  }
  for (const Column* column : pairs.removed) {
    changes->Add(ChangeKind::kColumnRemoved, node, column->name, type(*column), Value::Null());
  }
  for (const auto& [before, after] : pairs.both) {
    DiffColumn(node, *before, *after, changes);
    if (before->tags == after->tags) continue;
    changes->AddIfSetChanged(ChangeKind::kColumnTagsChanged, node, after->name,
                             OwnTags(*before, base.tags, engines.base_copies_meta),
                             OwnTags(*after, head.tags, engines.head_copies_meta));
  }
}

void DiffCatalogTables(const CatalogTable* base, const CatalogTable* head, const std::vector<Column>& base_documented,
                       const std::vector<Column>& head_documented, std::string_view node, ChangeList* changes) {
  if (base == nullptr || head == nullptr) return;
  const auto names = [](const std::vector<Column>& columns) {
    std::unordered_map<std::string, char> folded;
    for (const Column& column : columns) folded.emplace(Lower(column.name), '\0');
    return folded;
  };
  const auto in_base = names(base_documented), in_head = names(head_documented);
  const auto documented = [&](const CatalogColumn& column) {
    const std::string name = Lower(column.name);
    return in_base.contains(name) || in_head.contains(name);
  };
  const ColumnPairs<CatalogColumn> pairs(base->columns, head->columns);
  for (const CatalogColumn* column : pairs.added) {
    if (!documented(*column)) {
      changes->Add(ChangeKind::kColumnAdded, node, column->name, Value::Null(), TextOrNull(column->type));
    }
  }
  for (const CatalogColumn* column : pairs.removed) {
    if (!documented(*column)) {
      changes->Add(ChangeKind::kColumnRemoved, node, column->name, TextOrNull(column->type), Value::Null());
    }
  }
  if (changes->engines().differ) return;
  for (const auto& [before, after] : pairs.both) {
    if (!documented(*after) && NormalType(before->type) != NormalType(after->type)) {
      changes->Add(ChangeKind::kColumnRetyped, node, after->name, TextOrNull(before->type), TextOrNull(after->type));
    }
  }
}

void DiffNode(const Node& base, const Node& head, ChangeList* changes) {
  const std::string& id = head.unique_id;
  const auto text = [&](ChangeKind kind, const std::string& before, const std::string& after) {
    changes->AddIfChanged(kind, id, {}, TextOrNull(before), TextOrNull(after));
  };
  changes->AddIfMembersChanged(ChangeKind::kMetaChanged, id, {}, base.meta, head.meta);
  changes->AddIfSetChanged(ChangeKind::kTagsChanged, id, {}, base.tags, head.tags);
  changes->AddIfMembersChanged(ChangeKind::kTagsChanged, id, {}, base.databricks_tags, head.databricks_tags);
  changes->AddIfSetChanged(ChangeKind::kClassifiersChanged, id, {}, base.classifiers, head.classifiers);
  text(ChangeKind::kAccessChanged, base.access, head.access);
  text(ChangeKind::kGroupChanged, base.group, head.group);
  text(ChangeKind::kVersionChanged, base.latest_version, head.latest_version);
  const auto grants = [](const Node& node) {
    std::vector<Value::Member> members;
    for (const Grant& grant : node.grants) {
      std::vector<Text> grantees = grant.grantees;
      std::sort(grantees.begin(), grantees.end());
      members.push_back({grant.privilege, {}, TextList(grantees)});
    }
    return Value::Map(std::move(members));
  };
  changes->AddIfMembersChanged(ChangeKind::kGrantsChanged, id, {}, grants(base), grants(head));
  if (base.contract_enforced != head.contract_enforced) {
    changes->Add(ChangeKind::kContractChanged, id, {}, Value::Bool(base.contract_enforced),
                 Value::Bool(head.contract_enforced));
  }
  changes->AddIfChanged(ChangeKind::kConstraintsChanged, id, {}, Constraints(base.constraints),
                        Constraints(head.constraints));
  // dbt 2 adds the time of day and the zone.
  const auto date = [changes](const std::string& written) {
    return changes->engines().differ ? written.substr(0, 10) : written;
  };
  text(ChangeKind::kDeprecationChanged, date(base.deprecation_date), date(head.deprecation_date));
  DiffColumns(id, {base.columns, base.tags}, {head.columns, head.tags}, changes);
}

}  // namespace weir::manifest
