#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"
#include "policies/policy.h"

namespace weir::policies {

struct ClassEvidence {
  std::string name;  // class
  bool permissive = false;
  bool declared = true;  // by meta, tag, classifier or address; false: inferred, by its name or its model
  std::string how;       // "by meta `contains: email`", "by tag `pii`", "by name", "by address"
};

// The union of what is declared and inferred; evidence only adds. A permissive class counts by its address
// alone, and never beside a restrictive class that says otherwise (rules decide). `column` need not be
// documented.
std::vector<ClassEvidence> Classify(const Policy& policy, const manifest::Project& project,
                                    const manifest::Node& model, std::string_view column);

// Whether a model's name in a policy may mean this one, of whatever package and version: for what restricts,
// where a doubt counts as a yes. What permits asks Project::FindModel, which knows exactly one.
bool MayName(std::string_view written, const manifest::Node& model);

}  // namespace weir::policies
