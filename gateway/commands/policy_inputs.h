#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "manifest/diagnostic.h"
#include "manifest/project.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::gateway {

// What `weir policy` works on. It needs a manifest.json and no other artifact, no warehouse and no key.
struct PolicyInputs {
  policies::Policy policy;
  manifest::Project project;
  std::vector<policies::SyncSpec> syncs;
  manifest::Diagnostics diagnostics;  // without errors; knows the policy's text, so that what is added shows its lines
};

// `policies` and `target` take the place of weir.yml's when they are not empty. Prints what is wrong; nullopt after
// errors: the command ends with kExitConfig. Throws manifest::ArtifactError.
std::optional<PolicyInputs> ReadPolicyInputs(Invocation& invocation, const std::string& policies,
                                             const std::string& target);

}  // namespace weir::gateway
