#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"

namespace weir::manifest {

struct Selectable;
class SelectableGraph;

// dbt's node selection (`dbt ls --select … --indirect-selection empty`) over a project's models, seeds, snapshots,
// sources, tests, exposures, analyses and the rest. Space unites, a comma intersects, `+x`, `2+x`, `x+`, `x+1` and `@x`
// walk the graph. Methods:
//   fqn: path: file: tag: package: resource_type: config.<path>: access: group: version: source: exposure:
//   test_name: test_type: unit_test: metric: semantic_model: saved_query:
// A text without a method is a path when it holds `/`, a file when it ends in `.sql`, `.csv` or `.py`, else an fqn. `*`,
// `?` and `[a-z]` are wildcards where dbt has them. `state:`, `result:`, `source_status:` and `selector:` ask for what is
// not in a manifest and are refused.
// Beyond dbt: `config.meta` sees exposures, numbers (`tier:1`) and keys that hold dots; metrics have the tags of their
// config; a misspelt config key is an error where dbt silently selects nothing. Paths are those that the manifest knows,
// since no file system is asked. Immutable; safe to use from several threads.
class Selector {
 public:
  // nullopt: *error (not null) says why, naming the methods that there are.
  static std::optional<Selector> Parse(std::string_view text, std::string* error);

  // unique_ids, sorted. Linear in the project for each part of the selector.
  std::vector<std::string> Select(const Project& project) const;
  // A part of the text that names one thing (a model, source, exposure …, or a folder of models; without wildcards) and
  // selects nothing.
  struct Absent {
    std::string written;
    std::string hint;  // "; did you mean `customers`?"; empty: nothing is close
  };
  // The same with the project's graph, edges and all, which many selectors may share. `absent` (may be null) gets every
  // such part, in the order of the text.
  std::vector<std::string> Select(const Project& project, const SelectableGraph& graph,
                                  std::vector<Absent>* absent = nullptr) const;
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
    kMetric,
    kSemanticModel,
    kSavedQuery,
    kUnitTest,
    kAccess,
    kGroup,
    kVersion,
    kTestName,
    kTestType
  };
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  struct Atom {
    Method method = Method::kFqn;
    std::vector<std::string> arguments;  // of `config.`: the path
    std::string value, written;
    std::size_t parents = 0, children = 0;  // steps to walk; kAll: all of them
    bool childrens_parents = false;         // @
  };
  struct NamedMethod {
    std::string_view name;
    Method method;
  };
  static const std::vector<NamedMethod>& Methods();
  static std::string_view NameOf(Method method);

  bool Walks() const;  // along edges of the graph

  static bool ParseAtom(std::string_view text, Atom* atom, std::string* error);
  static bool ChooseMethod(std::string_view name, Atom* atom, std::string* error);
  static bool CheckValue(const Atom& atom, const std::string& written, std::string* error);
  static bool MatchesItem(const Atom& atom, const Project& project, const Selectable& item);
  static std::vector<char> SelectAtom(const Atom& atom, const Project& project, const SelectableGraph& graph);
  static bool NamesOne(const Atom& atom);
  static Absent AbsentOf(const Atom& atom, const SelectableGraph& graph);
  static std::vector<char> SelectByPath(const Atom& atom, const Project& project, const SelectableGraph& graph);

  std::vector<std::vector<Atom>> unions_;  // of intersections
};

// `dbt ls --select SELECT --exclude EXCLUDE`: an empty `select` is everything, an empty `exclude` nothing. unique_ids,
// sorted. nullopt: *error says which of the two is wrong and why.
std::optional<std::vector<std::string>> SelectIds(const Project& project, std::string_view select,
                                                  std::string_view exclude, std::string* error);

// Python's fnmatch, which dbt uses: `*` matches anything, dots and slashes too.
bool MatchesGlob(std::string_view text, std::string_view pattern);
// Python's Path.glob: `*` stays within a folder, `**` crosses folders. True for a file below a matched folder
// as well.
bool MatchesPathGlob(std::string_view path, std::string_view pattern);
// The beginnings of `path` (whole segments, the whole path too) that the pattern matches, as lengths in segments.
std::vector<std::size_t> MatchedFolders(std::string_view path, std::string_view pattern);

}  // namespace weir::manifest
