#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "manifest/evidence.h"
#include "policies/gate.h"

namespace weir::gateway {

// A run of dbt, and what of a gate's evidence comes from it. Points into the artifacts.
struct EvidenceRun {
  const manifest::RunResults* run = nullptr;
  std::map<std::string, std::uint64_t> tests;  // passed, failed, …: how many
  bool build = false;                          // of the model
};

// That of the target folder first, whether or not anything comes from it; then the others, latest first.
std::vector<EvidenceRun> EvidenceRuns(const manifest::Artifacts& artifacts, const policies::GateVerdict& gate);

}  // namespace weir::gateway
