#pragma once

#include <string>
#include <vector>

#include "audit/log.h"
#include "gateway/config.h"

namespace weir::gateway {

// The log of one sync as weir.yml places it. Logs are read without dbt's artifacts and without policies, so that an
// auditor needs neither.
struct SyncLog {
  std::string name;    // of the sync; also of its folder
  std::string folder;
  audit::LogIds ids;
};

// The logs of the syncs named (`crm_contacts` or `exposure:crm_contacts`), or all that are there. Throws ConfigError
// W-CLI-010 when there is none, and audit::LogError when one is gone that the state of its sync remembers.
std::vector<SyncLog> FindLogs(const Config& config, const std::vector<std::string>& names);

// The state of the sync knows of a checkpoint, so that a log must be there.
bool IsRemembered(const Config& config, const std::string& name);

}  // namespace weir::gateway
