#pragma once

#include <string>
#include <string_view>

#include "manifest/project.h"

namespace weir::manifest {

// The package of the project that was built, among those that were installed with it: before dbt 1.6 the metadata do not name
// it, and hold the MD5 of its name as `project_id`. Empty: no package with a resource has that name.
std::string FindProjectName(const Project& project, std::string_view project_id);

}  // namespace weir::manifest
