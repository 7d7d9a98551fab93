#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace weir::manifest {

// Where libduckdb.so lies for the tests: $WEIR_DUCKDB_LIBRARY, else build/duckdb/ of the source tree. Empty: not there.
inline std::string DuckdbForTests() {
  if (const char* path = std::getenv("WEIR_DUCKDB_LIBRARY"); path != nullptr && *path != '\0') return path;
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/build/duckdb/libduckdb.so";
  return std::filesystem::exists(path) ? path : std::string();
}

constexpr const char* kNoDuckdb = "DuckDB's library is not installed; tests/run.sh gets it";

}  // namespace weir::manifest
