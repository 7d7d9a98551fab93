#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "manifest/project.h"
#include "manifest/value.h"

namespace weir::manifest {

// Where a person finds a declaration.
struct DeclaredAt {
  std::string file;  // relative to the project's folder, with `/`; of an installed package: `dbt_packages/NAME/…`
  Position position;
};

// Where the YAML of a dbt project declares what its manifest holds. Files are read when they are first asked for, and
// kept; nothing outside of the project's folder is: absolute paths, `..`, links that lead out, what is no plain file and
// what is larger than 4 MiB count as not there. A manifest is another's word, and so are the files: whatever is missing,
// damaged or written in an unexpected way gives no position, or a coarser one, and never an error. Not thread-safe.
class Declarations {
 public:
  // `project_folder`: that of dbt_project.yml. `project` outlives this.
  Declarations(std::string project_folder, const Project& project);

  // The `name:` of a model, seed, snapshot, source table, exposure, unit test, metric, group, …; the `v:` of a version;
  // the item of a generic test under its column or model, or what that is under when it cannot be told from another.
  // Beginning of the SQL file: of a model that no YAML names, and of a singular test.
  std::optional<DeclaredAt> Of(std::string_view unique_id);
  // The `name:` of a column; nullopt when the YAML does not name it.
  std::optional<DeclaredAt> OfColumn(std::string_view unique_id, std::string_view column);

 private:
  struct Block;  // what declares a resource: the map of a file, and of which version

  std::optional<std::string> PathOf(std::string_view package, std::string_view path) const;
  const Value* Read(const std::string& file);  // null pointer: nothing to be read
  std::optional<Block> BlockOf(std::string_view unique_id);
  std::optional<Block> Find(std::string_view package, std::string_view path, std::string_view list,
                            std::string_view name);
  std::optional<DeclaredAt> OfTest(const Test& test);
  std::optional<DeclaredAt> Beginning(std::string_view package, std::string_view path);

  const std::string folder_;
  const Project& project_;
  std::map<std::string, std::optional<Value>, std::less<>> files_;  // by name relative to folder_
};

// The folder of the dbt project that wrote `target_folder`: the one above it, if dbt_project.yml lies there.
std::optional<std::string> ProjectFolderOf(const std::string& target_folder);

}  // namespace weir::manifest
