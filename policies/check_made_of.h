#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// Columns that are made of something else in the head than in the base, however far up, of models that both have. Nothing
// where one of the two was not traced. Fingerprints are not set. `decisions`: of the head's syncs.

// 1. Those by which rows are filtered: any step that differs.
// 2. Those of which a value leaves: where they begin (sources, seeds) is another, or a step that made something of them
//    passes them on as they are. A model between two others is no difference, nor is a column that the base does not have.
// 3. Models above a sync whose SQL is another and cannot be followed: once for each, since any column may be another.
std::vector<Finding> FindRemade(const CheckSide& head, const CheckSide& base, const std::vector<SyncDecision>& decisions);

}  // namespace weir::policies
