#pragma once

#include <string>
#include <vector>

#include "policies/decide_column.h"

namespace weir::policies {

// Every destination with every purpose of the policy that `to` matches, as if each purpose were open to whoever claims
// it: what tests and lint ask about, where no sync need exist. A policy without purposes has one, the empty one. Sorted
// as the policy lists them; pointers into `policy`.
std::vector<Recipient> PossibleRecipients(const Policy& policy, const Audience& to);

// "helpdesk (support)"
std::string Shown(const Recipient& recipient);

}  // namespace weir::policies
