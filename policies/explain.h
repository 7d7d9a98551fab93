#pragma once

#include <string>
#include <vector>

#include "policies/decision.h"
#include "policies/value_questions.h"

namespace weir::policies {

// Why a column is sent as it is: its classes with their provenance, every rule that matched or did not and
// why, the result. For people, and as one JSON object:
//   {"model","column","field","use","classes":[{"name","permissive","declared","inherited","how","lifted"}],
//    "rules":[{"id","kind","matched","why_not"|"effect","why"}],"transform","denied","decided_by":[],"conflict","code","reason"}
// Text from the project and the policy is escaped for a terminal.
std::string ExplainText(const ColumnDecision& decision);
std::string ExplainJson(const ColumnDecision& decision);

// The same for every column of a sync, with its row filters, subjects and refusals.
std::string ExplainText(const SyncDecision& decision);
std::string ExplainJson(const SyncDecision& decision);

// One line: what a class would change that only values can show. A check does not see values; a sync does.
std::string ExplainText(const ValueQuestion& question);

}  // namespace weir::policies
