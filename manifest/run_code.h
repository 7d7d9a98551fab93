#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/evidence.h"

namespace weir::manifest {

// Whether what ran is what the manifest holds. run_results.json says nothing of code, and any later dbt
// command that parses (`source freshness`, `ls`, `parse`) writes manifest.json again without the run.

// One invocation wrote manifest.json and these results: the code is the same, trivially.
bool IsSameRun(const Artifacts& artifacts, const RunResults& run);

struct RunCode {
  std::string_view unique_id;
  std::string_view compiled;  // empty: not compiled in the manifest's invocation
  double created_at = 0;      // when dbt parsed its file; 0: unknown
};
RunCode CodeOf(const Node& node);
RunCode CodeOf(const Test& test);

// Why `result`, of `run`, may be of other code; nullopt when it is shown to be of the manifest's. Shown by, in this
// order: one invocation; equal compiled SQL; a manifest written after the run that has kept the node as it
// was parsed before it (dbt parses a file again when it, a macro or a variable under it changed, and then
// stamps it anew).
std::optional<std::string> OtherCode(const Artifacts& artifacts, const RunCode& code, const RunResults& run,
                                     const TestResult& result);

}  // namespace weir::manifest
