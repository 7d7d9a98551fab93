#pragma once

#include "policies/import_text.h"

namespace weir::policies {

// Lists in out->left what a contract of ODCS 3 says and ImportOdcs has no place for, each key once with the columns that have
// it. What merely identifies, describes or types (`id`, `description`, `logicalType`, …) is no decision and is not listed.
void ListRestOfOdcs(const manifest::Value& document, Imported* out);

}  // namespace weir::policies
