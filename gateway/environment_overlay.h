#pragma once

#include <map>
#include <optional>
#include <string>

#include "gateway/config.h"
#include "gateway/config_reader.h"
#include "manifest/fields.h"

namespace weir::gateway {

// What weir.yml may say at its top and again for each environment.
struct EnvironmentSettings {
  std::optional<SourceConfig> source;
  std::map<std::string, DestinationConfig> destinations;
  std::optional<std::string> target, keys, state, audit;  // absolute
  std::optional<std::chrono::seconds> keep_runs;  // stands beside `target`, and is of it
  bool allow_http = false;
  manifest::Position position;
};

// Reads the keys that both places know; the caller asks for its own and calls Finish. `prefix`: "" or "of environment
// `prod`", for messages.
EnvironmentSettings ReadEnvironmentSettings(const ConfigReader& reader, manifest::Fields* fields,
                                            const std::string& prefix);

// `overlay` on `base`: its source replaces the source as a whole, each of its destinations the one of that name. What
// it does not say about keys, state and log becomes a place of its own (`STATE/prod`, `KEYS.prod`), so that two
// environments never share any.
EnvironmentSettings Overlay(const EnvironmentSettings& base, const EnvironmentSettings& overlay,
                            const std::string& environment);

// Reports environments that would share keys, state or log; `settings`: merged, by environment.
void CheckSeparation(const ConfigReader& reader, const std::map<std::string, EnvironmentSettings>& settings);

// `dev` writes files only, unless `allow_http: true` stands in it.
void CheckDevelopment(const ConfigReader& reader, const EnvironmentSettings& development);

}  // namespace weir::gateway
