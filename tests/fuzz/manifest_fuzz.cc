#include <string>

#include "manifest/artifacts.h"
#include "manifest/selector.h"
#include "tests/fuzz/fuzzed_file.h"

namespace weir::manifest {

// Any bytes as a manifest: an ArtifactError, or a project that can be asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return Fuzz(data, size, [](const ArtifactFile& file) {
    const Project project = ReadProjectFrom(file, {.digest = false, .raw_code = true, .test_code = true});
    for (const Node& node : project.nodes) {
      (void)project.SourcesAbove(node.unique_id);
      (void)project.TestsOf(node.unique_id);
      (void)project.FindModel(node.name);
      for (const Column& column : node.columns) (void)column.meta.CanonicalJson();
    }
    std::string error;
    (void)Selector::Parse("+exposure:* tag:*,@config.meta.a.b:1", &error)->Select(project);
  });
}

}  // namespace weir::manifest
