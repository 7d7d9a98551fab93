#pragma once

#include <string_view>

#include "policies/batch.h"

namespace weir::policies {

// Shapes of canonical text (batch.h). Shapes only: whether there was a 30th of February is the warehouse's matter.
bool IsInteger(std::string_view text);  // `-12`; a sign and leading zeros are allowed, `+` is not
bool IsDecimal(std::string_view text);  // `-12.50`; digits on both sides of a point
bool IsFloat(std::string_view text);    // a decimal with an exponent or without, `NaN`, `Infinity`, `-Infinity`
bool IsDate(std::string_view text);     // `2026-11-22`
bool IsTime(std::string_view text);     // `21:00:00[.ffffff]`, up to 9 digits
bool IsTimestamp(std::string_view text);    // a date, a space, a time
bool IsTimestampTz(std::string_view text);  // the same with `+00` behind

// What of `text` does not hold for every value of the type, is not asked: years beyond 9999, `infinity` dates and `NaN`
// numerics exist in warehouses and may leave as text. So only integers, floats and booleans are strict, and decimals but
// for `NaN`, `Infinity` and `-Infinity`.
bool IsCanonical(ColumnType type, std::string_view text);

}  // namespace weir::policies
