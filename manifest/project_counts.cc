#include "manifest/project_counts.h"

#include <algorithm>
#include <tuple>

namespace weir::manifest {
namespace {

bool Documented(const Node& node) {
  return node.type == ResourceType::kModel || node.type == ResourceType::kSeed ||
         node.type == ResourceType::kSnapshot;
}

template <typename Visit>
void EachColumn(const Project& project, const Visit& visit) {
  for (const Node& node : project.nodes) {
    if (Documented(node)) std::for_each(node.columns.begin(), node.columns.end(), visit);
  }
  for (const Source& source : project.sources) {
    std::for_each(source.columns.begin(), source.columns.end(), visit);
  }
}

}  // namespace

std::vector<std::pair<std::string, std::size_t>> ProjectCounts::Named() const {
  return {{"models", models},         {"seeds", seeds},
          {"snapshots", snapshots},   {"sources", sources},
          {"tests", tests},           {"unit_tests", unit_tests},
          {"exposures", exposures},   {"columns", columns},
          {"columns_with_meta", columns_with_meta}, {"disabled", disabled}};
}

ProjectCounts CountsOf(const Project& project) {
  ProjectCounts counts;
  for (const Node& node : project.nodes) {
    counts.models += node.type == ResourceType::kModel ? 1 : 0;
    counts.seeds += node.type == ResourceType::kSeed ? 1 : 0;
    counts.snapshots += node.type == ResourceType::kSnapshot ? 1 : 0;
  }
  EachColumn(project, [&counts](const Column& column) {
    ++counts.columns;
    counts.columns_with_meta += column.meta.members().empty() ? 0 : 1;
  });
  for (const Test& test : project.tests) (test.unit ? counts.unit_tests : counts.tests) += 1;
  counts.sources = project.sources.size();
  counts.exposures = project.exposures.size();
  counts.disabled = project.disabled.size();
  return counts;
}

std::vector<ColumnMark> ColumnMarks(const Project& project) {
  std::map<std::pair<std::string, std::string>, ColumnMark> marks;
  const auto mark = [&marks](const char* kind, const std::string& name) -> ColumnMark& {
    ColumnMark& found = marks[{kind, name}];
    ++found.columns;
    return found;
  };
  EachColumn(project, [&mark](const Column& column) {
    if (!column.meta_copied_from_node) {
      for (const Value::Member& member : column.meta.members()) {
        ColumnMark& found = mark("meta", member.key);
        const std::string value = member.value.CanonicalJson();
        if (found.values.contains(value) || found.values.size() < ColumnMark::kMostValues) ++found.values[value];
      }
    }
    for (const Text& tag : column.tags) mark("tag", tag);
    for (const Text& classifier : column.classifiers) mark("classifier", classifier);
    for (const Text& tag : column.policy_tags) mark("policy_tag", tag);
  });
  std::vector<ColumnMark> sorted;
  for (auto& [name, found] : marks) {
    std::tie(found.kind, found.name) = name;
    sorted.push_back(std::move(found));
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const ColumnMark& a, const ColumnMark& b) { return a.columns > b.columns; });
  return sorted;
}

}  // namespace weir::manifest
