#pragma once

#include <string>
#include <vector>

#include "audit/clock.h"
#include "manifest/evidence.h"
#include "policies/decision.h"

namespace weir::policies {

struct GateReason {
  std::string code;      // W-GATE-003
  std::string text;      // for a person, with what to do next
  bool holds = true;     // false: told, does not hold the sync
  std::string requirement;  // Q001; empty: always asked
};

// Does dbt say the data is good? Per sync, with every reason. The last build of the model must have succeeded, every
// requirement that selects the sync must hold; without any `require` that has tests, all tests attached to the model
// must have passed (fail, missing: hold; warn: send), and there must be one.
struct GateVerdict {
  bool open = false;
  std::vector<GateReason> reasons;
  std::vector<manifest::TestEvidence> tests;  // all that were asked for
  std::vector<manifest::FreshnessEvidence> freshness;
  manifest::BuildEvidence build;
  Guards guards;  // the strictest of all requirements that select the sync
  std::string digest;  // of what was seen: the re-check after the scan compares it
};

// What the gate will ask that no run of dbt can answer: tests that do not exist, an owner that does not match. For a
// pull request, where nothing has run.
std::vector<GateReason> MissingForGate(const Policy& policy, const manifest::Project& project,
                                       const SyncDecision& decision);

// Ids of the requirements that select the sync, sorted.
std::vector<std::string> RequirementsOf(const Policy& policy, const manifest::Project& project,
                                        const SyncDecision& decision);

GateVerdict EvaluateGate(const Policy& policy, const manifest::Artifacts& artifacts, const SyncDecision& decision,
                         audit::Time now);

}  // namespace weir::policies
