#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "manifest/diagnostic.h"
#include "manifest/evidence.h"
#include "manifest/info_schema.h"
#include "manifest/locked_duckdb.h"
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

// dbt 2's Information Schema below a target folder; what it says of columns is added to *project. nullopt: there is none, or
// it is of no use. Read in a process without rights. A library is loaded before they are gone: whoever judges a pull request
// gives `duckdb` none of its weir.yml's.
std::optional<manifest::InfoSchema> TakeInfoSchema(const std::string& target, const manifest::LockedDuckdb::Options& duckdb,
                                                   manifest::Diagnostics* diagnostics, manifest::Project* project);

// When one of the policies inherits by lineage, finds out where the project's columns come from: by `info_schema`, else by the
// SQL of its models, which is parsed in such a process: of `models` (unique_ids) and of what they are made from, or of all
// when it is null. Otherwise nothing. Nobody traced proves nothing, and a model that is not traced may be of any class of its
// parents. Warns (W-ART-009) when no SQL can be read: then almost everything is denied.
void TraceLineage(const std::vector<const policies::Policy*>& policies, const manifest::LockedDuckdb::Options& duckdb,
                  const std::optional<manifest::InfoSchema>& info_schema, const std::vector<std::string>* models,
                  manifest::Project* project, manifest::Diagnostics* diagnostics);
// The same of both sides of a comparison (`base`: null when there is none), of what is decided on in either. Where nothing is inherited, and the SQL of something above a sync of the head is
// another than in the base, what is above the syncs is traced all the same: what is sent may be made of something else.
// Returns why that could not be done, for a person; empty: nothing was to do, or it was done.
struct TracedSide {
  manifest::Project* project = nullptr;
  const std::vector<policies::SyncSpec>* syncs = nullptr;            // of it; never null
  const std::optional<manifest::InfoSchema>* info_schema = nullptr;  // of it; never null
};
std::string TraceLineage(const std::vector<const policies::Policy*>& policies, const manifest::LockedDuckdb::Options& duckdb,
                         const TracedSide& head, const TracedSide* base,
                         manifest::Diagnostics* diagnostics);

// Reads all of it and cross-checks (destinations of weir.yml and of the policies, origins). Reports every error of every
// document before it gives up; nullopt then. Throws manifest::ArtifactError when an artifact cannot be read. Lineage is that
// of what leaves, and of `model`, a name as Project::FindModel takes it; empty: of none beside.
std::optional<Workspace> ReadWorkspace(const std::string& config_file, const std::string& environment,
                                       manifest::Diagnostics* diagnostics, std::string_view model = {});

}  // namespace weir::gateway
