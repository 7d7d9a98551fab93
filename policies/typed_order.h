#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policies/batch.h"

namespace weir::policies {

// How values of one type compare with each other. Closed: a type either has an order here or only equality.
enum class OrderKind : std::uint8_t {
  kNumber,  // exact: `1.50` is `1.5`, whatever the scale and the number of digits
  kFloat,   // as binary64
  kMoment,  // dates, times, timestamps: by text, fractions of a second without trailing zeros
  kBytes,
};

// One value ready to be compared; views into the text that it was made of.
struct Comparable {
  std::string_view text;  // kNumber: digits before the point, without leading zeros
  std::string_view fraction;  // kNumber: digits behind it, without trailing zeros
  bool negative = false;
  double number = 0;
};

OrderKind OrderOf(ColumnType type);
bool HasOrder(ColumnType type);  // false: only equality makes sense (booleans, uuid, json, binary, others)

// nullopt when `text` cannot be compared: not the type's canonical text, NaN, infinity where it is no number.
std::optional<Comparable> ReadComparable(ColumnType type, std::string_view text);

// Less than 0, 0, more than 0. Both of one type.
int Compare(OrderKind order, const Comparable& a, const Comparable& b);

// A constant of a policy as the column's canonical text: `2026-01-01` for a timestamp is midnight; hexadecimal and uuid
// in lower case. nullopt when it does not fit the type.
std::optional<std::string> ConstantFor(ColumnType type, const std::string& constant);

}  // namespace weir::policies
