#include "gateway/environment_overlay.h"

namespace weir::gateway {
namespace {

void ReadProjects(const ConfigReader& reader, manifest::Fields* fields, EnvironmentSettings* settings) {
  const manifest::Value* projects = fields->Any("projects");
  if (projects == nullptr) return;
  if (projects->kind() != manifest::Value::Kind::kList || projects->items().empty()) {
    fields->Error(*projects, "`projects` must be a list with one project: `projects: [{target: target}]`");
    return;
  }
  if (projects->items().size() > 1) {
    fields->Error(projects->items()[1],
                  "this version of Weir reads one project, and a second one stands here; give it a weir.yml of its "
                  "own");
    return;
  }
  manifest::Fields project = reader.Open(projects->items()[0], "the project");
  if (project.Required("target") != nullptr) settings->target = reader.Path(&project, "target");
  constexpr std::chrono::hours kLeast{1}, kMost{366 * 24};
  if (const auto keep = reader.Duration(&project, "keep_runs", kLeast, kMost)) {
    settings->keep_runs = std::chrono::duration_cast<std::chrono::seconds>(*keep);
  }
  project.Finish();
}

void ReadDestinations(const ConfigReader& reader, const manifest::Value& value,
                      std::map<std::string, DestinationConfig>* destinations) {
  if (value.kind() != manifest::Value::Kind::kMap) {
    reader.Error("W-CFG-002", value.position(), "`destinations` must be a map of names to destinations");
    return;
  }
  for (const manifest::Value::Member& member : value.members()) {
    if (!IsConfigName(member.key)) {
      reader.Error("W-CFG-007", member.key_position,
                   "the name of a destination consists of `a-z`, `0-9`, `_` and `-`, at most 64");
      continue;
    }
    destinations->emplace(member.key, ReadDestinationConfig(reader, member.value, member.key));
  }
}

}  // namespace

EnvironmentSettings ReadEnvironmentSettings(const ConfigReader& reader, manifest::Fields* fields,
                                            const std::string& prefix) {
  EnvironmentSettings settings;
  settings.position = fields->value().position();
  if (const manifest::Value* source = fields->Any("source")) {
    settings.source = ReadSourceConfig(reader, *source, prefix.empty() ? "the source" : "the source " + prefix);
  }
  if (const manifest::Value* destinations = fields->Any("destinations")) {
    ReadDestinations(reader, *destinations, &settings.destinations);
  }
  ReadProjects(reader, fields, &settings);
  settings.keys = reader.Path(fields, "keys");
  settings.state = reader.Path(fields, "state");
  settings.audit = reader.Path(fields, "audit");
  return settings;
}

EnvironmentSettings Overlay(const EnvironmentSettings& base, const EnvironmentSettings& overlay,
                            const std::string& environment) {
  EnvironmentSettings merged = overlay;
  if (!merged.source) merged.source = base.source;
  merged.destinations.insert(base.destinations.begin(), base.destinations.end());
  if (!merged.target) {
    merged.target = base.target;
    merged.keep_runs = base.keep_runs;
  }
  if (!merged.keys) merged.keys = *base.keys + "." + environment;
  if (!merged.state) merged.state = *base.state + "/" + environment;
  if (!merged.audit) merged.audit = *base.audit + "/" + environment;
  return merged;
}

void CheckSeparation(const ConfigReader& reader, const std::map<std::string, EnvironmentSettings>& settings) {
  using Member = std::optional<std::string> EnvironmentSettings::*;
  const std::pair<const char*, Member> places[] = {{"keys", &EnvironmentSettings::keys},
                                                   {"state", &EnvironmentSettings::state},
                                                   {"audit", &EnvironmentSettings::audit}};
  for (const auto& [key, member] : places) {
    std::map<std::string, std::string> owners;
    for (const auto& [environment, setting] : settings) {
      const auto [owner, fresh] = owners.emplace(*(setting.*member), environment);
      if (fresh) continue;
      reader.Error("W-CFG-005", setting.position,
                   "environments `" + owner->second + "` and `" + environment + "` share `" + key +
                       "`; each needs its own");
    }
  }
}

void CheckDevelopment(const ConfigReader& reader, const EnvironmentSettings& development) {
  if (development.allow_http) return;
  for (const auto& [name, destination] : development.destinations) {
    if (destination.kind != "http") continue;
    reader.Error("W-CFG-005", destination.position,
                 "environment `dev` writes files only, and destination `" + name +
                     "` is http; give it a file destination under `environments.dev`, or set `allow_http: true` there");
  }
}

}  // namespace weir::gateway
