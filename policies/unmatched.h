#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"
#include "policies/requirement.h"
#include "policies/selection.h"

namespace weir::policies {

// What a requirement names and the project does not have: nothing would be asked of it, in silence. The gate, `weir
// check` and `weir policy lint` say so alike.
struct Unmatched {
  std::string_view gate_code;  // of the gate's reason; empty: no misspelling, and the gate does not speak of it
  std::string_view code;       // of the diagnostic
  std::string text;            // with a suggestion where one name is close
  bool of_some_syncs = false;  // the gate holds those that the requirement is about; else whichever may have been meant
};

// 1. Names in `select` without wildcards that nothing has.
// 2. A `select` that picks nothing of what it is `for`, though the project has such things.
// 3. Columns of `k_anonymity` that no model of the project documents, whatever their case. Only documented columns can be
//    sent, so such a column is counted by nowhere.
// Linear in the project. `selection`: of the requirement.
std::vector<Unmatched> UnmatchedNames(const Requirement& requirement, const Selection& selection,
                                      const manifest::Project& project);

}  // namespace weir::policies
