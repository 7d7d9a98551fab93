#pragma once

#include <string_view>

namespace weir::policies {

// The codes of gate reasons; `weir help CODE` explains each.
inline constexpr std::string_view kGateBuild = "W-GATE-001";       // the model's last build is unknown or failed
inline constexpr std::string_view kGateFailed = "W-GATE-002";      // a test failed or could not run
inline constexpr std::string_view kGateMissing = "W-GATE-003";     // no evidence of a test
inline constexpr std::string_view kGateWarned = "W-GATE-004";      // a test warned
inline constexpr std::string_view kGatePrimaryKey = "W-GATE-005";  // the match columns are not tested as a key
inline constexpr std::string_view kGateByClass = "W-GATE-006";     // a column lacks the test that its class requires
inline constexpr std::string_view kGateOld = "W-GATE-007";         // a test ran too long ago
inline constexpr std::string_view kGateFreshness = "W-GATE-008";   // a source is stale or was not checked
inline constexpr std::string_view kGateSourceAge = "W-GATE-009";   // a source was loaded too long ago
inline constexpr std::string_view kGateOwner = "W-GATE-010";       // there is no owner as required
inline constexpr std::string_view kGateTransfer = "W-GATE-011";    // the legal transfer mechanism has ended
inline constexpr std::string_view kGateNoTest = "W-GATE-012";      // the model has no test at all
inline constexpr std::string_view kGateGuards = "W-GATE-013";      // guards that cannot be compared
inline constexpr std::string_view kGateNothing = "W-GATE-014";     // there is no model to ask about
inline constexpr std::string_view kGateAccess = "W-GATE-015";      // the model has another access
inline constexpr std::string_view kGateContract = "W-GATE-016";    // the model's contract is not enforced
inline constexpr std::string_view kGateVersion = "W-GATE-017";     // not the latest, deprecated, or too many versions
inline constexpr std::string_view kGateGroup = "W-GATE-018";       // the model is in no or another group
inline constexpr std::string_view kGateMaturity = "W-GATE-019";    // the exposure is not mature enough
inline constexpr std::string_view kGateExpired = "W-GATE-021";     // a waiver has expired (told)
inline constexpr std::string_view kGateGuardsOff = "W-GATE-022";   // guards that hold nothing (told)
inline constexpr std::string_view kGateNoColumn = "W-GATE-023";    // k_anonymity counts by a column that nothing has
inline constexpr std::string_view kGateNoName = "W-GATE-024";      // a requirement selects a name that nothing has

}  // namespace weir::policies
