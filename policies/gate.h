#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "audit/clock.h"
#include "manifest/evidence.h"
#include "policies/decision.h"
#include "policies/selection.h"

namespace weir::policies {

struct GateReason {
  std::string code;         // W-GATE-003
  std::string text;         // for a person, with what to do next
  bool holds = true;        // false: told, does not hold the sync
  std::string requirement;  // Q001; empty: always asked
  // Other requirements that hold the sync for the same reason, sorted; empty where `holds` is false. Whoever lifts the
  // reason lifts what every one of them asks.
  std::vector<std::string> also = {};
  std::string subject = {};            // unique_id of what it is about: a model, source or exposure; empty: the sync
  const Waiver* waiver = nullptr;      // lifts it; in the policy
  bool observed = false;               // it would hold, were the requirement's mode not `observe`
  bool would_hold = false;             // before waivers and `observe`; set by Lift
  bool may_arrive = false;             // a later run of dbt may bring what is missing, by itself
  // Of the requirement, `policies/q.yml:12:5`, where the policy itself is to be mended; EvaluateGate puts it before
  // `text`. No part of the verdict's digest: an approval holds wherever the policy folder is.
  std::string place = {};
  std::string lacks = {};  // the test that is not there: `not_null(customer_id)`; empty: it is about something else
};

// Every requirement that says it, its own first; none of what is always asked.
std::vector<std::string> RequirementsOf(const GateReason& reason);

// Of a requirement, and not among those that hold: `note` says why not ("waived by `W014` …").
struct ToldGuards {
  std::string requirement;
  Guards guards;
  std::string note;
};

// What k-anonymity asks of the rows; counted by a run.
struct AnonymityGuard {
  std::string requirement;
  KAnonymity asked;
  bool holds = true;
  std::string note;  // why it does not hold; empty: it does
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
  Guards guards;  // the strictest of all requirements that select the sync and hold
  std::vector<ToldGuards> told_guards;
  std::vector<AnonymityGuard> anonymity;
  // It is held by nothing but evidence that may yet arrive, and policy wants a run to wait that long for it.
  std::optional<std::chrono::seconds> wait;
  std::string digest;  // of what was seen: the re-check after the scan compares it
};

// What the gate will ask that no run of dbt can answer: tests that do not exist, an owner that does not match. For a
// pull request, where nothing has run. `selections`: SelectionsOf the policy.
std::vector<GateReason> MissingForGate(const Policy& policy, const manifest::Project& project,
                                       const SyncDecision& decision, const std::vector<Selection>& selections,
                                       const Waivers& waivers, audit::Time now);

// As what a waiver finds the sync: its exposure, or its id in weir.yml.
Subjects SubjectsOf(const SyncSpec& sync);

// Ids of the requirements that select the sync, sorted.
std::vector<std::string> RequirementsOf(const Policy& policy, const manifest::Project& project,
                                        const SyncDecision& decision);

GateVerdict EvaluateGate(const Policy& policy, const manifest::Artifacts& artifacts, const SyncDecision& decision,
                         audit::Time now);

}  // namespace weir::policies
