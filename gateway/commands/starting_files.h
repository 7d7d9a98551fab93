#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/commands/dbt_profile.h"
#include "gateway/commands/starting_point.h"

namespace weir::gateway {

// What weir.yml and the policies of a beginner say. All text is YAML that Weir's own strict readers take.
struct StartingText {
  std::string tenant;
  std::string target_folder = "target";  // as weir.yml names it
  DbtProfile profile;                    // type duckdb or postgres; `path` as weir.yml names it
  StartingPoint point;
  std::vector<std::string> destinations; // files under outbox/, one each
};

inline constexpr std::string_view kOutbox = "outbox";   // destination of a proposed sync, and folder of all of them
inline constexpr std::string_view kTrial = "trial";     // purpose of a proposed sync

std::string ConfigText(const StartingText& start);
std::string PolicyText(const StartingText& start);
// The proposed sync as an exposure of the dbt project; empty when nothing is proposed.
std::string ExposureText(const StartingText& start);

// A YAML scalar: plain where that is safe, else in single quotes.
std::string YamlScalar(std::string_view text);

// A name for a tenant: lower-case letters, digits, `_`, `-`.
std::string TenantName(std::string_view project_name);

}  // namespace weir::gateway
