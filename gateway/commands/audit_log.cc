#include "gateway/commands/audit_log.h"

#include <algorithm>

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

// Syncs whose state remembers a log that is not among `there`.
void RefuseMissing(const Config& config, const std::vector<std::string>& there) {
  audit::FileSystem& files = audit::RealFileSystem();
  if (!files.Exists(config.state)) return;
  for (const std::string& name : files.List(config.state)) {
    if (!IsRemembered(config, name) || std::find(there.begin(), there.end(), name) != there.end()) continue;
    throw audit::LogError("there is no log at `" + config.audit + "/" + name + "`, but the state of sync `" + name +
                          "` remembers one: it was taken away; restore it from a backup");
  }
}

}  // namespace

bool IsRemembered(const Config& config, const std::string& name) {
  return audit::RealFileSystem().Exists(config.state + "/" + name + "/published");
}

std::vector<SyncLog> FindLogs(const Config& config, const std::vector<std::string>& names) {
  const std::vector<std::string> there = LogNames(config.audit);
  RefuseMissing(config, there);
  std::vector<std::string> chosen;
  for (const std::string& written : names) {
    const std::string name = written.substr(written.find(':') == std::string::npos ? 0 : written.find(':') + 1);
    if (std::find(there.begin(), there.end(), name) == there.end()) {
      throw ConfigError("W-CLI-010", "there is no log of a sync `" + name + "` in `" + config.audit + "`" +
                                         manifest::DidYouMean(name, there) + "; a sync's first run begins its log");
    }
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
  }
  if (names.empty()) chosen = there;
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
