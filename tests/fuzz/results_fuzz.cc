#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifest/artifacts.h"
#include "manifest/timestamp.h"

namespace weir::manifest {

// Any bytes as the three smaller artifacts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ArtifactFile file = ArtifactFile::FromText("artifact.json", text);
  try {
    const RunResults run = ReadRunResultsFrom(file);
    for (const TestResult& result : run.results) (void)ParseTimestamp(result.completed_at);
  } catch (const ArtifactError&) {
  }
  try {
    (void)ReadSourceFreshnessFrom(file);
  } catch (const ArtifactError&) {
  }
  try {
    (void)ReadCatalogFrom(file);
  } catch (const ArtifactError&) {
  }
  return 0;
}

}  // namespace weir::manifest
