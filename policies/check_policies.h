#pragma once

#include <vector>

#include "policies/check.h"

namespace weir::policies {

// What a pull request changes in the policy. `head` is judged by the protected branch's policy; `proposed` is the pull
// request's own, which permits nothing until it is merged. One finding says that it changed and which ids came and went,
// one is of each thing that it holds less tightly (policy_loosening.h), and one of each column that would leave in a form that
// is not at least as strict as before. Empty when both have one digest. Fingerprints are not set.
std::vector<Finding> ComparePolicies(const CheckSide& head, const Policy& proposed);

}  // namespace weir::policies
