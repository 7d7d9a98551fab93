#include "manifest/run_code.h"

#include "manifest/timestamp.h"

namespace weir::manifest {

bool IsSameRun(const Artifacts& artifacts, const RunResults& run) {
  const std::string& manifest = artifacts.project.metadata.invocation_id;
  return !manifest.empty() && manifest == run.invocation_id;
}

RunCode CodeOf(const Node& node) { return {node.unique_id, node.compiled_code, node.created_at}; }
RunCode CodeOf(const Test& test) { return {test.unique_id, test.compiled_code, test.created_at}; }

std::optional<std::string> OtherCode(const Artifacts& artifacts, const RunCode& code, const RunResults& run,
                                     const TestResult& result) {
  if (IsSameRun(artifacts, run)) return std::nullopt;
  const std::string name = "`" + std::string(code.unique_id) + "`";
  const bool of_it = result.unique_id == code.unique_id;
  if (of_it && !code.compiled.empty() && !result.compiled_code.empty()) {
    if (code.compiled == result.compiled_code) return std::nullopt;
    return "manifest.json is of a later invocation, in which " + name + " compiles to other SQL";
  }
  const std::optional<Timestamp> written = ParseTimestamp(artifacts.project.metadata.generated_at);
  const std::optional<Timestamp> run_written = ParseTimestamp(run.generated_at);
  const std::optional<Timestamp> ran = ParseTimestamp(result.completed_at);
  const std::optional<Timestamp> parsed = FromSeconds(code.created_at);
  if (written && run_written && *written < *run_written) {
    // A run writes its own manifest: these two files never lay in one folder.
    return "manifest.json is older than run_results.json and of another invocation";
  }
  if (!written || !run_written || !ran || !parsed) {
    return "manifest.json is of another invocation than run_results.json, and nothing shows that the code "
           "of " +
           name + " is the same";
  }
  if (*parsed > *ran) {
    return "manifest.json is of a later invocation, which parsed " + name + " again after it ran";
  }
  return std::nullopt;
}

}  // namespace weir::manifest
