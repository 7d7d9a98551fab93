#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policies/gate.h"
#include "policies/gate_codes.h"

namespace weir::policies {

// What one requirement asks of the model's tests. `evidence` holds all tests of the model; reasons are
// appended.
void CheckTests(const Requirement& requirement, const SyncDecision& decision,
                const std::vector<manifest::TestEvidence>& evidence, audit::Time now,
                std::vector<GateReason>* reasons);

// The same of a model that no sync of its own reads, as under a dashboard: it has tests, some column or combination of
// columns is tested as a key, documented columns of a class have its tests. As if every test had passed.
void CheckModelTests(const Requirement& requirement, const Policy& policy, const manifest::Project& project,
                     const manifest::Node& model, std::vector<GateReason>* reasons);

// Seconds between a time as dbt writes it and now; nullopt when it is none, or lies more than five minutes
// ahead.
std::optional<std::int64_t> AgeSeconds(std::string_view written, audit::Time now);

}  // namespace weir::policies
