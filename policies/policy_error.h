#pragma once

#include <stdexcept>

namespace weir::policies {

// A policy that cannot be applied to what was found: a filter's column is absent, a key is missing. The sync does not run.
class PolicyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace weir::policies
