#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/artifact_file.h"
#include "manifest/project.h"

namespace weir::manifest {

// An artifact could not be read. what() is the whole message: `target/manifest.json:1:1: …`, with what to do next.
// code(): W-ART-001 absent, 002 not JSON (truncated, damaged), 003 wrong schema, 004 too large, 005 wrong shape.
class ArtifactError : public std::runtime_error {
 public:
  ArtifactError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// Of a manifest, what not everybody needs.
struct ReadOptions {
  bool digest = true;     // Project::digest: hashing takes more than half as long as all the rest
  bool raw_code = false;  // Node::raw_code: a tenth of a manifest, or more
  bool test_code = false;  // Project::macros, and of tests `macros` and `raw_code`
  bool descriptions = false;  // of nodes, sources, tests and columns; those of exposures and groups are always read
};

// All throw ArtifactError. Unknown fields and enum values pass; an unknown schema major is refused by name.
Project ReadProject(const std::string& manifest_path, const ReadOptions& options = {});  // v4 to v12, v20
Project ReadProjectFrom(const ArtifactFile& file, const ReadOptions& options = {});

struct TestResult {
  std::string unique_id;
  std::string status;   // as written
  std::string message;  // dbt's; may hold values: never printed or logged
  std::optional<std::int64_t> failures;
  std::string completed_at;  // last `timing` entry; empty: unknown
  std::string relation_name;  // v6; of models, and of tests that store their failures
  std::string compiled_code;  // v5 and later; empty: unknown
};

struct RunResults {
  std::string path, digest;
  std::string schema, dbt_version, generated_at, invocation_id;
  std::string which;  // args.which: build, test, run, compile, generate, …; empty: unknown
  Value args;
  std::vector<TestResult> results;  // of every node, models too; sorted by unique_id

  const TestResult* Find(std::string_view unique_id) const;  // the first, should there be several
  bool IsThereTwice(const TestResult& found) const;          // `found`: what Find returned
};
std::optional<RunResults> ReadRunResults(const std::string& path);  // nullopt: no such file; v4 to v6
RunResults ReadRunResultsFrom(const ArtifactFile& file);

struct FreshnessResult {
  std::string unique_id;
  std::string status;  // pass, warn, error, runtime error
  std::string max_loaded_at, snapshotted_at;
};
struct SourceFreshness {
  std::string path, digest, generated_at, invocation_id;
  std::vector<FreshnessResult> results;
};
std::optional<SourceFreshness> ReadSourceFreshness(const std::string& path);  // sources.json v3
SourceFreshness ReadSourceFreshnessFrom(const ArtifactFile& file);

struct CatalogColumn {
  std::string name, type;
};
struct CatalogTable {
  std::string unique_id, type, database, schema, name;
  std::vector<CatalogColumn> columns;  // by index

  // The warehouse writes names in its own case: exact, else the only one equal ignoring ASCII case.
  const CatalogColumn* FindColumn(std::string_view name) const;
};
struct Catalog {
  std::string path, digest, generated_at, invocation_id, dbt_version;
  std::vector<CatalogTable> tables;  // models, seeds, snapshots and sources; sorted by unique_id

  const CatalogTable* Find(std::string_view unique_id) const;
};
std::optional<Catalog> ReadCatalog(const std::string& path);  // v1
Catalog ReadCatalogFrom(const ArtifactFile& file);
// Sets Column::catalog_type of the documented columns that the catalog has.
void JoinCatalog(const Catalog& catalog, Project* project);

}  // namespace weir::manifest
