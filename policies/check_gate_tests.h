#pragma once

#include <vector>

#include "manifest/project_diff.h"
#include "policies/check.h"

namespace weir::policies {

// Tests of the model of a sync that both sides have, which say less than in the base: gone, disabled, easier to pass, or a
// test of something else under the same name. Where a test leaves its failing rows, how it is formatted, and a `limit`
// that hides no failure say nothing less. `diff`: of the two projects. Fingerprints are not set.
std::vector<Finding> FindWeakenedTests(const CheckSide& head, const CheckSide& base, const manifest::ProjectDiff& diff);

}  // namespace weir::policies
