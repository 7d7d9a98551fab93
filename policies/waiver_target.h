#pragma once

#include <string>
#include <vector>

#include "manifest/project.h"
#include "policies/sync_spec.h"
#include "policies/waiver.h"

namespace weir::policies {

// What a waiver's `target` is in one project.
struct WaiverTarget {
  std::string subject;  // unique_id, or the id of a sync of weir.yml; empty: nothing that the waiver may lift
  std::string problem;  // why it is empty, with what to do next
};

// `syncs`: all that are declared; null where they are not known, and a `sync:` then stands for itself. An exposure that
// is not as the waiver is bound (`models`, `destination`) is none: an author who takes over its name takes no waiver.
WaiverTarget FindWaiverTarget(const Waiver& waiver, const manifest::Project& project, const std::vector<SyncSpec>* syncs);

}  // namespace weir::policies
