#include "manifest/project.h"

#include <algorithm>
#include <set>

#include "manifest/column_names.h"

namespace weir::manifest {
namespace {

template <typename Resource>
const Resource* FindById(const std::vector<Resource>& sorted, std::string_view unique_id) {
  const auto at =
      std::lower_bound(sorted.begin(), sorted.end(), unique_id,
                       [](const Resource& resource, std::string_view id) { return resource.unique_id < id; });
  return at != sorted.end() && at->unique_id == unique_id ? &*at : nullptr;
}

bool HasName(const Node& node, std::string_view written) {
  // INVARIANT: `shop.` before and `.v2` behind are optional, the name between is not.
  if (written.size() > node.package.size() && written.starts_with(node.package) &&
      written[node.package.size()] == '.') {
    const std::string_view rest = written.substr(node.package.size() + 1);
    if (rest == node.name || rest.starts_with(node.name + ".v")) written = rest;
  }
  if (written == node.name) return node.version.empty() || node.version == node.latest_version;
  return !node.version.empty() && written == node.name + ".v" + node.version;
}

}  // namespace

const Column* Node::FindColumn(std::string_view column_name) const { return FindColumnIn(columns, column_name); }
const Column* Source::FindColumn(std::string_view column_name) const { return FindColumnIn(columns, column_name); }

const Node* Project::FindNode(std::string_view unique_id) const { return FindById(nodes, unique_id); }
const Source* Project::FindSource(std::string_view unique_id) const { return FindById(sources, unique_id); }
const Test* Project::FindTest(std::string_view unique_id) const { return FindById(tests, unique_id); }
const Exposure* Project::FindExposure(std::string_view unique_id) const {
  return FindById(exposures, unique_id);
}
const Macro* Project::FindMacro(std::string_view unique_id) const { return FindById(macros, unique_id); }

const Node* Project::FindModel(std::string_view name, std::vector<std::string>* ambiguous) const {
  if (ambiguous != nullptr) ambiguous->clear();
  if (const Node* node = FindNode(name)) return node;
  std::vector<const Node*> found;
  for (const Node& node : nodes) {
    const bool selectable = node.type == ResourceType::kModel || node.type == ResourceType::kSeed ||
                            node.type == ResourceType::kSnapshot;
    if (selectable && HasName(node, name)) found.push_back(&node);
  }
  if (found.size() == 1) return found.front();
  if (ambiguous != nullptr) {
    for (const Node* node : found) ambiguous->push_back(node->unique_id);
  }
  return nullptr;
}

std::vector<const Test*> Project::TestsOf(std::string_view unique_id) const {
  std::vector<const Test*> found;
  for (const Test& test : tests) {
    const bool of_it = test.attached_node.empty() ? std::find(test.depends_on.begin(), test.depends_on.end(),
                                                              unique_id) != test.depends_on.end()
                                                  : test.attached_node == unique_id;
    if (of_it) found.push_back(&test);
  }
  return found;
}

std::vector<const Source*> Project::SourcesAbove(std::string_view unique_id) const {
  std::set<std::string_view> seen;
  std::vector<std::string_view> open = {unique_id};
  std::vector<const Source*> found;
  while (!open.empty()) {
    const std::string_view id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    if (const Node* node = FindNode(id)) {
      open.insert(open.end(), node->depends_on.begin(), node->depends_on.end());
    } else if (const Source* source = FindSource(id)) {
      found.push_back(source);
    } else if (const Exposure* exposure = FindExposure(id)) {
      open.insert(open.end(), exposure->depends_on.begin(), exposure->depends_on.end());
    } else if (const Test* test = FindTest(id)) {
      open.insert(open.end(), test->depends_on.begin(), test->depends_on.end());
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Source* a, const Source* b) { return a->unique_id < b->unique_id; });
  return found;
}

}  // namespace weir::manifest
