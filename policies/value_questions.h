#pragma once

#include <vector>

#include "policies/decision.h"

namespace weir::policies {

// A class that a sent column does not have, and that its values could show: were it of the class, another decision would
// stand, and the one at hand would let too much leave.
struct ValueQuestion {
  const ClassDefinition* defined = nullptr;  // points into the policy; its `value` is set
  std::size_t column = 0;                    // of SyncDecision::columns
  ColumnDecision then;                       // without traces
};

// What a run has to ask of values before anything is sent: of every column of which a value leaves in some form, and every
// class with `value` that would change its decision. Columns that the class's `except` lists are not asked about. A
// decision about a filter's or a subject's column lets nothing leave.
std::vector<ValueQuestion> ValueQuestions(const Policy& policy, const manifest::Project& project,
                                          const SyncDecision& decision);

}  // namespace weir::policies
