#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::manifest {

// A model's compiled SQL as DuckDB's parser reads it, for lineage alone. Where the two languages would read the same
// text differently, and a column could hide in the difference (backslash escapes, nested comments, `#` comments,
// `a:b`), or for an adapter that is not known, there is no such text: nullopt, and *why says so.
std::optional<std::string> AsDuckdbSql(std::string_view code, std::string_view adapter_type, std::string* why);

}  // namespace weir::manifest
