#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/clock.h"
#include "manifest/project.h"
#include "policies/classify.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// What stands in a policy and does nothing, or contradicts itself: no error, since it denies rather than permits, but
// not what its author meant. Stable ids, listed in policies/README.md.
struct LintFinding {
  std::string_view id;  // "rule-unreachable"
  Located at;
  std::string message;
  bool note = false;  // of what default deny covers: said, and no reason to fail
};

// Sorted by place, then id, then message.
std::vector<LintFinding> LintPolicy(const Policy& policy, const manifest::Project& project,
                                    const std::vector<SyncSpec>& syncs, audit::Time now);

// The part about waivers: expired ones, those that expire within 30 days of `now`, and those that lift nothing.
void LintWaivers(const Policy& policy, const manifest::Project& project, const std::vector<SyncSpec>& syncs,
                 const Classifier& classes, audit::Time now, std::vector<LintFinding>* out);

// The part about names of models and columns that the project does not have: what permits or excepts by address, the
// subjects, and the columns that `send_if` asks.
void LintAddresses(const Policy& policy, const manifest::Project& project, std::vector<LintFinding>* out);

// The same of `declassify:`, by policy.today.
void LintDeclassified(const Policy& policy, const manifest::Project& project, const Classifier& classes,
                      std::vector<LintFinding>* out);

inline constexpr int kSoonDays = 30;  // what ends within them is said
// "today", "in 1 day", "in 30 days"
std::string InDays(int days);

}  // namespace weir::policies
