#pragma once

#include <cstdint>
#include <string>

namespace weir::manifest {

// The part of DuckDB's C API that Weir calls, as it has been since DuckDB 1.0 (duckdb.h): nothing of DuckDB is needed to
// build Weir, and its absence is a message instead of a program that does not start. Tested with 1.5.6.

struct DuckdbDatabase;    // opaque, as every handle below
struct DuckdbConnection;
struct DuckdbConfig;
struct DuckdbPrepared;
struct DuckdbPending;
struct DuckdbChunk;
struct DuckdbVector;

// duckdb_result: callers own its 48 bytes, and it goes by value to duckdb_fetch_chunk.
struct DuckdbResult {
  std::uint64_t column_count = 0, row_count = 0, rows_changed = 0;  // of the retired interface
  void* columns = nullptr;
  char* error_message = nullptr;
  void* internal = nullptr;
};
static_assert(sizeof(DuckdbResult) == 48);

// duckdb_string_t: up to 12 bytes lie inside, longer ones behind the pointer.
struct DuckdbString {
  static constexpr std::uint32_t kInlined = 12;
  std::uint32_t length;
  char start[4];
  union {
    char rest[8];
    const char* pointer;
  };
  const char* data() const { return length <= kInlined ? start : pointer; }
};
static_assert(sizeof(DuckdbString) == 16);

enum DuckdbState : int { kDuckdbSuccess = 0, kDuckdbError = 1 };

struct DuckdbApi {
  const char* (*library_version)();
  void (*free)(void*);
  DuckdbState (*create_config)(DuckdbConfig**);
  DuckdbState (*set_config)(DuckdbConfig*, const char* name, const char* value);
  void (*destroy_config)(DuckdbConfig**);
  DuckdbState (*open_ext)(const char* path, DuckdbDatabase**, DuckdbConfig*, char** error);  // free(*error)
  void (*close)(DuckdbDatabase**);
  DuckdbState (*connect)(DuckdbDatabase*, DuckdbConnection**);
  void (*disconnect)(DuckdbConnection**);
  DuckdbState (*prepare)(DuckdbConnection*, const char* sql, DuckdbPrepared**);
  const char* (*prepare_error)(DuckdbPrepared*);
  void (*destroy_prepare)(DuckdbPrepared**);
  DuckdbState (*pending_prepared_streaming)(DuckdbPrepared*, DuckdbPending**);
  const char* (*pending_error)(DuckdbPending*);
  DuckdbState (*execute_pending)(DuckdbPending*, DuckdbResult*);
  void (*destroy_pending)(DuckdbPending**);
  DuckdbChunk* (*fetch_chunk)(DuckdbResult);  // null at the end and on an error: ask result_error
  const char* (*result_error)(DuckdbResult*);
  void (*destroy_result)(DuckdbResult*);
  std::uint64_t (*column_count)(DuckdbResult*);
  std::uint64_t (*data_chunk_get_size)(DuckdbChunk*);
  DuckdbVector* (*data_chunk_get_vector)(DuckdbChunk*, std::uint64_t column);
  void (*destroy_data_chunk)(DuckdbChunk**);
  void* (*vector_get_data)(DuckdbVector*);
  std::uint64_t* (*vector_get_validity)(DuckdbVector*);  // null: every row has a value
};

// Where libduckdb.so is. `configured`: an absolute path, or empty for $WEIR_DUCKDB_LIBRARY, else libduckdb.so beside the
// program, in `duckdb/` beside the program or beside its folder, in the system's two usual folders. Empty when it is in none
// of them: *problem says so, and how to get it.
std::string FindDuckdb(const std::string& configured, std::string* problem);

// Loads it, once a program for each path, and never unloads it. Thread-safe. Null pointer when it cannot be used: *problem
// says why and what to do.
const DuckdbApi* LoadDuckdb(const std::string& configured, std::string* problem);

}  // namespace weir::manifest
