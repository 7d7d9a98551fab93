#include "manifest/artifacts.h"
#include "manifest/timestamp.h"
#include "tests/fuzz/fuzzed_file.h"

namespace weir::manifest {

// Any bytes as run_results.json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return Fuzz(data, size, [](const ArtifactFile& file) {
    const RunResults run = ReadRunResultsFrom(file);
    for (const TestResult& result : run.results) (void)ParseTimestamp(result.completed_at);
  });
}

}  // namespace weir::manifest
