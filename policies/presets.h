#pragma once

#include <string>
#include <vector>

#include "manifest/diagnostic.h"
#include "policies/policy.h"

namespace weir::policies {

// Other teams' conventions as markers of classes; policies/README.md tells what each recognizes.
const std::vector<std::string>& PresetNames();

// Adds the markers of every preset that the policy names to its classes, and the classes that it does not define. Reports
// presets that do not exist, and classes that the policy makes permissive.
void ApplyPresets(Policy* policy, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
