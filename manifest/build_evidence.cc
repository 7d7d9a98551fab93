#include "manifest/evidence.h"
#include "manifest/relation.h"
#include "manifest/run_code.h"
#include "manifest/run_command.h"

namespace weir::manifest {

BuildEvidence BuildOf(const Artifacts& artifacts, const Node& node) {
  BuildEvidence evidence;
  if (!artifacts.run_results) {
    evidence.reason = "there is no run_results.json; run `dbt build`";
    return evidence;
  }
  const RunResults& run = *artifacts.run_results;
  if (!Builds(run.which)) {
    evidence.reason =
        run.which.empty()
            ? "run_results.json does not say which command wrote it" + std::string(kBuildLast)
            : CommandOf(run.which) + " wrote run_results.json: nothing was built" + std::string(kBuildLast);
    return evidence;
  }
  const TestResult* result = run.Find(node.unique_id);
  if (result == nullptr) {
    evidence.reason = "is not in run_results.json: the last " + CommandOf(run.which) + " left it out";
    return evidence;
  }
  evidence.known = true;
  evidence.status = result->status;
  evidence.completed_at = result->completed_at;
  const std::string at = result->completed_at.empty() ? std::string() : " at " + result->completed_at;
  const std::string status = LowerStatus(result->status);
  if (run.IsThereTwice(*result)) {
    evidence.reason = "is in run_results.json twice";
  } else if (status == "success") {
    evidence.succeeded = true;
    evidence.reason = "built" + at;
  } else if (status == "reused") {
    evidence.succeeded = true;
    evidence.reason = "was not built again (`reused`): dbt found nothing to have changed";
  } else if (status == "warn") {
    evidence.succeeded = true;
    evidence.reason = "built with warnings" + at;
  } else {
    evidence.reason = "its last build ended with `" + result->status + "`";
  }
  if (!evidence.succeeded) return evidence;
  if (!result->relation_name.empty() && !node.relation_name.empty() &&
      !SameRelation(result->relation_name, node.relation_name, artifacts.project.metadata.adapter_type)) {
    evidence.succeeded = false;
    evidence.reason = "was built as `" + result->relation_name + "`, not `" + node.relation_name + "`";
  } else if (const std::optional<std::string> other_code = OtherCode(artifacts, CodeOf(node), *result)) {
    evidence.succeeded = false;
    evidence.reason = *other_code + std::string(kBuildLast);
  }
  return evidence;
}

}  // namespace weir::manifest
