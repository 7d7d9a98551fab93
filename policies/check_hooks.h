#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// Hooks, SQL headers and materializations of their own, of the models of syncs and of all that these are made from, that are
// others than in the base: what they do to a table, no lineage and no class shows. A model that the base does not have and
// that has such a thing counts as well. Once for a sync, model and key; their text is not shown. Fingerprints are not set.
std::vector<Finding> FindOtherHooks(const CheckSide& head, const CheckSide& base);

}  // namespace weir::policies
