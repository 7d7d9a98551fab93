#include "manifest/duckdb_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

namespace weir::manifest {
namespace {

constexpr char kHowToGetIt[] =
    "`tests/install/install_duckdb.sh FOLDER` gets it; then name FOLDER/libduckdb.so as `library` of the source in "
    "weir.yml, or in the variable WEIR_DUCKDB_LIBRARY";

template <typename Function>
bool Find(void* library, const char* name, Function* function, const char** missing) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) *missing = name;
  *function = reinterpret_cast<Function>(symbol);
  return symbol != nullptr;
}

// False when a function is not there; *missing names it.
bool FindFunctions(void* library, DuckdbApi* api, const char** missing) {
  return Find(library, "duckdb_library_version", &api->library_version, missing) &&
         Find(library, "duckdb_free", &api->free, missing) &&
         Find(library, "duckdb_create_config", &api->create_config, missing) &&
         Find(library, "duckdb_set_config", &api->set_config, missing) &&
         Find(library, "duckdb_destroy_config", &api->destroy_config, missing) &&
         Find(library, "duckdb_open_ext", &api->open_ext, missing) &&
         Find(library, "duckdb_close", &api->close, missing) &&
         Find(library, "duckdb_connect", &api->connect, missing) &&
         Find(library, "duckdb_disconnect", &api->disconnect, missing) &&
         Find(library, "duckdb_prepare", &api->prepare, missing) &&
         Find(library, "duckdb_prepare_error", &api->prepare_error, missing) &&
         Find(library, "duckdb_destroy_prepare", &api->destroy_prepare, missing) &&
         Find(library, "duckdb_pending_prepared_streaming", &api->pending_prepared_streaming, missing) &&
         Find(library, "duckdb_pending_error", &api->pending_error, missing) &&
         Find(library, "duckdb_execute_pending", &api->execute_pending, missing) &&
         Find(library, "duckdb_destroy_pending", &api->destroy_pending, missing) &&
         Find(library, "duckdb_fetch_chunk", &api->fetch_chunk, missing) &&
         Find(library, "duckdb_result_error", &api->result_error, missing) &&
         Find(library, "duckdb_destroy_result", &api->destroy_result, missing) &&
         Find(library, "duckdb_column_count", &api->column_count, missing) &&
         Find(library, "duckdb_data_chunk_get_size", &api->data_chunk_get_size, missing) &&
         Find(library, "duckdb_data_chunk_get_vector", &api->data_chunk_get_vector, missing) &&
         Find(library, "duckdb_destroy_data_chunk", &api->destroy_data_chunk, missing) &&
         Find(library, "duckdb_vector_get_data", &api->vector_get_data, missing) &&
         Find(library, "duckdb_vector_get_validity", &api->vector_get_validity, missing);
}

}  // namespace

// Absolute paths only: a name alone would be looked up along LD_LIBRARY_PATH.
std::string FindDuckdb(const std::string& configured, std::string* problem) {
  namespace fs = std::filesystem;
  const char* variable = std::getenv("WEIR_DUCKDB_LIBRARY");
  const bool by_variable = configured.empty() && variable != nullptr && *variable != '\0';
  const std::string named = by_variable ? variable : configured;
  std::error_code ignored;
  if (!named.empty()) {
    const std::string who = by_variable ? "the variable WEIR_DUCKDB_LIBRARY" : "`library` of the source";
    if (!fs::path(named).is_absolute()) {
      *problem = who + " names `" + named + "`; write the absolute path of libduckdb.so";
      return {};
    }
    if (!fs::exists(named, ignored)) {
      *problem = "DuckDB's library is not at `" + named + "`, which " + who + " names; " + kHowToGetIt;
      return {};
    }
    return named;
  }
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const std::vector<fs::path> places = {program / "libduckdb.so", program / "duckdb/libduckdb.so",
                                        program / "../duckdb/libduckdb.so", "/usr/local/lib/libduckdb.so",
                                        "/usr/lib/libduckdb.so"};
  for (const fs::path& place : places) {
    if (place.is_absolute() && fs::exists(place, ignored)) return place.lexically_normal().string();
  }
  *problem = std::string("DuckDB's library libduckdb.so was not found; ") + kHowToGetIt;
  return {};
}

const DuckdbApi* LoadDuckdb(const std::string& configured, std::string* problem) {
  static std::mutex mutex;
  static std::map<std::string, DuckdbApi> loaded;  // by path; entries stay where they are
  const std::string file = FindDuckdb(configured, problem);
  if (file.empty()) return nullptr;
  const std::lock_guard lock(mutex);
  const auto found = loaded.find(file);
  if (found != loaded.end()) return &found->second;
  // RTLD_LOCAL: DuckDB brings its own copies of libraries that Weir links too.
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    *problem = "cannot load `" + file + "`: " + (reason == nullptr ? "unknown reason" : reason) + "; " + kHowToGetIt;
    return nullptr;
  }
  DuckdbApi api{};
  const char* missing = "";
  if (!FindFunctions(library, &api, &missing)) {
    *problem = "`" + file + "` lacks `" + missing + "`: it is no DuckDB library of version 1.0 or later; " + kHowToGetIt;
    return nullptr;
  }
  return &loaded.emplace(file, api).first->second;
}

}  // namespace weir::manifest
