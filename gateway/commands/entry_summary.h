#pragma once

#include <string>

#include "audit/entry.h"

namespace weir::gateway {

// One line of what an entry of the log says, without its kind and time. Kinds that are not known give nothing.
std::string SummaryOf(const audit::Entry& entry);

}  // namespace weir::gateway
