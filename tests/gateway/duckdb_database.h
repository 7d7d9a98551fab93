#pragma once

#include <string>

#include "manifest/duckdb_api.h"

namespace weir::gateway {

// Where libduckdb.so lies for the tests: $WEIR_DUCKDB_LIBRARY, else build/duckdb/ of the source tree. Empty: not there.
std::string DuckdbLibraryForTests();

// A database that a test fills; writing, so nobody else can open it while it lives.
class DuckdbDatabaseFile {
 public:
  explicit DuckdbDatabaseFile(const std::string& path);
  ~DuckdbDatabaseFile();
  DuckdbDatabaseFile(const DuckdbDatabaseFile&) = delete;
  DuckdbDatabaseFile& operator=(const DuckdbDatabaseFile&) = delete;

  void Run(const std::string& sql);  // one statement; throws std::runtime_error

 private:
  const manifest::DuckdbApi& api_;
  manifest::DuckdbDatabase* database_ = nullptr;
  manifest::DuckdbConnection* connection_ = nullptr;
};

}  // namespace weir::gateway
