#include "gateway/commands/audit_log.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "audit/file.h"
#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

// Folders that hold a log: segments or a checkpoint.
std::vector<std::string> LogNames(const std::string& folder) {
  audit::FileSystem& files = audit::RealFileSystem();
  std::vector<std::string> names;
  if (!files.Exists(folder)) return names;
  for (const std::string& name : files.List(folder)) {
    const std::string path = folder + "/" + name;
    if (files.Exists(path + "/checkpoint") || files.Exists(path + "/segments")) names.push_back(name);
  }
  return names;
}

// The syncs that have a state, as far as this user may look: an auditor need not.
std::vector<std::string> StateNames(const Config& config) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(config.state, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void RefuseIfTakenAway(const Config& config, const std::string& name, const std::vector<std::string>& there) {
  if (std::find(there.begin(), there.end(), name) != there.end() || !IsRemembered(config, name)) return;
  throw audit::LogError("there is no log at `" + config.audit + "/" + name + "`, but the state of sync `" + name +
                        "` remembers one: it was taken away; restore it from a backup");
}

}  // namespace

bool IsRemembered(const Config& config, const std::string& name) {
  return audit::RealFileSystem().Exists(config.state + "/" + name + "/published");
}

std::vector<SyncLog> FindLogs(const Config& config, const std::vector<std::string>& names) {
  const std::vector<std::string> there = LogNames(config.audit);
  std::vector<std::string> chosen;
  for (const std::string& written : names) {
    const std::string name = written.substr(written.find(':') == std::string::npos ? 0 : written.find(':') + 1);
    RefuseIfTakenAway(config, name, there);
    if (std::find(there.begin(), there.end(), name) == there.end()) {
      throw ConfigError("W-CLI-010", "there is no log of a sync `" + name + "` in `" + config.audit + "`" +
                                         manifest::DidYouMean(name, there) + "; a sync's first run begins its log");
    }
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
  }
  if (names.empty()) {
    for (const std::string& name : StateNames(config)) RefuseIfTakenAway(config, name, there);
    chosen = there;
  }
  if (chosen.empty()) {
    throw ConfigError("W-CLI-010", "there is no log in `" + config.audit + "` yet; a sync's first run begins its log");
  }
  std::vector<SyncLog> logs;
  for (const std::string& name : chosen) {
    logs.push_back({name, config.audit + "/" + name, {config.tenant, config.environment, name}});
  }
  return logs;
}

}  // namespace weir::gateway
