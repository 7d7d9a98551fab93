#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "manifest/project.h"
#include "policies/policy.h"

namespace weir::gateway {

// A preset of the policy language whose convention the project follows.
struct StartingPreset {
  std::string name;
  std::size_t count = 0;             // of the columns that it marks
  std::vector<std::string> columns;  // `model.column`, the first three of them
  bool needed = false;               // marks one that none of the starting policy's own classes is about
};

// Of the columns of the project's own models, seeds and snapshots, with `classes` those of the starting policy; in the
// order of policies::PresetNames.
std::vector<StartingPreset> FindPresets(const std::vector<policies::ClassDefinition>& classes, const manifest::Project& project);

// "3 columns: dim.email, dim.phone, dim.zip"
std::string ToText(const StartingPreset& preset);

}  // namespace weir::gateway
