#include "manifest/earlier_runs.h"

#include <algorithm>
#include <tuple>

#include "manifest/run_command.h"
#include "manifest/timestamp.h"

namespace weir::manifest {
namespace {

// Clocks of two machines that are kept by NTP differ by less.
constexpr std::chrono::seconds kClockDifference{60};

[[noreturn]] void Refuse(const RunResults& run, const std::string& why) {
  throw ArtifactError("W-ART-007", run.path + ": " + why);
}

}  // namespace

std::string WhyNotMerged(const RunResults& run, std::string_view now) {
  if (run.schema != "v6") return "schema " + run.schema + " does not say as what a model was built; runs of dbt 1.8 and later are merged";
  if (run.invocation_id.empty()) return "has no `invocation_id`, and cannot be told from other runs";
  const std::optional<Timestamp> written = ParseTimestamp(run.generated_at), today = ParseTimestamp(now);
  if (!written) return "nothing shows when it was written (`generated_at`), and so not which run was the last";
  if (!today || *written > *today + kClockDifference) {
    return "was written at " + run.generated_at + ", which is yet to come; set the clocks of this machine and of dbt's";
  }
  for (const TestResult& result : run.results) {
    if (result.completed_at.empty()) continue;
    const std::optional<Timestamp> ended = ParseTimestamp(result.completed_at);
    if (ended && *ended <= *written) continue;
    return "`" + result.unique_id + "` ended at " + result.completed_at + ", after the run itself was written at " +
           run.generated_at + ": the clock was set meanwhile; run `dbt build`";
  }
  return {};
}

void MergeRuns(std::span<const RunResults> runs, std::string_view now, Artifacts* artifacts) {
  if (runs.empty()) return;
  const auto take = [&](const RunResults& run) {
    if (const std::string why = WhyNotMerged(run, now); !why.empty()) Refuse(run, why);
  };
  const auto is_there = [&](const RunResults& run, const RunResults& other) {
    if (run.invocation_id != other.invocation_id) return false;
    if (run.digest != other.digest) {
      Refuse(run, "has the invocation_id of " + other.path + " and other contents; run `dbt build`");
    }
    return true;
  };
  if (artifacts->run_results && !TouchesNothing(artifacts->run_results->which)) take(*artifacts->run_results);
  std::vector<RunResults>& earlier = artifacts->earlier_runs;
  for (const RunResults& run : runs) {
    take(run);
    if (artifacts->run_results && is_there(run, *artifacts->run_results)) continue;
    const bool known = std::any_of(earlier.begin(), earlier.end(), [&](const RunResults& one) { return is_there(run, one); });
    if (!known) earlier.push_back(run);
  }
  std::sort(earlier.begin(), earlier.end(), [](const RunResults& a, const RunResults& b) {
    return std::tie(a.generated_at, a.invocation_id) < std::tie(b.generated_at, b.invocation_id);
  });
}

}  // namespace weir::manifest
