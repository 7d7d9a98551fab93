#pragma once

#include <string>
#include <vector>

#include "gateway/destination.h"
#include "gateway/keyring.h"
#include "gateway/workspace.h"
#include "policies/decision.h"
#include "policies/gate.h"
#include "policies/program.h"
#include "policies/value_questions.h"

namespace weir::gateway {

// What one sync will do, decided once; after this nobody sees YAML, JSON or names: columns by index, one step a field.
// Points into the workspace, which outlives it. Immutable.
struct SyncPlan {
  const policies::SyncSpec* spec = nullptr;
  policies::SyncDecision decision;
  policies::GateVerdict gate;
  std::string relation;
  std::string place;                                     // where its rows are (place.h)

  std::vector<std::string> input_columns;                // read from the warehouse, distinct; batches have this order
  std::vector<policies::ColumnSchema> input_schema;      // the same, with types
  std::vector<policies::FieldStep> steps;                // outgoing fields: match fields first
  std::vector<Field> fields;                             // the same, as the destination sees them
  std::size_t match_count = 0;                           // of `steps`
  std::vector<std::uint32_t> mapped_inputs;              // inputs that shape outgoing bytes: those are fingerprinted
  struct SubjectColumn {
    std::string subject;
    std::uint32_t column = 0;
  };
  std::vector<SubjectColumn> subject_columns;

  std::vector<policies::ValueQuestion> value_questions;  // what a run asks of values before it sends any

  std::vector<std::string> sent_fields;                  // names of `fields`, and those blanked
  std::string plan_digest;                               // of all inputs; for the log and approvals
  std::string effect_digest;                             // of what shapes outgoing bytes only
  // Why it may not run (policy, mapping, types); empty: it may, if the gate is open.
  struct Refusal {
    std::string code, text;
    std::string requirement = {};  // of a reason of the gate: Q001; empty: always asked
    bool holds = true;             // false: told, does not hold the sync
    std::vector<std::string> also = {};  // of a reason of the gate: other requirements that hold for it
  };
  std::vector<Refusal> refusals;
  std::vector<std::string> warnings;                     // a transform that was made stricter to fit, conflicts

  // Earlier runs sent rows to another place: they are not at this one. Set by a run, which knows the state.
  bool moved = false;
  bool deny_all = false;  // on_leave.denied is delete or suppress and a formerly sent column is denied: every row leaves
};

// `schema`: the relation's real columns, or null when no warehouse was asked (check, plan): types then come from the
// manifest and the catalog. `sent_fields`: what earlier runs sent. `now` is for the gate. Never throws for what the
// documents say: that stands in refusals.
SyncPlan MakePlan(const Workspace& workspace, const policies::SyncSpec& sync,
                  const std::vector<policies::ColumnSchema>* schema, const std::vector<std::string>& sent_fields,
                  const Keyring* keyring, audit::Time now);

// The keys a plan's programs need. `plan` and `keyring` outlive it.
policies::ProgramKeys KeysFor(const SyncPlan& plan, const Keyring& keyring, const Config& config);

}  // namespace weir::gateway
