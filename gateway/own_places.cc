#include "gateway/own_places.h"

#include <algorithm>
#include <filesystem>

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;

// What the path leads to, whether or not it is there yet.
fs::path Real(const std::string& path) {
  std::error_code error;
  fs::path real = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path, error).lexically_normal() : real;
}

bool IsBelow(const fs::path& file, const std::string& folder) {
  if (folder.empty()) return false;
  const fs::path real = Real(folder);
  return std::mismatch(real.begin(), real.end(), file.begin(), file.end()).first == real.end();
}

std::string PlaceOf(const Config& config, const fs::path& file) {
  if (file == Real(config.file)) return "weir.yml";
  if (file == Real(config.keys)) return "the key file";
  if (!config.source.path.empty() && file == Real(config.source.path)) return "the warehouse";
  for (const char* name : {"manifest.json", "run_results.json", "sources.json", "catalog.json"}) {
    if (file == Real(config.target_folder + "/" + name)) return "an artifact of dbt";
  }
  const fs::path extension = file.extension();
  if ((extension == ".yml" || extension == ".yaml") && IsBelow(file, config.policies)) return "a file of the policies";
  if (IsBelow(file, config.state)) return "in the folder of the state";
  if (IsBelow(file, config.audit)) return "in the folder of the audit log";
  if (IsBelow(file, config.approvals)) return "in the folder of the approvals";
  for (const auto& [name, destination] : config.destinations) {
    if (destination.kind == "file" && IsBelow(file, destination.path)) return "in the folder of destination `" + name + "`";
  }
  return {};
}

}  // namespace

void RefuseOwnPlaces(const Config& config, const std::string& option, const std::string& file) {
  const std::string place = PlaceOf(config, Real(file));
  if (place.empty()) return;
  throw ConfigError("W-CLI-031", "`" + option + " " + file + "` is " + place + ", which it would spoil; name another file");
}

}  // namespace weir::gateway
