#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// What `require:` finds in one side of a check, for syncs, for exposures that are none, for the models and sources under
// both; what waivers lift of it, marked; and the waivers that have expired or lift nothing. Fingerprints are not set.
// `decisions`: one for each of side.syncs, in order.
std::vector<Finding> FindUnmet(const CheckSide& side, const std::vector<SyncDecision>& decisions);

}  // namespace weir::policies
