#pragma once

#include "manifest/diagnostic.h"
#include "manifest/project.h"
#include "policies/policy.h"

namespace weir::policies {

// What a policy's names refer to, its patterns and its selectors; everything at once.
void ValidatePolicy(const Policy& policy, manifest::Diagnostics* diagnostics);

// What a policy says about a project's models and columns: a model or column that is not there is reported as
// a warning, since one policy may serve several projects. Decide does not rely on it: it refuses what cannot
// be applied.
void ValidateAgainst(const Policy& policy, const manifest::Project& project,
                     manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
