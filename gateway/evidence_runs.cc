#include "gateway/evidence_runs.h"

#include <algorithm>

namespace weir::gateway {

std::vector<EvidenceRun> EvidenceRuns(const manifest::Artifacts& artifacts, const policies::GateVerdict& gate) {
  std::vector<EvidenceRun> runs;
  if (artifacts.run_results) runs.push_back({&*artifacts.run_results, {}, false});
  for (auto earlier = artifacts.earlier_runs.rbegin(); earlier != artifacts.earlier_runs.rend(); ++earlier) {
    runs.push_back({&*earlier, {}, false});
  }
  const auto of = [&runs](const manifest::RunResults* run) {
    return std::find_if(runs.begin(), runs.end(), [run](const EvidenceRun& one) { return one.run == run; });
  };
  for (const manifest::TestEvidence& test : gate.tests) {
    if (const auto run = of(test.run); run != runs.end()) ++run->tests[std::string(Name(test.verdict))];
  }
  if (const auto run = of(gate.build.run); run != runs.end()) run->build = true;
  std::erase_if(runs, [&artifacts](const EvidenceRun& one) {
    const bool of_folder = artifacts.run_results && one.run == &*artifacts.run_results;
    return !of_folder && !one.build && one.tests.empty();
  });
  return runs;
}

}  // namespace weir::gateway
