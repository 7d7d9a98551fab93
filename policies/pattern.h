#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::policies {

// RE2 patterns of policies: no backtracking, at most 1 MiB a program, so that no pattern and no text can
// stall a check.

// What is wrong with `pattern`, in RE2's words; nullopt when it is good.
std::optional<std::string> PatternError(const std::string& pattern);

// True when `pattern` is found anywhere in `text`. A pattern that does not compile matches nothing: whoever
// reads a policy has refused it. Compiled patterns are kept per thread.
bool PatternFound(const std::string& pattern, std::string_view text);

}  // namespace weir::policies
