#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace weir::manifest {

using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

// `2026-08-20T13:47:12.274457473Z` as dbt writes it: 0 to 9 fractional digits, `T` or a space, `Z`, `+00:00`
// or nothing (then UTC). nullopt for anything else and for years outside of 1678 to 2261.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

// Seconds since 1970, as `created_at`; nullopt for 0 (unknown) and what is no such time.
std::optional<Timestamp> FromSeconds(double seconds);

}  // namespace weir::manifest
