#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "manifest/diagnostic.h"
#include "manifest/evidence.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::gateway {

// Everything that a command reads before it decides: configuration, dbt's artifacts, policies, declared syncs. Immutable
// once read; decisions and plans point into it.
struct Workspace {
  Config config;
  manifest::Artifacts artifacts;
  policies::Policy policy;
  std::vector<policies::SyncSpec> syncs;  // sorted by id

  // By id or by name; reports what there is when there is no such sync. Null pointer then.
  const policies::SyncSpec* FindSync(std::string_view name, std::string* error) const;
};

// When one of the policies inherits by lineage, finds out where the project's columns come from: the SQL of its models is
// parsed in a process without rights, with the library of the source. Otherwise nothing. Nobody traced proves nothing.
void TraceLineage(const std::vector<const policies::Policy*>& policies, const Config& config, manifest::Project* project);

// Reads all of it and cross-checks (destinations of weir.yml and of the policies, origins). Reports every error of every
// document before it gives up; nullopt then. Throws manifest::ArtifactError when an artifact cannot be read.
std::optional<Workspace> ReadWorkspace(const std::string& config_file, const std::string& environment,
                                       manifest::Diagnostics* diagnostics);

}  // namespace weir::gateway
