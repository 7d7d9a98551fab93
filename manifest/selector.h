#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"

namespace weir::manifest {

// dbt's node selection (`dbt ls --select`) over a project's models, seeds, snapshots, sources, tests,
// exposures and the rest. Space unites, a comma intersects, `+x`, `2+x`, `x+`, `x+1` and `@x` walk the graph.
// Methods:
//   exposure:  tag:  config.meta.<path>:  config.{materialized,access,group,severity,tags}:  resource_type:
//   package: path:  file:  fqn:  source:  access:  group:  test_name:  test_type:
// A text without a method is a path when it holds `/`, a file when it ends in `.sql`, `.csv` or `.py`, else
// an fqn.
// `*`, `?` and `[a-z]` are wildcards where dbt has them. Beyond dbt: `config.` sees exposures, numbers
// (`tier:1`), keys that hold dots, and tags that a test has from its column. Immutable; safe to use from
// several threads.
class Selector {
 public:
  // nullopt: *error (not null) says why, naming the methods that there are.
  static std::optional<Selector> Parse(std::string_view text, std::string* error);

  std::vector<std::string> Select(const Project& project) const;  // unique_ids, sorted
  // Select's answer for one of them. Walks the graph when the text asks for it; ask Select once for many.
  bool Matches(const Project& project, std::string_view unique_id) const;

 private:
  enum class Method : std::uint8_t {
    kFqn,
    kTag,
    kConfig,
    kResourceType,
    kPackage,
    kPath,
    kFile,
    kSource,
    kExposure,
    kAccess,
    kGroup,
    kTestName,
    kTestType
  };
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  struct Atom {
    Method method = Method::kFqn;
    std::vector<std::string> arguments;  // of `config.`: the path
    std::string value;
    std::size_t parents = 0, children = 0;  // steps to walk; kAll: all of them
    bool childrens_parents = false;         // @
  };
  struct Item;  // what the methods look at, of any resource

  static bool ParseAtom(std::string_view text, Atom* atom, std::string* error);
  static bool ChooseMethod(std::string_view name, Atom* atom, std::string* error);
  static std::vector<Item> Items(const Project& project);
  static bool MatchesItem(const Atom& atom, const Project& project, const Item& item);
  static bool MatchesConfig(const Atom& atom, const Item& item);
  static std::set<std::string> SelectAtom(const Atom& atom, const Project& project,
                                          const std::vector<Item>& items);

  std::vector<std::vector<Atom>> unions_;  // of intersections
};

// Python's fnmatch, which dbt uses: `*` matches anything, dots and slashes too.
bool MatchesGlob(std::string_view text, std::string_view pattern);
// Python's Path.glob: `*` stays within a folder, `**` crosses folders. True for a file below a matched folder
// as well.
bool MatchesPathGlob(std::string_view path, std::string_view pattern);

}  // namespace weir::manifest
