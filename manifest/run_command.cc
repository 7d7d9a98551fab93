#include "manifest/run_command.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace weir::manifest {

bool RunsTests(std::string_view which) { return which == "build" || which == "test" || which == "retry"; }

bool Builds(std::string_view which) {
  static constexpr auto kCommands =
      std::to_array<std::string_view>({"build", "run", "seed", "snapshot", "retry"});
  return std::find(kCommands.begin(), kCommands.end(), which) != kCommands.end();
}

bool TouchesNothing(std::string_view which) {
  static constexpr auto kCommands =
      std::to_array<std::string_view>({"compile", "generate", "freshness", "list", "parse", "show"});
  return std::find(kCommands.begin(), kCommands.end(), which) != kCommands.end();
}

std::string CommandOf(std::string_view which) {
  if (which == "generate") return "`dbt docs generate`";
  if (which == "freshness") return "`dbt source freshness`";
  return "`dbt " + std::string(which) + "`";
}

std::string LowerStatus(std::string_view status) {
  std::string lower(status);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace weir::manifest
