#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policies/located.h"

namespace weir::policies {

// An item of `require:` as it is written: what must hold before data leaves. Meaning: policies/README.md, "require".

struct Limit {  // `2%` or `1000`
  double value = 0;
  bool percent = false;
};
std::string ToText(const Limit& limit);  // as it is written

struct Guards {
  std::optional<Limit> max_deletes;
  std::optional<Limit> max_changes;
  std::optional<std::int64_t> min_rows;
};

enum class WhenEvidence : std::uint8_t { kHold, kSend };

struct RequiredVersions {
  bool latest_only = false;
  WhenEvidence deprecated = WhenEvidence::kHold;  // a model past its deprecation_date
  std::optional<std::int64_t> max_active;         // versions of one model that are not past theirs
};

struct RequiredGroups {
  std::vector<std::string> names;  // one of them; empty: any
};

struct KAnonymity {
  std::vector<std::string> columns;  // of the model; those that are sent count
  std::int64_t k = 0;                // rows that share their outgoing values, at least
};

// Which findings of the requirement a comparison with a base shows.
enum class Reported : std::uint8_t { kAll, kNew, kChanged };

struct Requirement {
  std::string id;
  Located at;
  std::string select;                                        // dbt selector
  std::string for_what;                                      // sync | exposure | model | source
  bool tests = false;                                        // a `tests:` block is there
  bool primary_key = false;                                  // unique and not_null on the match columns
  std::map<std::string, std::vector<std::string>> by_class;  // class -> tests that its columns must have
  WhenEvidence on_fail = WhenEvidence::kHold, on_warn = WhenEvidence::kSend, on_missing = WhenEvidence::kHold;
  std::optional<std::int64_t> within_seconds;  // nullopt: since_last_build
  std::optional<std::int64_t> fresh_max_age_seconds;
  bool fresh = false;
  std::optional<std::int64_t> fresh_wait_seconds;  // how long a run waits for evidence
  std::string owner_email_pattern;  // RE2
  std::vector<std::string> access;  // one of them; empty: not asked
  bool contract = false;            // must be enforced
  std::optional<RequiredVersions> versions;
  std::optional<RequiredGroups> groups;
  std::string maturity;  // low | medium | high, at least; empty: not asked
  Guards guards;
  std::optional<KAnonymity> k_anonymity;
  bool warn_only = false;  // severity: warn
  bool observe = false;    // mode: observe: tells what it would have held
  Reported report = Reported::kAll;
  std::string why;

  bool Enforced() const { return !warn_only && !observe; }
  bool HasGuards() const { return guards.max_deletes || guards.max_changes || guards.min_rows; }
};

}  // namespace weir::policies
