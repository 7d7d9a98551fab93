#include "manifest/change_list.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace weir::manifest {
namespace {

bool SameValue(const Value& a, const Value& b) {
  if (a.kind() == Value::Kind::kString && b.kind() == Value::Kind::kString) return a.text() == b.text();
  return a.CanonicalJson() == b.CanonicalJson();
}

std::string_view KindName(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kDisabled:
      return "disabled";
    case ChangeKind::kEnabled:
      return "enabled";
    case ChangeKind::kMetaChanged:
      return "meta_changed";
    case ChangeKind::kTagsChanged:
      return "tags_changed";
    case ChangeKind::kClassifiersChanged:
      return "classifiers_changed";
    case ChangeKind::kAccessChanged:
      return "access_changed";
    case ChangeKind::kGroupChanged:
      return "group_changed";
    case ChangeKind::kGrantsChanged:
      return "grants_changed";
    case ChangeKind::kContractChanged:
      return "contract_changed";
    case ChangeKind::kConstraintsChanged:
      return "constraints_changed";
    case ChangeKind::kVersionChanged:
      return "version_changed";
    case ChangeKind::kDeprecationChanged:
      return "deprecation_changed";
    case ChangeKind::kColumnAdded:
      return "column_added";
    case ChangeKind::kColumnRemoved:
      return "column_removed";
    case ChangeKind::kColumnRetyped:
      return "column_retyped";
    case ChangeKind::kColumnMetaChanged:
      return "column_meta_changed";
    case ChangeKind::kColumnTagsChanged:
      return "column_tags_changed";
    case ChangeKind::kColumnClassifiersChanged:
      return "column_classifiers_changed";
    case ChangeKind::kColumnPolicyTagsChanged:
      return "column_policy_tags_changed";
    case ChangeKind::kColumnMaskChanged:
      return "column_mask_changed";
    case ChangeKind::kColumnConstraintsChanged:
      return "column_constraints_changed";
    case ChangeKind::kTestDowngraded:
      return "test_downgraded";
    case ChangeKind::kTestUpgraded:
      return "test_upgraded";
    case ChangeKind::kTestThresholdChanged:
      return "test_threshold_changed";
    case ChangeKind::kTestChanged:
      return "test_changed";
    case ChangeKind::kOwnerChanged:
      return "owner_changed";
    case ChangeKind::kExposureChanged:
      return "exposure_changed";
    case ChangeKind::kSourceChanged:
      return "source_changed";
  }
  return "changed";
}

}  // namespace

std::string Name(const Change& change) {
  const std::string name(KindName(change.kind));
  if (change.kind > ChangeKind::kEnabled) return name;
  return change.node.substr(0, change.node.find('.')) + "_" + name;
}

Value TextOrNull(const std::string& text) { return text.empty() ? Value::Null() : Value::String(text); }

Value IntegerOrNull(const std::optional<std::int64_t>& number) {
  return number ? Value::Number(std::to_string(*number)) : Value::Null();
}

Value TextList(const std::vector<Text>& texts) {
  std::vector<Value> items;
  for (const Text& text : texts) items.push_back(Value::String(text));
  return Value::List(std::move(items));
}

// Without what is null or empty; null when nothing is left.
Value ChangeList::Normal(const Value& value) const {
  switch (value.kind()) {
    case Value::Kind::kMap: {
      std::vector<Value::Member> members;
      for (const Value::Member& member : value.members()) {
        Value inner = Normal(member.value);
        if (!inner.IsNull()) members.push_back({member.key, {}, std::move(inner)});
      }
      return members.empty() ? Value::Null() : Value::Map(std::move(members));
    }
    case Value::Kind::kList: {
      std::vector<Value> items;
      for (const Value& item : value.items()) items.push_back(Normal(item));
      return items.empty() ? Value::Null() : Value::List(std::move(items));
    }
    case Value::Kind::kString: {
      if (!engines_.differ || !value.text().ends_with('\n')) return value;
      return Value::String(value.text().substr(0, value.text().find_last_not_of('\n') + 1));
    }
    default:
      return value;
  }
}

void ChangeList::Add(ChangeKind kind, std::string_view node, std::string_view column, Value before, Value after) {
  changes_.push_back({kind, std::string(node), std::string(column), std::move(before), std::move(after)});
}

void ChangeList::AddIfChanged(ChangeKind kind, std::string_view node, std::string_view column, const Value& before,
                              const Value& after) {
  if (before.IsNull() && after.IsNull()) return;
  Value a = Normal(before), b = Normal(after);
  if (!SameValue(a, b)) Add(kind, node, column, std::move(a), std::move(b));
}

void ChangeList::AddIfMembersChanged(ChangeKind kind, std::string_view node, std::string_view column,
                                     const Value& before, const Value& after) {
  if (before.members().empty() && after.members().empty()) return;
  const Value a = Normal(before), b = Normal(after);
  std::unordered_map<std::string_view, const Value*> of_base;
  for (const Value::Member& member : a.members()) of_base.emplace(member.key, &member.value);
  std::vector<Value::Member> only_before, only_after;
  for (const Value::Member& member : b.members()) {
    const auto same = of_base.find(member.key);
    if (same != of_base.end() && SameValue(*same->second, member.value)) {
      of_base.erase(same);
    } else {
      only_after.push_back(member);
    }
  }
  for (const Value::Member& member : a.members()) {
    if (of_base.contains(member.key)) only_before.push_back(member);
  }
  if (only_before.empty() && only_after.empty()) return;
  const auto as_value = [](std::vector<Value::Member> members) {
    return members.empty() ? Value::Null() : Value::Map(std::move(members));
  };
  Add(kind, node, column, as_value(std::move(only_before)), as_value(std::move(only_after)));
}

void ChangeList::AddIfSetChanged(ChangeKind kind, std::string_view node, std::string_view column,
                                 const std::vector<Text>& before, const std::vector<Text>& after) {
  if (before == after) return;
  const std::set<std::string> a(before.begin(), before.end()), b(after.begin(), after.end());
  if (a == b) return;
  const auto as_value = [](const std::set<std::string>& texts) {
    return texts.empty() ? Value::Null() : TextList({texts.begin(), texts.end()});
  };
  Add(kind, node, column, as_value(a), as_value(b));
}

std::vector<Change> ChangeList::TakeSorted() {
  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
    return std::tie(a.node, a.column, a.kind) < std::tie(b.node, b.column, b.kind);
  });
  return std::move(changes_);
}

}  // namespace weir::manifest
