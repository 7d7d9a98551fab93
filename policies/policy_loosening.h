#pragma once

#include <string>
#include <vector>

#include "policies/policy.h"

namespace weir::policies {

// One thing that a policy holds less tightly than another.
struct Loosening {
  std::string id;    // stable: `Q002/k_anonymity`, `destination:crm/trust`
  std::string text;  // "requirement `Q002` would ask for k = 2; it is 5"
  Located at;        // in `proposed`, else where `base` has it
};

// What `proposed` lets through that `base` does not, as it is written: whether or not a sync, column or row shows it today.
// What cannot be ordered (two conditions, two patterns, two selectors) counts when it differs. What comes to it counts when it
// may open something: a permissive class, a subject, a destination, a purpose, tests that hold less than what is asked where
// nothing is; a restrictive class, a `never` or any other requirement does not. A `give` that is new or gives another form is for
// whoever decides columns under both.
std::vector<Loosening> FindLoosenings(const Policy& base, const Policy& proposed);

// The same of requirements alone.
std::vector<Loosening> FindLoosenedRequirements(const Policy& base, const Policy& proposed);

}  // namespace weir::policies
