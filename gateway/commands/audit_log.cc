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

}  // namespace

std::vector<SyncLog> FindLogs(const Config& config, const std::vector<std::string>& names) {
  const std::vector<std::string> there = LogNames(config.audit);
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
