#pragma once

#include "audit/entry.h"
#include "gateway/destination.h"

namespace weir::gateway {

// An operation and a result as the log spells them.
audit::Op LogName(Operation operation);
audit::OutcomeResult LogName(Result result);

}  // namespace weir::gateway
