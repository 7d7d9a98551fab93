#pragma once

#include <string>
#include <string_view>

#include "policies/batch.h"
#include "policies/transform.h"

namespace weir::policies {

// Appends `text`, canonical text of a column of `type` that the generalization fits (transform_fit.cc), made coarser.
// False, and *out is as it was, when the value is none that can be: an infinite date, a ZIP code without five digits.
//   date    `2026-11-22` -> `2026-11-01` (month), `2026-01-01` (year); timestamps at midnight
//   number  the multiple of the bucket at or below it: 10 of `17.5` is `10`, of `-1` `-10`
//   ip      the network in CIDR notation: `192.0.2.0/24`, `2001:db8::/48`; text without a mask or zone
//   zip     three digits of `12345`, `123456789` or `12345-6789`; `000` for the 17 areas of 20,000 people or fewer
//   age     the cap when it is more; a negative age is none
bool AppendGeneralized(ColumnType type, const Generalization& generalize, std::string_view text, std::string* out);

}  // namespace weir::policies
