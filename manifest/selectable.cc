#include "manifest/selectable.h"

#include <algorithm>
#include <utility>

namespace weir::manifest {
namespace {

bool IsHook(const Node& node) {
  return node.resource_type == "operation" || node.resource_type == "sql_operation" ||
         node.resource_type == "sql operation" || node.resource_type == "rpc";
}

// The fields that every kind of resource has.
template <typename Resource>
Selectable Common(const Resource& resource, std::string_view resource_type) {
  Selectable item;
  item.unique_id = resource.unique_id;
  item.resource_type = resource_type;
  item.package = resource.package;
  item.name = resource.name;
  item.path = resource.original_file_path;
  item.fqn = &resource.fqn;
  item.tags = &resource.tags;
  item.meta = &resource.meta;
  return item;
}

template <typename Resource>
void AddFiles(const Resource& resource, Selectable* item) {
  item->patch = WithoutPackage(resource.patch_path);
  item->config = resource.config;
}

}  // namespace

std::string_view WithoutPackage(std::string_view patch_path) {
  const std::size_t at = patch_path.find("://");
  return at == std::string_view::npos ? patch_path : patch_path.substr(at + 3);
}

SelectableGraph::SelectableGraph(const Project& project, With with) {
  AddItems(project);
  if (with == With::kItems) return;
  by_id_.reserve(items_.size());
  for (Index i = 0; i < items_.size(); ++i) by_id_.emplace(items_[i].unique_id, i);
  std::vector<std::pair<Index, Index>> up, down;
  for (Index child = 0; child < items_.size(); ++child) {
    if (items_[child].depends_on == nullptr) continue;
    for (const Text& name : *items_[child].depends_on) {
      const std::optional<Index> parent = Find(name);
      if (!parent) continue;
      up.emplace_back(child, *parent);
      down.emplace_back(*parent, child);
    }
  }
  parents_ = Group(items_.size(), up);
  children_ = Group(items_.size(), down);
}

void SelectableGraph::AddItems(const Project& project) {
  items_.reserve(project.nodes.size() + project.sources.size() + project.tests.size() +
                 project.exposures.size());
  for (const Node& node : project.nodes) {
    if (IsHook(node)) continue;
    Selectable& item = items_.emplace_back(Common(node, node.resource_type));
    AddFiles(node, &item);
    item.depends_on = &node.depends_on;
    item.node = &node;
  }
  MergeFrom(0);
  std::size_t begin = items_.size();
  for (const Source& source : project.sources) {
    Selectable& item = items_.emplace_back(Common(source, "source"));
    AddFiles(source, &item);
    item.source = &source;
  }
  MergeFrom(begin);
  begin = items_.size();
  for (const Test& test : project.tests) {
    Selectable& item = items_.emplace_back(Common(test, test.unit ? "unit_test" : "test"));
    AddFiles(test, &item);
    item.depends_on = &test.depends_on;
    item.test = &test;
  }
  MergeFrom(begin);
  begin = items_.size();
  for (const Exposure& exposure : project.exposures) {
    Selectable& item = items_.emplace_back(Common(exposure, "exposure"));
    item.depends_on = &exposure.depends_on;
  }
  MergeFrom(begin);
}

// INVARIANT: what stands before `begin` is sorted. A project's lists are; should one not be, it is sorted here.
void SelectableGraph::MergeFrom(std::size_t begin) {
  const auto by_id = [](const Selectable& a, const Selectable& b) { return a.unique_id < b.unique_id; };
  const auto middle = items_.begin() + static_cast<std::ptrdiff_t>(begin);
  if (!std::is_sorted(middle, items_.end(), by_id)) std::sort(middle, items_.end(), by_id);
  std::inplace_merge(items_.begin(), middle, items_.end(), by_id);
}

std::optional<SelectableGraph::Index> SelectableGraph::Find(std::string_view unique_id) const {
  const auto found = by_id_.find(unique_id);
  return found == by_id_.end() ? std::nullopt : std::optional<Index>(found->second);
}

SelectableGraph::Edges SelectableGraph::Group(std::size_t count,
                                              const std::vector<std::pair<Index, Index>>& pairs) {
  Edges edges;
  edges.begins.assign(count + 1, 0);
  for (const auto& [from, to] : pairs) ++edges.begins[from + 1];
  for (std::size_t i = 1; i <= count; ++i) edges.begins[i] += edges.begins[i - 1];
  edges.ends.resize(pairs.size());
  std::vector<Index> next = edges.begins;
  for (const auto& [from, to] : pairs) edges.ends[next[from]++] = to;
  return edges;
}

SelectableGraph::Set SelectableGraph::Reach(const Set& from, Direction direction, std::size_t steps) const {
  const Edges& edges = direction == Direction::kParents ? parents_ : children_;
  Set reached = from;
  std::vector<Index> border;
  for (Index i = 0; i < from.size(); ++i) {
    if (from[i] != 0) border.push_back(i);
  }
  for (std::size_t step = 0; step < steps && !border.empty(); ++step) {
    std::vector<Index> next;
    for (const Index item : border) {
      for (const Index other : edges.Of(item)) {
        if (reached[other] != 0) continue;
        reached[other] = 1;
        next.push_back(other);
      }
    }
    border = std::move(next);
  }
  return reached;
}

}  // namespace weir::manifest
