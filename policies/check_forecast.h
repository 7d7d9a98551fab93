#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "policies/check.h"

namespace weir::policies {

// What a pull request does to rows that are at a destination already. `present`: by a sync's id, how many rows its state says
// are or may be there. Sets `rows_at_most` and adds the sentence to the reason of every row of the egress plan that is not as
// before, when there is a base: without one nothing is known to change. Counts are upper bounds.
void AddForecast(const std::map<std::string, std::uint64_t>& present, CheckReport* report);

}  // namespace weir::policies
