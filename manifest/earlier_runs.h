#pragma once

#include <span>
#include <string>

#include "manifest/evidence.h"

namespace weir::manifest {

// Why a run's results cannot be put in order with those of other runs; empty: they can. Needed: the schema v6 (which
// says as what a model was built), an invocation_id, and times that agree: no result later than its run was written,
// no run written later than `now`, an RFC 3339 time.
std::string WhyNotMerged(const RunResults& run, std::string_view now);

// Takes runs that are not in the folder into the artifacts, for EvidenceOf and BuildOf. One that is there already, by its
// invocation_id and digest, counts once. Throws ArtifactError W-ART-007 when two runs have one invocation_id and other
// contents, or when a run cannot be merged, that of the folder among them. The order of `runs` does not matter.
void MergeRuns(std::span<const RunResults> runs, std::string_view now, Artifacts* artifacts);

}  // namespace weir::manifest
