#include "manifest/project_diff.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "manifest/change_list.h"

namespace weir::manifest {
namespace {

// "dbt platform" numbers its versions by year; it runs dbt 1 as well as 2.
bool IsDbt2(const Metadata& metadata) { return metadata.dbt_version.starts_with("2."); }

bool IsCompared(std::string_view resource_type) {
  return resource_type == "model" || resource_type == "seed" || resource_type == "snapshot" ||
         resource_type == "metric" || resource_type == "semantic_model" || resource_type == "saved_query" ||
         resource_type == "function";
}

// The ids that a side passes over.
std::unordered_set<std::string_view> DisabledIds(const Project& project) {
  std::unordered_set<std::string_view> ids;
  for (const DisabledResource& resource : project.disabled) ids.insert(resource.unique_id);
  return ids;
}

// Two sorted lists side by side, in one pass.
template <typename Resource>
struct Pairs {
  std::vector<std::pair<const Resource*, const Resource*>> both;
  std::vector<const Resource*> removed, added;
};

template <typename Resource>
Pairs<Resource> Pair(const std::vector<Resource>& base, const std::vector<Resource>& head) {
  Pairs<Resource> pairs;
  auto a = base.begin();
  auto b = head.begin();
  while (a != base.end() || b != head.end()) {
    if (b == head.end() || (a != base.end() && a->unique_id < b->unique_id)) {
      pairs.removed.push_back(&*a++);
    } else if (a == base.end() || b->unique_id < a->unique_id) {
      pairs.added.push_back(&*b++);
    } else {
      pairs.both.emplace_back(&*a++, &*b++);
    }
  }
  return pairs;
}

// What a test tests: dbt 1 and 2 shorten long names, and number the unit tests of versions, each in their own way.
std::string Signature(const Test& test) {
  std::string kwargs;
  for (const Value::Member& member : test.kwargs.members()) {
    if (member.key != "model") kwargs += member.key + "=" + member.value.CanonicalJson() + ";";
  }
  return (test.unit ? "unit\n" : "\n") + test.name + "\n" + test.attached_node + "\n" + test.column_name + "\n" + kwargs;
}

void PairBySignature(Pairs<Test>* pairs) {
  std::unordered_map<std::string, std::vector<const Test*>> removed;
  for (const Test* test : pairs->removed) removed[Signature(*test)].push_back(test);
  std::vector<const Test*> added;
  for (const Test* test : pairs->added) {
    const auto same = removed.find(Signature(*test));
    if (same == removed.end() || same->second.empty()) {
      added.push_back(test);
      continue;
    }
    pairs->both.emplace_back(same->second.back(), test);
    same->second.pop_back();
  }
  pairs->added = std::move(added);
  std::unordered_set<const Test*> left;
  for (const auto& [signature, tests] : removed) left.insert(tests.begin(), tests.end());
  std::erase_if(pairs->removed, [&left](const Test* test) { return !left.contains(test); });
}

class Differ {
 public:
  Differ(const DiffSide& base, const DiffSide& head)
      : base_(base),
        head_(head),
        changes_({IsDbt2(base.project->metadata), IsDbt2(head.project->metadata),
                  IsDbt2(base.project->metadata) != IsDbt2(head.project->metadata) ||
                      base.project->metadata.adapter_type != head.project->metadata.adapter_type}),
        disabled_in_base_(DisabledIds(*base.project)),
        disabled_in_head_(DisabledIds(*head.project)) {}

  ProjectDiff Run() {
    Nodes();
    Sources();
    Tests();
    const auto exposures = Pair(base_.project->exposures, head_.project->exposures);
    AddWhole(exposures);
    for (const auto& [before, after] : exposures.both) DiffExposure(*before, *after, &changes_);
    Groups();
    return {changes_.TakeSorted(), Warnings()};
  }

 private:
  // What is only on one side.
  template <typename Resource>
  void AddWhole(const Pairs<Resource>& pairs) {
    for (const Resource* resource : pairs.removed) {
      const bool disabled = disabled_in_head_.contains(resource->unique_id);
      changes_.Add(disabled ? ChangeKind::kDisabled : ChangeKind::kRemoved, resource->unique_id, {},
                   Value::String("enabled"), disabled ? Value::String("disabled") : Value::Null());
    }
    for (const Resource* resource : pairs.added) {
      const bool disabled = disabled_in_base_.contains(resource->unique_id);
      changes_.Add(disabled ? ChangeKind::kEnabled : ChangeKind::kAdded, resource->unique_id, {},
                   disabled ? Value::String("disabled") : Value::Null(), Value::String("enabled"));
    }
  }

  template <typename Resource>
  void DiffCatalogs(const Resource& before, const Resource& after) {
    if (base_.catalog == nullptr || head_.catalog == nullptr) return;
    DiffCatalogTables(base_.catalog->Find(before.unique_id), head_.catalog->Find(after.unique_id), before.columns,
                      after.columns, after.unique_id, &changes_);
  }

  void Nodes() {
    auto pairs = Pair(base_.project->nodes, head_.project->nodes);
    const auto ignored = [](const Node* node) { return !IsCompared(node->resource_type); };
    std::erase_if(pairs.removed, ignored);
    std::erase_if(pairs.added, ignored);
    AddWhole(pairs);
    for (const auto& [before, after] : pairs.both) {
      if (ignored(after)) continue;
      DiffNode(*before, *after, &changes_);
      DiffCatalogs(*before, *after);
    }
  }

  void Sources() {
    const auto pairs = Pair(base_.project->sources, head_.project->sources);
    AddWhole(pairs);
    for (const auto& [before, after] : pairs.both) {
      DiffSource(*before, *after, &changes_);
      DiffCatalogs(*before, *after);
    }
  }

  void Tests() {
    auto pairs = Pair(base_.project->tests, head_.project->tests);
    if (changes_.engines().differ) PairBySignature(&pairs);
    AddWhole(pairs);
    for (const auto& [before, after] : pairs.both) DiffTest(*before, *after, &changes_);
  }

  void Groups() {
    // Two packages may each have one of a name.
    const auto by_id = [](const std::vector<Group>& groups) {
      std::unordered_map<std::string_view, const Group*> ids;
      for (const Group& group : groups) ids.emplace(group.unique_id, &group);
      return ids;
    };
    const auto base = by_id(base_.project->groups), head = by_id(head_.project->groups);
    for (const Group& group : base_.project->groups) {
      const auto same = head.find(group.unique_id);
      if (same == head.end()) {
        changes_.Add(ChangeKind::kRemoved, group.unique_id, {}, Value::String("enabled"), Value::Null());
      } else {
        DiffGroup(group, *same->second, &changes_);
      }
    }
    for (const Group& group : head_.project->groups) {
      if (!base.contains(group.unique_id)) {
        changes_.Add(ChangeKind::kAdded, group.unique_id, {}, Value::Null(), Value::String("enabled"));
      }
    }
  }

  std::vector<std::string> Warnings() const {
    const Metadata& a = base_.project->metadata;
    const Metadata& b = head_.project->metadata;
    std::vector<std::string> warnings;
    const auto warn = [&warnings](const std::string& what, const std::string& before, const std::string& after,
                                  const std::string& advice) {
      if (before == after) return;
      warnings.push_back("base is of " + what + " `" + before + "`, head of `" + after + "`: " + advice);
    };
    warn("project", a.project_name, b.project_name, "are these the folders that you mean?");
    warn("dbt", a.dbt_version, b.dbt_version,
         "some changes may come from dbt itself; make both with one version to be sure");
    warn("adapter", a.adapter_type, b.adapter_type,
         "types of the warehouse are not compared; make both for one adapter to be sure");
    return warnings;
  }

  const DiffSide base_, head_;
  ChangeList changes_;
  const std::unordered_set<std::string_view> disabled_in_base_, disabled_in_head_;
};

}  // namespace

ProjectDiff DiffProjects(const DiffSide& base, const DiffSide& head) { return Differ(base, head).Run(); }

}  // namespace weir::manifest
