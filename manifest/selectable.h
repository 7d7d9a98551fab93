#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "manifest/project.h"

namespace weir::manifest {

// What a selector looks at, of any resource of a project. Everything is borrowed from the project.
struct Selectable {
  std::string_view unique_id, resource_type, package, name;
  std::string_view path;    // original_file_path
  std::string_view patch;   // patch_path without its package; empty: none
  std::string_view config;  // JSON text; empty: none
  const std::vector<Text>* fqn = nullptr;
  const std::vector<Text>* tags = nullptr;
  const std::vector<Text>* depends_on = nullptr;  // null: nothing
  const Value* meta = nullptr;
  const Node* node = nullptr;
  const Source* source = nullptr;
  const Test* test = nullptr;

  bool Versioned() const { return node != nullptr && !node->version.empty(); }
};

// dbt's `file://`-like prefix: `shop://models/_shop.yml` is `models/_shop.yml`.
std::string_view WithoutPackage(std::string_view patch_path);

// Every resource of a project that dbt selects from (hooks are none), sorted by unique_id, and who depends on whom.
// Borrows from the project, which outlives it. Building is linear in resources and dependencies.
class SelectableGraph {
 public:
  using Index = std::uint32_t;
  using Set = std::vector<char>;  // one for each item: is it in

  enum class With { kItems, kEdges };
  // kItems: Reach must not be asked; for selectors that do not walk, in a third of the time.
  explicit SelectableGraph(const Project& project, With with = With::kEdges);

  const std::vector<Selectable>& items() const { return items_; }
  std::optional<Index> Find(std::string_view unique_id) const;

  enum class Direction { kParents, kChildren };
  // `from` and what is at most so many steps away.
  Set Reach(const Set& from, Direction direction, std::size_t steps) const;

 private:
  // The neighbours of item i are edges[begins[i]] to edges[begins[i + 1] - 1].
  struct Edges {
    std::vector<Index> begins, ends;
    std::span<const Index> Of(Index item) const {
      return {ends.data() + begins[item], ends.data() + begins[item + 1]};
    }
  };

  void AddItems(const Project& project);
  void MergeFrom(std::size_t begin);
  static Edges Group(std::size_t count, const std::vector<std::pair<Index, Index>>& pairs);

  std::vector<Selectable> items_;
  std::unordered_map<std::string_view, Index> by_id_;
  Edges parents_, children_;
};

}  // namespace weir::manifest
