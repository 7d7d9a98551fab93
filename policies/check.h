#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/clock.h"
#include "manifest/declarations.h"
#include "policies/check_config.h"
#include "policies/check_positions.h"
#include "policies/decision.h"
#include "policies/policy.h"

namespace weir::policies {

// What a pull request is told: findings, and which data would leave. Works with no warehouse and no network. Renderers of
// the report: report.h.

enum class FindingLevel : std::uint8_t { kError, kWarning };
enum class FindingStatus : std::uint8_t { kNew, kExisting, kFixed };
enum class EgressChange : std::uint8_t { kAdded, kChanged, kRemoved, kSame };
std::string_view Name(FindingLevel level);    // "error", "warning"
std::string_view Name(FindingStatus status);  // "new", "existing", "fixed"
std::string_view Name(EgressChange change);   // "added", "changed", "removed", "same"

struct Finding {
  // The id of a rule or a requirement, or one of: sync-refused, column-denied, column-unclassified,
  // rules-conflict, gate-weakened, gate-test-missing, policy-unmatched, and those of RulesOfFindings (report.h).
  std::string rule;
  FindingLevel level = FindingLevel::kError;
  FindingStatus status = FindingStatus::kNew;
  std::string
      target;  // `exposure:crm_contacts`; `policy` for what the policy says of models that are not there
  std::string column;  // `dim_customers.email`; empty: of the whole target
  std::string destination;
  std::string message;     // with what to do next
  std::string why;         // the policy's, of the rule or requirement; empty: it gives none
  std::string path;        // of the dbt YAML or the policy, as the project writes it
  std::uint32_t line = 0;  // 0: not known
  std::uint32_t line_column = 0;  // in bytes, from 1; 0: not known
  std::string suppressed_by;   // id of the waiver that lifts it; empty: none
  std::string suppression;     // whose waiver, until when and why; empty: none
  Subjects about;              // unique_ids of what it is about; of requirements only
  Reported reported = Reported::kAll;  // when a comparison shows it; of requirements only
  // What it speaks of within its column or target: it is an existing one where the base's has all of these. Sorted.
  std::vector<std::string> covers;
  bool touched = false;        // the pull request changes something of `about`
  // What tells two findings of one rule about one thing apart: the unique_id of a test, a class. Empty: nothing need.
  std::string detail;
  // 16 hexadecimal digits of SHA-256 over rule, target, column, destination and detail: no line, message or
  // order is in it.
  std::string fingerprint;

  void SetPlace(const Place& place) {
    path = place.path;
    line = place.line;
    line_column = place.column;
  }
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
  std::string on_leave;  // what becomes of what was sent earlier, when it is denied; empty: not known
  std::optional<std::uint64_t> rows_at_most;  // of those at the destination that the change concerns; check_forecast.h
  std::string path;      // where the column is declared
  std::uint32_t line = 0;
};

struct CheckReport {
  bool has_base = false;          // without one, everything is new
  std::vector<Finding> findings;  // sorted: status, level, target, column, rule
  std::vector<EgressRow> egress;  // sorted: target, field
  std::size_t syncs = 0;

  // Without those that a waiver lifts.
  std::size_t Count(FindingStatus status, FindingLevel level) const;
  std::size_t Suppressed() const;  // new and existing ones
};

// Takes out what its requirement's `report` does not want shown, once it is known what is new.
void LeaveOutUnreported(CheckReport* report);

// One side of a comparison; all outlive the call.
struct CheckSide {
  const Policy* policy = nullptr;
  const manifest::Project* project = nullptr;
  const std::vector<SyncSpec>* syncs = nullptr;
  manifest::Declarations* declarations = nullptr;  // of the project; null: positions are those of the manifest
  std::string folder = "";                         // of the dbt project, put before its paths: `analytics/`; empty: none
  std::map<std::string, std::string> origins = {};  // of weir.yml's destinations, by name; empty: not known
  std::string config = "";                         // weir.yml, for messages
  std::map<std::string, ConfigSetting> settings = {};  // of weir.yml, by path; empty on both sides: not asked
  std::string no_config = "";  // of a base: why its weir.yml is not known; empty: it is, or nobody asked
  // When waivers expire and versions are past. Left out, all of them are.
  audit::Time now = audit::Time{} + std::chrono::seconds(253'402'214'400);  // 9999-12-31
};

// `base` null: everything is new; so it is with a base that cannot be one (another project, or the head itself), which is
// a finding. A pull request that edits both passes its base's policy in both sides, and its own as `proposed` (may be
// null): what differs is a finding, and permits nothing.
CheckReport Check(const CheckSide& head, const CheckSide* base, const Policy* proposed = nullptr);

}  // namespace weir::policies
