#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::policies {

// The subset of JSONPath (RFC 9535) that names places without asking anything of values: `$`, then `.name`, `['any
// name']` and `[*]` (every item of an array), at most 16 of them and 500 bytes.

// The one way in which Weir writes the path, so that two spellings of a place are equal; nullopt when it is no such path.
std::optional<std::string> CanonicalJsonPath(std::string_view text);

// `outer`, canonical, is `inner` or a place that holds it: `$.a` and `$.a.b`.
bool HoldsJsonPath(std::string_view outer, std::string_view inner);

}  // namespace weir::policies
