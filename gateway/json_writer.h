#pragma once

#include <string>
#include <string_view>

#include "policies/batch.h"

namespace weir::gateway {

// The one escaper for JSON that leaves (RFC 8259). Cells are valid UTF-8 already: the program refuses others.
void AppendJsonString(std::string* out, std::string_view text);

// A cell by its type: integers, decimals and floats as numbers in the digits that they have (`NaN` and `Infinity`, which
// JSON does not know, as strings), booleans, JSON columns as they are, on one line, when they are JSON, everything else as a string.
void AppendJsonCell(std::string* out, policies::ColumnType type, bool null, std::string_view text);

}  // namespace weir::gateway
