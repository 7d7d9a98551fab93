#pragma once

#include <map>
#include <string>

#include "manifest/project.h"

namespace weir::manifest {

// What dbt runs of a node's config beside its SQL, or makes of the table in place of dbt's own materializations: `pre-hook`,
// `post-hook`, `sql_header`, and `materialized` where it is none that dbt brings. As written (Jinja is not rendered),
// WithoutSpacing, one line a hook; what is not there or empty is not in it.
std::map<std::string, std::string> BesideSql(const Node& node);

}  // namespace weir::manifest
