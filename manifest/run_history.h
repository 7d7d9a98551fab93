#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "manifest/evidence.h"
#include "manifest/timestamp.h"

namespace weir::manifest {

// run_results.json holds one run of dbt, and the next command replaces it. These are the results of one resource in
// all runs that the artifacts hold: that of the folder, and the earlier ones.

struct SeenResult {
  const RunResults* run = nullptr;  // null: there is none
  const TestResult* result = nullptr;
  explicit operator bool() const { return result != nullptr; }
};

// When a result was there: its completion; of one without (skipped), when its run was written. nullopt: unknown.
std::optional<Timestamp> TimeOf(const SeenResult& seen);

// Latest first, whatever the order of the runs; what has no time counts as the latest. Without those of commands that
// touch no data (`compile`, `docs generate`), of results before Artifacts::forgotten_until, and, of builds, of `dbt test`.
std::vector<SeenResult> TestResultsOf(const Artifacts& artifacts, std::string_view unique_id);
std::vector<SeenResult> BuildResultsOf(const Artifacts& artifacts, std::string_view unique_id);

// Nothing ran: `reused`, `no-op`.
bool RanNothing(const TestResult& result);
// The table was left as it was: what ran nothing, and `skipped`.
bool LeftAsItWas(const TestResult& result);

// The build after which the data of `unique_id` is what lies at `relation`, as far as it is known: the latest that did
// something there. A build that is shown to be of another relation is none.
SeenResult LastBuildOf(const Artifacts& artifacts, std::string_view unique_id, std::string_view relation);

// Shown by the result's own relation_name; what says none may be any.
bool IsBuiltElsewhere(const TestResult& built, std::string_view relation, std::string_view adapter);

// "of `dbt build` at 2026-05-01T10:00:05Z": the run, for a person.
std::string RunText(const RunResults& run);

}  // namespace weir::manifest
