#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// What `inherit: lineage` finds in one side of a check, above its syncs: tables that models read and that are none of their
// parents, and FindUnusedDeclassifications. Nothing when the policy inherits nothing. Fingerprints are not set. `classes`: of
// the side's policy and project.
std::vector<Finding> FindLineage(const CheckSide& side, const Classifier& classes);

// Every column of an item of `declassify:` that lifts nothing: `declassify-expired`, `-stale` and `-unused`, in written order.
std::vector<Finding> FindUnusedDeclassifications(const CheckSide& side, const Classifier& classes);

}  // namespace weir::policies
