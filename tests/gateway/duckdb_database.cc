#include "tests/gateway/duckdb_database.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace weir::gateway {

using manifest::DuckdbChunk;
using manifest::DuckdbConfig;
using manifest::DuckdbPending;
using manifest::DuckdbPrepared;
using manifest::DuckdbResult;
using manifest::DuckdbState;
using manifest::kDuckdbSuccess;

std::string DuckdbLibraryForTests() {
  if (const char* path = std::getenv("WEIR_DUCKDB_LIBRARY"); path != nullptr && *path != '\0') return path;
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/build/duckdb/libduckdb.so";
  return std::filesystem::exists(path) ? path : std::string();
}

namespace {

const manifest::DuckdbApi& Library() {
  std::string problem;
  const manifest::DuckdbApi* api = manifest::LoadDuckdb(DuckdbLibraryForTests(), &problem);
  if (api == nullptr) throw std::runtime_error(problem);
  return *api;
}

}  // namespace

DuckdbDatabaseFile::DuckdbDatabaseFile(const std::string& path) : api_(Library()) {
  DuckdbConfig* config = nullptr;
  api_.create_config(&config);
  api_.set_config(config, "threads", "1");
  char* error = nullptr;
  const DuckdbState state = api_.open_ext(path.c_str(), &database_, config, &error);
  api_.destroy_config(&config);
  if (state != kDuckdbSuccess) throw std::runtime_error(error == nullptr ? "cannot open" : error);
  if (api_.connect(database_, &connection_) != kDuckdbSuccess) throw std::runtime_error("cannot connect");
}

DuckdbDatabaseFile::~DuckdbDatabaseFile() {
  api_.disconnect(&connection_);
  api_.close(&database_);
}

void DuckdbDatabaseFile::Run(const std::string& sql) {
  DuckdbPrepared* prepared = nullptr;
  DuckdbPending* pending = nullptr;
  DuckdbResult result;
  std::string problem;
  if (api_.prepare(connection_, sql.c_str(), &prepared) != kDuckdbSuccess) {
    problem = api_.prepare_error(prepared);
  } else if (api_.pending_prepared_streaming(prepared, &pending) != kDuckdbSuccess) {
    problem = api_.pending_error(pending);
  } else if (api_.execute_pending(pending, &result) != kDuckdbSuccess) {
    problem = api_.result_error(&result);
  } else {
    while (DuckdbChunk* chunk = api_.fetch_chunk(result)) api_.destroy_data_chunk(&chunk);
    if (const char* message = api_.result_error(&result)) problem = message;
  }
  api_.destroy_result(&result);
  if (pending != nullptr) api_.destroy_pending(&pending);
  api_.destroy_prepare(&prepared);
  if (!problem.empty()) throw std::runtime_error(problem + " in: " + sql);
}

}  // namespace weir::gateway
