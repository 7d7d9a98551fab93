#include "gateway/config.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "gateway/config_reader.h"
#include "gateway/environment_overlay.h"
#include "manifest/fields.h"
#include "manifest/yaml_document.h"

namespace weir::gateway {
namespace {

constexpr std::string_view kDefaultEnvironment = "default";
constexpr std::size_t kMaxConfigBytes = 4u << 20;

std::optional<std::string> ReadText(const std::string& file, manifest::Diagnostics* diagnostics) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    diagnostics->Error("W-CFG-001", file, {},
                       "there is no such file; run `weir init` in the folder of the dbt project");
    return std::nullopt;
  }
  if (!error && !std::filesystem::is_regular_file(status)) {
    diagnostics->Error("W-CFG-001", file, {}, "this is not a plain file");
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  if (!error && stream) {
    text.resize(kMaxConfigBytes + 1);  // one more than a configuration may have: the reader of YAML refuses it
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
  }
  if (error || !stream.is_open() || stream.bad()) {
    const std::string reason = error ? error.message() : std::generic_category().message(errno);
    diagnostics->Error("W-CFG-001", file, {}, "cannot be read: " + reason);
    return std::nullopt;
  }
  return text;
}

void CheckVersion(const ConfigReader& reader, manifest::Fields* fields) {
  const manifest::Value* version = fields->Any("version");
  if (version == nullptr) {
    reader.Error("W-CFG-003", fields->value().position(), "weir.yml needs `version: 1`");
    return;
  }
  if (version->AsInteger() == 1) return;
  const bool shown = version->AsInteger().has_value();
  reader.Error("W-CFG-003", version->position(),
               "`version` must be `1`" + (shown ? ", not `" + version->text() + "`" : std::string()) +
                   "; this program knows no other");
}

std::string ReadTenant(const ConfigReader& reader, manifest::Fields* fields) {
  const std::optional<std::string> tenant = fields->RequiredString("tenant");
  if (!tenant) return {};
  if (!IsConfigName(*tenant)) {
    reader.Error("W-CFG-002", fields->Any("tenant")->position(),
                 "`tenant` consists of `a-z`, `0-9`, `_` and `-`, at most 64");
    return {};
  }
  return *tenant;
}

EnvironmentSettings ReadEnvironment(const ConfigReader& reader, const manifest::Value& value,
                                    const std::string& environment) {
  manifest::Fields fields = reader.Open(value, "environment `" + environment + "`");
  EnvironmentSettings settings = ReadEnvironmentSettings(reader, &fields, "of environment `" + environment + "`");
  settings.allow_http = fields.Bool("allow_http").value_or(false);
  fields.Finish();
  return settings;
}

// Every environment is read, not the chosen one alone: a mistake in `prod` shows in development.
std::map<std::string, EnvironmentSettings> ReadEnvironments(const ConfigReader& reader, manifest::Fields* fields,
                                                            const EnvironmentSettings& base) {
  std::map<std::string, EnvironmentSettings> merged;
  merged.emplace(kDefaultEnvironment, base);
  const manifest::Value* environments = fields->Any("environments");
  if (environments == nullptr) return merged;
  if (environments->kind() != manifest::Value::Kind::kMap) {
    reader.Error("W-CFG-005", environments->position(), "`environments` must be a map of names to what differs there");
    return merged;
  }
  for (const manifest::Value::Member& member : environments->members()) {
    if (!IsConfigName(member.key) || member.key == kDefaultEnvironment) {
      reader.Error("W-CFG-005", member.key_position,
                   member.key == kDefaultEnvironment
                       ? "`default` is what stands at the top of weir.yml; give this environment another name"
                       : "the name of an environment consists of `a-z`, `0-9`, `_` and `-`, at most 64");
      continue;
    }
    // An empty overlay (`staging:`) is one: only its places differ.
    static const manifest::Value kNothing = manifest::Value::Map({});
    const manifest::Value& value = member.value.IsNull() ? kNothing : member.value;
    EnvironmentSettings overlay = ReadEnvironment(reader, value, member.key);
    overlay.position = member.key_position;
    merged.insert_or_assign(member.key, Overlay(base, overlay, member.key));
  }
  CheckSeparation(reader, merged);
  return merged;
}

void ReportUnknownEnvironment(const ConfigReader& reader, const std::string& environment,
                              const std::map<std::string, EnvironmentSettings>& known) {
  std::vector<std::string> names;
  std::string listed;
  for (const auto& [name, settings] : known) {
    names.push_back(name);
    listed += (listed.empty() ? "`" : ", `") + name + "`";
  }
  const std::string hint = manifest::DidYouMean(environment, names);
  reader.Error("W-CFG-005", {},
               "there is no environment `" + environment + "`" + (hint.empty() ? "; there is " + listed : hint));
}

}  // namespace

std::optional<Config> ReadConfig(const std::string& file, const std::string& environment,
                                 manifest::Diagnostics* diagnostics) {
  const std::optional<std::string> text = ReadText(file, diagnostics);
  if (!text) return std::nullopt;
  diagnostics->AddSource(file, *text);
  const std::optional<manifest::Value> root = manifest::ReadYaml(*text, file, diagnostics);
  if (!root) return std::nullopt;
  diagnostics->AddSource(file, HideLiterals(*text, *root));

  Config config;
  config.file = file;
  config.written = *root;
  std::error_code error;
  config.folder = std::filesystem::absolute(file, error).lexically_normal().parent_path().string();
  config.environment = environment.empty() ? std::string(kDefaultEnvironment) : environment;
  const ConfigReader reader{file, config.folder, diagnostics};

  if (root->kind() != manifest::Value::Kind::kMap) {
    reader.Error("W-CFG-002", root->position(), "weir.yml must be a map: `version: 1`, `tenant: NAME`, …");
    return std::nullopt;
  }
  manifest::Fields fields = reader.Open(*root, "weir.yml");
  CheckVersion(reader, &fields);
  config.tenant = ReadTenant(reader, &fields);
  config.policies = reader.Path(&fields, "policies").value_or(reader.Absolute("policies"));
  config.approvals = reader.Path(&fields, "approvals").value_or(reader.Absolute(".weir/approvals"));
  if (const manifest::Value* syncs = fields.Any("syncs")) config.syncs = *syncs;
  if (const manifest::Value* server = fields.Any("server")) {
    reader.Error("W-CFG-002", server->position(), "`server` is not known to this version of Weir; remove it");
  }
  EnvironmentSettings base = ReadEnvironmentSettings(reader, &fields, "");
  if (!base.target) base.target = reader.Absolute("target");
  if (!base.keys) base.keys = reader.Absolute(".weir/keys");
  if (!base.state) base.state = reader.Absolute(".weir/state");
  if (!base.audit) base.audit = reader.Absolute(".weir/audit");
  const std::map<std::string, EnvironmentSettings> environments = ReadEnvironments(reader, &fields, base);
  fields.Finish();

  const auto chosen = environments.find(config.environment);
  if (chosen == environments.end()) {
    ReportUnknownEnvironment(reader, config.environment, environments);
    return std::nullopt;
  }
  const EnvironmentSettings& settings = chosen->second;
  if (!settings.source) {
    reader.Error("W-CFG-006", config.environment == kDefaultEnvironment ? root->position() : settings.position,
                 "no `source` is configured; write `source: {kind: duckdb, path: FILE}` or `kind: postgres`");
  }
  if (config.environment == "dev") CheckDevelopment(reader, settings);
  if (diagnostics->HasErrors()) return std::nullopt;

  config.target_folder = *settings.target;
  config.keep_runs = settings.keep_runs;
  config.source = *settings.source;
  config.keys = *settings.keys;
  config.state = *settings.state;
  config.audit = *settings.audit;
  config.destinations = settings.destinations;
  return config;
}

}  // namespace weir::gateway
