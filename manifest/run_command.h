#pragma once

#include <string>
#include <string_view>

namespace weir::manifest {

// What `args.which` of run_results.json tells. `dbt retry` writes the name of the command that it repeats, or
// its own.
bool RunsTests(std::string_view which);
bool Builds(std::string_view which);
// It writes results and changes no table: of such a command nothing follows for tests and builds before it. False for
// what is not known.
bool TouchesNothing(std::string_view which);
// As a person typed it, in backticks: `generate` is `dbt docs generate`.
std::string CommandOf(std::string_view which);

// A status without its case, which older adapters vary.
std::string LowerStatus(std::string_view status);

// What to do about evidence that is in doubt.
inline constexpr std::string_view kBuildLast = "; run `dbt build` last";

}  // namespace weir::manifest
