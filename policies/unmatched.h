#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"
#include "policies/requirement.h"

namespace weir::policies {

// What a requirement names and the project does not have: nothing would be asked of it, in silence. The gate, `weir
// check` and `weir policy lint` say so alike.
struct Unmatched {
  std::string_view code;  // of the gate's reason
  std::string text;       // with a suggestion where one name is close
};

// Columns of `k_anonymity` that no model of the project documents, whatever their case. Only documented columns can be
// sent, so such a column is counted by nowhere. Linear in the project's columns, for a requirement that has the key.
std::vector<Unmatched> UnmatchedNames(const Requirement& requirement, const manifest::Project& project);

}  // namespace weir::policies
