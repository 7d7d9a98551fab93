#pragma once

#include <string>

#include "gateway/config.h"
#include "policies/sync_spec.h"

namespace weir::gateway {

// Where the rows of a sync are, as weir.yml and the sync say it: `` `crm` at `https://api.crm.example/v1`, object
// `contacts` ``. The state keeps it, the digests of rows cover it, and two that differ are two places, so it must not
// depend on the machine: a path inside the folder of weir.yml counts from there, any other is absolute. A `%60` stands
// for a backtick, so that no name reads like another place. A destination that weir.yml does not have has only its name.
std::string PlaceOf(const Config& config, const policies::SyncSpec& sync);

}  // namespace weir::gateway
