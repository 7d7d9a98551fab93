#pragma once

#include <vector>

#include "manifest/project_diff.h"
#include "policies/check.h"

namespace weir::policies {

// Evidence that a pull request takes away: restrictive classes that a column had in the base and has no more, for all that a
// sync sends (also one that the base does not have) and all that a dashboard shows. With `inherit: lineage` a mark that is
// taken off a column above counts as one: what is made of the column today, however new, has the class no more. Fingerprints
// are not set. `diff`: of the two projects.
std::vector<Finding> FindLostClasses(const CheckSide& head, const CheckSide& base, const manifest::ProjectDiff& diff);

}  // namespace weir::policies
