#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifest/artifacts.h"
#include "manifest/selector.h"

namespace weir::manifest {

// Any bytes as a manifest: an ArtifactError, or a project that can be asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Project project = ReadProjectFrom(ArtifactFile::FromText("manifest.json", text));
    for (const Node& node : project.nodes) {
      (void)project.SourcesAbove(node.unique_id);
      (void)project.TestsOf(node.unique_id);
      (void)project.FindModel(node.name);
      for (const Column& column : node.columns) (void)column.meta.CanonicalJson();
    }
    std::string error;
    (void)Selector::Parse("+exposure:* tag:*,@config.meta.a.b:1", &error)->Select(project);
  } catch (const ArtifactError&) {
  }
  return 0;
}

}  // namespace weir::manifest
