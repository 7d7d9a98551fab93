#pragma once

#include <string>

#include "manifest/diagnostic.h"

namespace weir::policies {

// Where something of the policy is written.
struct Located {
  std::string file;
  manifest::Position position;
};

}  // namespace weir::policies
