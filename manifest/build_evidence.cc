#include "manifest/evidence.h"
#include "manifest/run_code.h"
#include "manifest/run_command.h"
#include "manifest/run_history.h"
#include "manifest/run_rows.h"

namespace weir::manifest {
namespace {

bool IsGood(const SeenResult& seen) {
  const std::string status = LowerStatus(seen.result->status);
  return (status == "success" || status == "warn") && WhyFewerRows(*seen.run, *seen.result).empty();
}

// The latest, without those that are shown to be of another relation when there are others. What dbt did not build again
// is as good as the build before.
SeenResult Choose(const Artifacts& artifacts, const Node& node) {
  const std::vector<SeenResult> all = BuildResultsOf(artifacts, node.unique_id);
  std::vector<SeenResult> here;
  for (const SeenResult& one : all) {
    if (!IsBuiltElsewhere(*one.result, node.relation_name, artifacts.project.metadata.adapter_type)) here.push_back(one);
  }
  if (here.empty()) return all.empty() ? SeenResult{} : all.front();
  for (const SeenResult& one : here) {
    if (RanNothing(*one.result)) continue;
    return IsGood(one) ? here.front() : one;
  }
  return here.front();
}

void SayAbsent(const Artifacts& artifacts, BuildEvidence* evidence) {
  const RunResults* const run = artifacts.run_results ? &*artifacts.run_results : nullptr;
  if (!artifacts.earlier_runs.empty()) {
    evidence->reason = "is in none of the runs of dbt that are kept; run `dbt build`";
  } else if (run == nullptr) {
    evidence->reason = "there is no run_results.json; run `dbt build`";
  } else if (run->which.empty()) {
    evidence->reason = "run_results.json does not say which command wrote it" + std::string(kBuildLast);
  } else if (!Builds(run->which)) {
    evidence->reason = CommandOf(run->which) + " wrote run_results.json: nothing was built" + std::string(kBuildLast);
  } else {
    evidence->reason = "is not in run_results.json: the last " + CommandOf(run->which) + " left it out";
  }
}

}  // namespace

BuildEvidence BuildOf(const Artifacts& artifacts, const Node& node) {
  BuildEvidence evidence;
  const SeenResult seen = Choose(artifacts, node);
  if (!seen) {
    SayAbsent(artifacts, &evidence);
    return evidence;
  }
  evidence.run = seen.run;
  if (!Builds(seen.run->which)) {
    evidence.reason = seen.run->which.empty()
                          ? "run_results.json does not say which command wrote it" + std::string(kBuildLast)
                          : CommandOf(seen.run->which) + " wrote run_results.json: nothing was built" + std::string(kBuildLast);
    return evidence;
  }
  const TestResult& result = *seen.result;
  evidence.known = true;
  evidence.status = result.status;
  evidence.completed_at = result.completed_at;
  const std::string at = result.completed_at.empty() ? std::string() : " at " + result.completed_at;
  const std::string status = LowerStatus(result.status);
  if (seen.run->IsThereTwice(result)) {
    evidence.reason = "is in run_results.json twice";
  } else if (status == "success") {
    evidence.succeeded = true;
    evidence.reason = "built" + at;
  } else if (status == "reused") {
    // Of a build that was forgotten nobody knows how it ended.
    evidence.succeeded = artifacts.forgotten_until.empty() || LastBuildOf(artifacts, node.unique_id, node.relation_name);
    evidence.reason = evidence.succeeded ? "was not built again (`reused`): dbt found nothing to have changed"
                                         : "was not built again (`reused`), and the build before it is not kept";
  } else if (status == "warn") {
    evidence.succeeded = true;
    evidence.reason = "built with warnings" + at;
  } else {
    evidence.reason = "its last build ended with `" + result.status + "`";
  }
  if (!evidence.succeeded) return evidence;
  if (IsBuiltElsewhere(result, node.relation_name, artifacts.project.metadata.adapter_type)) {
    evidence.succeeded = false;
    evidence.reason = "was built as `" + result.relation_name + "`, not `" + node.relation_name + "`";
  } else if (const std::string why = WhyFewerRows(*seen.run, result); !why.empty() && status != "reused") {
    evidence.succeeded = false;
    evidence.reason = why + std::string(kBuildLast) + " without it";
  } else if (const std::optional<std::string> other_code = OtherCode(artifacts, CodeOf(node), *seen.run, result)) {
    evidence.succeeded = false;
    evidence.reason = *other_code + std::string(kBuildLast);
  }
  return evidence;
}

}  // namespace weir::manifest
