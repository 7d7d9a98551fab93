#pragma once

#include <string_view>

namespace weir::policies {

// The JSON Schema (draft 2020-12) of a policy file: policies/policy.schema.json as it stood when the program was built.
std::string_view PolicySchema();

}  // namespace weir::policies
