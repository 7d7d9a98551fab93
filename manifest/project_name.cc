#include "manifest/project_name.h"

#include <set>

#include "audit/digest.h"

namespace weir::manifest {

std::string FindProjectName(const Project& project, std::string_view project_id) {
  std::set<std::string_view> packages;
  for (const Node& node : project.nodes) packages.insert(node.package);
  for (const Source& source : project.sources) packages.insert(source.package);
  for (const Exposure& exposure : project.exposures) packages.insert(exposure.package);
  for (const std::string_view package : packages) {
    if (audit::Md5(package) == project_id) return std::string(package);
  }
  return {};
}

}  // namespace weir::manifest
