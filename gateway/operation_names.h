#pragma once

#include <string_view>

#include "audit/entry.h"
#include "gateway/destination.h"

namespace weir::gateway {

// An operation and a result as the log spells them.
audit::Op LogName(Operation operation);
audit::OutcomeResult LogName(Result result);

// The code of an outcome of a record that was announced and never left.
inline constexpr std::string_view kNotSentCode = "not_sent";

}  // namespace weir::gateway
