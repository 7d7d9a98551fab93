#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// Syncs by which data gets around a requirement that guarded it in the base:

// 1. One that newly writes to the object of another, and that a requirement of the latter does not select.
// 2. One that sends a column by which a requirement counts groups (`k_anonymity`) under another name: it is no longer
//    counted. Told by the field that it fills, by lineage where both sides were traced, and where a column that the base's
//    model did not have comes to the sync as the counted one goes from the model.
//
// All are `gate-weakened`, and new. `decisions`: of the head's syncs. Fingerprints are not set.
std::vector<Finding> FindEscapes(const CheckSide& head, const CheckSide& base, const std::vector<SyncDecision>& decisions);

}  // namespace weir::policies
