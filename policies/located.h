#pragma once

#include <string>

#include "manifest/diagnostic.h"

namespace weir::policies {

// Where something of the policy is written.
struct Located {
  std::string file;
  manifest::Position position;
};

// `policies/crm.yml:12:9`
inline std::string ToText(const Located& at) {
  return at.file + ":" + std::to_string(at.position.line) + ":" + std::to_string(at.position.column);
}

}  // namespace weir::policies
