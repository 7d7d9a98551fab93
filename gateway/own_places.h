#pragma once

#include <string>

#include "gateway/config.h"

namespace weir::gateway {

// Throws ConfigError W-CLI-031 when writing `file`, which somebody named for a report or a log, would spoil what Weir reads
// back or has sent: weir.yml, the key file, the warehouse, dbt's artifacts, YAML of the policies, anything below the folders of state,
// audit, approvals and file destinations. Symbolic links count as what they lead to. `option`: for the message, `--output`.
void RefuseOwnPlaces(const Config& config, const std::string& option, const std::string& file);

}  // namespace weir::gateway
