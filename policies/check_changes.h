#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// What only the comparison of two sides shows: gates that weaken (a test is gone, disabled, easier to pass, or a
// requirement no longer selects the sync), syncs that turn to another destination or purpose, columns that lose a class.
// All are new, at their places in the head (or the model's, for what is gone); fingerprints are not set.
std::vector<Finding> FindChanges(const CheckSide& head, const CheckSide& base);

}  // namespace weir::policies
