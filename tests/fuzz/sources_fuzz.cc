#include "manifest/artifacts.h"
#include "manifest/timestamp.h"
#include "tests/fuzz/fuzzed_file.h"

namespace weir::manifest {

// Any bytes as sources.json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return Fuzz(data, size, [](const ArtifactFile& file) {
    const SourceFreshness freshness = ReadSourceFreshnessFrom(file);
    for (const FreshnessResult& result : freshness.results) (void)ParseTimestamp(result.max_loaded_at);
  });
}

}  // namespace weir::manifest
