#include "gateway/commands/dbt_profile.h"

#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "audit/file.h"
#include "manifest/diagnostic.h"
#include "manifest/value.h"
#include "manifest/yaml_document.h"

namespace weir::gateway {
namespace {

using manifest::Value;

constexpr std::uint64_t kMaxBytes = 1u << 20;

// The document, or null when the file is not there or is no YAML that a strict reader takes.
Value ReadDocument(const std::string& path, bool* there) {
  audit::FileSystem& files = audit::RealFileSystem();
  *there = files.Exists(path);
  if (!*there) return Value::Null();
  const std::optional<std::string> text = files.ReadAll(path, kMaxBytes);
  if (!text) return Value::Null();
  manifest::Diagnostics ignored;  // dbt has its own words for what is wrong in its files
  return manifest::ReadYaml(*text, path, &ignored).value_or(Value::Null());
}

void SkipSpaces(std::string_view* text) {
  while (!text->empty() && (text->front() == ' ' || text->front() == '\t')) text->remove_prefix(1);
}

bool Take(std::string_view* text, std::string_view token) {
  SkipSpaces(text);
  if (!text->starts_with(token)) return false;
  text->remove_prefix(token.size());
  return true;
}

bool TakeQuoted(std::string_view* text, std::string* out) {
  SkipSpaces(text);
  if (text->empty() || (text->front() != '\'' && text->front() != '"')) return false;
  const std::size_t end = text->find(text->front(), 1);
  if (end == std::string_view::npos) return false;
  *out = text->substr(1, end - 1);
  text->remove_prefix(end + 1);
  return true;
}

// The value of a scalar with env_var resolved; empty when it is absent, or says more than that.
std::string Resolved(const Value& map, std::string_view key) {
  const Value* const value = map.Find(key);
  if (value == nullptr) return {};
  const std::string& text = value->text();
  if (text.find("{{") == std::string::npos) return text;
  EnvVarCall call;
  if (!ParseEnvVarCall(text, &call)) return {};
  const char* const set = std::getenv(call.name.c_str());
  return set != nullptr ? std::string(set) : call.fallback;
}

std::string FindProfiles(const std::string& project_folder, const std::string& profiles_folder) {
  std::vector<std::string> folders;
  if (!profiles_folder.empty()) {
    folders.push_back(profiles_folder);
  } else {
    if (const char* const set = std::getenv("DBT_PROFILES_DIR"); set != nullptr && *set != '\0') folders.emplace_back(set);
    folders.push_back(project_folder);
    if (const char* const home = std::getenv("HOME"); home != nullptr) folders.push_back(std::string(home) + "/.dbt");
  }
  for (const std::string& folder : folders) {
    if (audit::RealFileSystem().Exists(folder + "/profiles.yml")) return folder + "/profiles.yml";
  }
  return {};
}

void ReadOutput(const Value& output, DbtProfile* profile) {
  profile->type = Resolved(output, "type");
  profile->path = Resolved(output, "path");
  profile->host = Resolved(output, "host");
  profile->port = Resolved(output, "port");
  profile->user = Resolved(output, "user");
  profile->sslmode = Resolved(output, "sslmode");
  profile->dbname = Resolved(output, output.Find("dbname") != nullptr ? "dbname" : "database");
  const Value* const password = output.Find(output.Find("password") != nullptr ? "password" : "pass");
  EnvVarCall call;
  if (password != nullptr && ParseEnvVarCall(password->text(), &call)) profile->password_variable = call.name;
}

}  // namespace

bool ParseEnvVarCall(const std::string& text, EnvVarCall* call) {
  std::string_view rest = text;
  *call = EnvVarCall{};
  if (!Take(&rest, "{{") || !Take(&rest, "env_var") || !Take(&rest, "(") || !TakeQuoted(&rest, &call->name)) return false;
  if (Take(&rest, ",")) {
    if (!TakeQuoted(&rest, &call->fallback)) return false;
    call->has_fallback = true;
  }
  if (!Take(&rest, ")")) return false;
  for (const std::string_view filter : {"int", "as_number", "as_text", "string"}) {
    std::string_view after = rest;
    if (Take(&after, "|") && Take(&after, filter)) rest = after;
  }
  if (!Take(&rest, "}}")) return false;
  SkipSpaces(&rest);
  return rest.empty() && !call->name.empty();
}

DbtProfile ReadDbtProfile(const std::string& project_folder, const std::string& profiles_folder) {
  DbtProfile profile;
  bool there = false;
  const Value project = ReadDocument(project_folder + "/dbt_project.yml", &there);
  profile.project_name = Resolved(project, "name");
  if (const std::string target = Resolved(project, "target-path"); !target.empty()) profile.target_folder = target;

  const std::string path = FindProfiles(project_folder, profiles_folder);
  if (path.empty()) {
    profile.problem = "no profiles.yml was found";
    return profile;
  }
  profile.found_in = path;
  const Value profiles = ReadDocument(path, &there);
  const std::string name = Resolved(project, "profile");
  const Value* const chosen = profiles.Find(name.empty() ? profile.project_name : name);
  if (chosen == nullptr) {
    profile.problem = "it has no profile `" + (name.empty() ? profile.project_name : name) + "` that can be read";
    return profile;
  }
  std::string target = Resolved(*chosen, "target");
  if (target.empty()) target = "default";
  const Value* const outputs = chosen->Find("outputs");
  const Value* const output = outputs == nullptr ? nullptr : outputs->Find(target);
  if (output == nullptr) {
    profile.problem = "its profile has no output `" + target + "`";
    return profile;
  }
  ReadOutput(*output, &profile);
  return profile;
}

}  // namespace weir::gateway
