#pragma once

#include <string>
#include <string_view>

namespace weir::manifest {

// `sql`, or SQL with Jinja, in one spacing: equal results are the same code. Each run of white space is one blank, and none
// beside a bracket or comma; quoted text and comments stay as they are. Where quotes cannot be told for sure (a backslash
// before one, three in a row, `$$`, one that never ends) the text is returned as it is: then another spacing is other code.
std::string WithoutSpacing(std::string_view sql);

}  // namespace weir::manifest
