#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace weir::manifest {

struct DuckdbSql {
  std::string text;
  // Names that stand in quotes by themselves, in no path, in lower case; only where quotes decide what a name equals.
  std::set<std::string, std::less<>> quoted;
};

// A model's compiled SQL as DuckDB's parser reads it, for lineage alone. Where the two languages, or two readers of one of
// them, would read the same text differently, and a column could hide in the difference (backslash escapes, comments of
// which the end is in doubt, names that are cut or folded in ways of their own, `a:b`), or for an adapter that is not known,
// there is no such text: nullopt, and *why says so.
std::optional<DuckdbSql> AsDuckdbSql(std::string_view code, std::string_view adapter_type, std::string* why);

}  // namespace weir::manifest
