#pragma once

#include <string>

#include "audit/clock.h"
#include "gateway/config.h"
#include "manifest/evidence.h"

namespace weir::gateway {

// The runs of dbt that Weir has seen, for a project with `keep_runs`: their results in short (no message of dbt, which may
// hold values) in `STATE/.runs`, 0600. A gate then asks the latest result of each test and build in any of them, not the
// last run alone. What is kept is bounded: by age (`keep_runs`) and by kMostKeptRuns. Whatever is dropped is older than all
// that stays, and results of its time count no more, so that forgetting closes gates and never opens one.

inline constexpr std::size_t kMostKeptRuns = 64;

std::string KeptRunsFolder(const Config& config);

// Durable on return. Keeps nothing without `keep_runs`, nothing of a command that changes no table, and no run twice.
// `run`: of the project whose manifest is `project`. Throws manifest::ArtifactError W-ART-007 for a run that cannot be
// put in order, or has the invocation_id of another; W-ART-008 when what is kept is damaged or of another project;
// audit::FileError. Several processes may call it at once.
void KeepRun(const Config& config, const manifest::Project& project, const manifest::RunResults& run,
             const audit::Clock& clock);

// Differs from before when a run was kept.
std::string LookAtKeptRuns(const Config& config);

// Takes the kept runs into the artifacts. Changes nothing on disk. Throws manifest::ArtifactError as KeepRun.
void AddKeptRuns(const Config& config, audit::Time now, manifest::Artifacts* artifacts);

}  // namespace weir::gateway
