#include "manifest/evidence.h"

namespace weir::manifest {

Artifacts ReadArtifacts(const std::string& folder) {
  const std::string prefix = folder.empty() || folder.ends_with('/') ? folder : folder + "/";
  Artifacts artifacts;
  artifacts.folder = folder;
  // A gate asks which macro a test runs by.
  artifacts.project = ReadProject(prefix + "manifest.json", {.test_code = true});
  artifacts.run_results = ReadRunResults(prefix + "run_results.json");
  artifacts.freshness = ReadSourceFreshness(prefix + "sources.json");
  artifacts.catalog = ReadCatalog(prefix + "catalog.json");
  if (artifacts.catalog) JoinCatalog(*artifacts.catalog, &artifacts.project);
  return artifacts;
}

}  // namespace weir::manifest
