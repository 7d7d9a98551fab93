#include "manifest/artifacts.h"
#include "tests/fuzz/fuzzed_file.h"

namespace weir::manifest {

// Any bytes as catalog.json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return Fuzz(data, size, [](const ArtifactFile& file) {
    const Catalog catalog = ReadCatalogFrom(file);
    for (const CatalogTable& table : catalog.tables) (void)table.FindColumn("id");
  });
}

}  // namespace weir::manifest
