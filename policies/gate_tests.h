#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policies/gate.h"

namespace weir::policies {

// The codes of gate reasons; `weir help CODE` explains each.
inline constexpr std::string_view kGateBuild = "W-GATE-001";    // the model's last build is unknown or failed
inline constexpr std::string_view kGateFailed = "W-GATE-002";   // a test failed or could not run
inline constexpr std::string_view kGateMissing = "W-GATE-003";  // no evidence of a test
inline constexpr std::string_view kGateWarned = "W-GATE-004";   // a test warned
inline constexpr std::string_view kGatePrimaryKey =
    "W-GATE-005";  // the match columns are not tested as a key
inline constexpr std::string_view kGateByClass =
    "W-GATE-006";                                           // a column lacks the test that its class requires
inline constexpr std::string_view kGateOld = "W-GATE-007";  // a test ran too long ago
inline constexpr std::string_view kGateFreshness = "W-GATE-008";  // a source is stale or was not checked
inline constexpr std::string_view kGateSourceAge = "W-GATE-009";  // a source was loaded too long ago
inline constexpr std::string_view kGateOwner =
    "W-GATE-010";  // the exposure has not the owner that is required
inline constexpr std::string_view kGateTransfer = "W-GATE-011";  // the legal transfer mechanism has ended
inline constexpr std::string_view kGateNoTest = "W-GATE-012";    // the model has no test at all
inline constexpr std::string_view kGateGuards = "W-GATE-013";    // guards that cannot be compared
inline constexpr std::string_view kGateNothing = "W-GATE-014";   // there is no model to ask about

// What one requirement asks of the model's tests. `evidence` holds all tests of the model; reasons are
// appended.
void CheckTests(const Requirement& requirement, const SyncDecision& decision,
                const std::vector<manifest::TestEvidence>& evidence, audit::Time now,
                std::vector<GateReason>* reasons);

// Why the exposure has not the owner that is required; nullopt: it has.
std::optional<GateReason> OwnerReason(const Requirement& requirement, const manifest::Exposure& exposure);

// Seconds between a time as dbt writes it and now; nullopt when it is none, or lies more than five minutes
// ahead.
std::optional<std::int64_t> AgeSeconds(std::string_view written, audit::Time now);

}  // namespace weir::policies
