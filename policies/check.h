#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/decision.h"

namespace weir::policies {

// What a pull request is told: findings, and which data would leave. Works with no warehouse and no network.

enum class FindingLevel : std::uint8_t { kError, kWarning };
enum class FindingStatus : std::uint8_t { kNew, kExisting, kFixed };
enum class EgressChange : std::uint8_t { kAdded, kChanged, kRemoved, kSame };
std::string_view Name(FindingLevel level);    // "error", "warning"
std::string_view Name(FindingStatus status);  // "new", "existing", "fixed"
std::string_view Name(EgressChange change);   // "added", "changed", "removed", "same"

struct Finding {
  // The id of a rule or a requirement, or one of: sync-refused, column-denied, column-unclassified,
  // rules-conflict, gate-weakened, gate-test-missing, policy-unmatched.
  std::string rule;
  FindingLevel level = FindingLevel::kError;
  FindingStatus status = FindingStatus::kNew;
  std::string
      target;  // `exposure:crm_contacts`; `policy` for what the policy says of models that are not there
  std::string column;  // `dim_customers.email`; empty: of the whole target
  std::string destination;
  std::string message;     // with what to do next
  std::string path;        // of the dbt YAML or the policy, as the project writes it
  std::uint32_t line = 0;  // 0: not known
  // 16 hexadecimal digits of SHA-256 over rule, target, column and destination: no line, message or order is
  // in it.
  std::string fingerprint;
};

struct EgressRow {
  EgressChange change = EgressChange::kAdded;
  std::string target;  // `exposure:crm_contacts`
  std::string column;  // `dim_customers.email`; `constant` for a constant
  std::string field;
  std::string destination;
  std::string purpose;
  std::string transform;  // text; `denied`; empty when removed
  std::string before;     // the same, in the base; empty when added
  std::vector<std::string> rules;
  std::string reason;
  bool denied = false;
  std::string path;
  std::uint32_t line = 0;
};

struct CheckReport {
  bool has_base = false;          // without one, everything is new
  std::vector<Finding> findings;  // sorted: status, level, target, column, rule
  std::vector<EgressRow> egress;  // sorted: target, field
  std::size_t syncs = 0;

  std::size_t Count(FindingStatus status, FindingLevel level) const;
};

// One side of a comparison; all outlive the call.
struct CheckSide {
  const Policy* policy = nullptr;
  const manifest::Project* project = nullptr;
  const std::vector<SyncSpec>* syncs = nullptr;
};

// `base` null: everything is new. A pull request that edits both passes its base's policy in both sides.
CheckReport Check(const CheckSide& head, const CheckSide* base);

// check_text.cc: for people; `colour` for a terminal. check_json.cc:
// {"version":1,"has_base","syncs","counts":{}, "findings":[],"egress":[]}.
std::string RenderText(const CheckReport& report, bool colour);
std::string RenderJson(const CheckReport& report);

}  // namespace weir::policies
