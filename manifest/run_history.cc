#include "manifest/run_history.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "manifest/relation.h"
#include "manifest/run_command.h"

namespace weir::manifest {
namespace {

// At one moment the worse counts, so that the order of the runs decides nothing.
int Rank(const TestResult& result) {
  const std::string status = LowerStatus(result.status);
  if (status == "pass" || status == "success") return 2;
  return status == "warn" ? 1 : 0;
}

template <typename Tells>
std::vector<SeenResult> ResultsOf(const Artifacts& artifacts, std::string_view unique_id, const Tells& tells) {
  std::vector<SeenResult> out;
  const std::optional<Timestamp> forgotten = ParseTimestamp(artifacts.forgotten_until);
  const auto add = [&](const RunResults& run) {
    if (!tells(run)) return;
    const TestResult* const result = run.Find(unique_id);
    if (result == nullptr) return;
    const SeenResult seen{&run, result};
    const std::optional<Timestamp> time = TimeOf(seen);
    if (forgotten && time && *time <= *forgotten) return;
    out.push_back(seen);
  };
  if (artifacts.run_results) add(*artifacts.run_results);
  for (const RunResults& run : artifacts.earlier_runs) add(run);
  std::sort(out.begin(), out.end(), [](const SeenResult& a, const SeenResult& b) {
    const std::optional<Timestamp> of_a = TimeOf(a), of_b = TimeOf(b);
    if (of_a.has_value() != of_b.has_value()) return !of_a.has_value();
    if (of_a != of_b) return of_a > of_b;
    return std::make_tuple(Rank(*a.result), a.run->invocation_id) < std::make_tuple(Rank(*b.result), b.run->invocation_id);
  });
  return out;
}

}  // namespace

std::optional<Timestamp> TimeOf(const SeenResult& seen) {
  return ParseTimestamp(seen.result->completed_at.empty() ? seen.run->generated_at : seen.result->completed_at);
}

std::vector<SeenResult> TestResultsOf(const Artifacts& artifacts, std::string_view unique_id) {
  return ResultsOf(artifacts, unique_id, [](const RunResults& run) { return !TouchesNothing(run.which); });
}

std::vector<SeenResult> BuildResultsOf(const Artifacts& artifacts, std::string_view unique_id) {
  return ResultsOf(artifacts, unique_id,
                   [](const RunResults& run) { return !TouchesNothing(run.which) && run.which != "test"; });
}

bool RanNothing(const TestResult& result) {
  const std::string status = LowerStatus(result.status);
  return status == "reused" || status == "no-op";
}

bool LeftAsItWas(const TestResult& result) { return RanNothing(result) || LowerStatus(result.status) == "skipped"; }

bool IsBuiltElsewhere(const TestResult& built, std::string_view relation, std::string_view adapter) {
  return !built.relation_name.empty() && !relation.empty() && !SameRelation(built.relation_name, relation, adapter);
}

SeenResult LastBuildOf(const Artifacts& artifacts, std::string_view unique_id, std::string_view relation) {
  for (const SeenResult& seen : BuildResultsOf(artifacts, unique_id)) {
    if (LeftAsItWas(*seen.result)) continue;
    if (IsBuiltElsewhere(*seen.result, relation, artifacts.project.metadata.adapter_type)) continue;
    return seen;
  }
  return {};
}

std::string RunText(const RunResults& run) {
  const std::string command = run.which.empty() ? "an unnamed command" : CommandOf(run.which);
  return "of " + command + (run.generated_at.empty() ? "" : " at " + run.generated_at);
}

}  // namespace weir::manifest
