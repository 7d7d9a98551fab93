#include "gateway/duckdb_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

#include "gateway/source.h"

namespace weir::gateway {
namespace {

constexpr char kHowToGetIt[] =
    "`tests/install/install_duckdb.sh FOLDER` gets it; then name FOLDER/libduckdb.so as `library` of the source in "
    "weir.yml, or in the variable WEIR_DUCKDB_LIBRARY";

template <typename Function>
void Find(void* library, const std::string& path, const char* name, Function* function) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) {
    throw SourceError("W-SRC-002", "`" + path + "` lacks `" + name + "`: it is no DuckDB library of version 1.0 or later; " +
                                       kHowToGetIt);
  }
  *function = reinterpret_cast<Function>(symbol);
}

DuckdbApi FindFunctions(void* library, const std::string& path) {
  DuckdbApi api{};
  Find(library, path, "duckdb_library_version", &api.library_version);
  Find(library, path, "duckdb_free", &api.free);
  Find(library, path, "duckdb_create_config", &api.create_config);
  Find(library, path, "duckdb_set_config", &api.set_config);
  Find(library, path, "duckdb_destroy_config", &api.destroy_config);
  Find(library, path, "duckdb_open_ext", &api.open_ext);
  Find(library, path, "duckdb_close", &api.close);
  Find(library, path, "duckdb_connect", &api.connect);
  Find(library, path, "duckdb_disconnect", &api.disconnect);
  Find(library, path, "duckdb_prepare", &api.prepare);
  Find(library, path, "duckdb_prepare_error", &api.prepare_error);
  Find(library, path, "duckdb_destroy_prepare", &api.destroy_prepare);
  Find(library, path, "duckdb_pending_prepared_streaming", &api.pending_prepared_streaming);
  Find(library, path, "duckdb_pending_error", &api.pending_error);
  Find(library, path, "duckdb_execute_pending", &api.execute_pending);
  Find(library, path, "duckdb_destroy_pending", &api.destroy_pending);
  Find(library, path, "duckdb_fetch_chunk", &api.fetch_chunk);
  Find(library, path, "duckdb_result_error", &api.result_error);
  Find(library, path, "duckdb_destroy_result", &api.destroy_result);
  Find(library, path, "duckdb_data_chunk_get_size", &api.data_chunk_get_size);
  Find(library, path, "duckdb_data_chunk_get_vector", &api.data_chunk_get_vector);
  Find(library, path, "duckdb_destroy_data_chunk", &api.destroy_data_chunk);
  Find(library, path, "duckdb_vector_get_data", &api.vector_get_data);
  Find(library, path, "duckdb_vector_get_validity", &api.vector_get_validity);
  return api;
}

// Absolute paths only: a name alone would be looked up along LD_LIBRARY_PATH.
std::string FindLibrary(const std::string& configured) {
  namespace fs = std::filesystem;
  const char* variable = std::getenv("WEIR_DUCKDB_LIBRARY");
  const bool by_variable = configured.empty() && variable != nullptr && *variable != '\0';
  const std::string named = by_variable ? variable : configured;
  std::error_code ignored;
  if (!named.empty()) {
    const std::string who = by_variable ? "the variable WEIR_DUCKDB_LIBRARY" : "`library` of the source";
    if (!fs::path(named).is_absolute()) {
      throw SourceError("W-SRC-002", who + " names `" + named + "`; write the absolute path of libduckdb.so");
    }
    if (!fs::exists(named, ignored)) {
      throw SourceError("W-SRC-002", "DuckDB's library is not at `" + named + "`, which " + who + " names; " + kHowToGetIt);
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
  throw SourceError("W-SRC-002", std::string("DuckDB's library libduckdb.so was not found; ") + kHowToGetIt);
}

}  // namespace

const DuckdbApi& LoadDuckdb(const std::string& configured) {
  static std::mutex mutex;
  static std::map<std::string, DuckdbApi> loaded;  // by path; entries stay where they are
  const std::string path = FindLibrary(configured);
  const std::lock_guard lock(mutex);
  const auto found = loaded.find(path);
  if (found != loaded.end()) return found->second;
  // RTLD_LOCAL: DuckDB brings its own copies of libraries that Weir links too.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    throw SourceError("W-SRC-002", "cannot load `" + path + "`: " + (reason == nullptr ? "unknown reason" : reason) + "; " +
                                       kHowToGetIt);
  }
  return loaded.emplace(path, FindFunctions(library, path)).first->second;
}

}  // namespace weir::gateway
