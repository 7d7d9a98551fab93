#pragma once

#include <vector>

#include "policies/gate.h"

namespace weir::policies {

// What waivers and `mode: observe` make of the reasons of one requirement. INVARIANT: a reason that did not hold before
// does not hold afterwards, and none is taken away: what is lifted stays to be seen.
//
// `from`: the first reason that is the requirement's. `sync`: subjects that every one of them is about, beside its own.
void Lift(const Requirement& requirement, const Waivers& waivers, const Subjects& sync, std::size_t from,
          std::vector<GateReason>* reasons);

// One reason, told, for each waiver of the requirement that would lift something about `subjects`, had it not expired.
std::vector<GateReason> ExpiredWaivers(const Requirement& requirement, const Waivers& waivers, const Subjects& subjects);

// "; waived by `W014` until 2027-01-31", "; observed, …"; empty: neither.
std::string LiftedText(const Waiver* waiver, bool observed);

}  // namespace weir::policies
