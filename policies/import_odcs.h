#pragma once

#include <optional>
#include <string>

#include "policies/import_text.h"

namespace weir::policies {

// An Open Data Contract Standard document (version 3) as a policy file: `classification` and `encryptedName` of properties
// as restrictive classes by address, `roles` that read, primary keys and row counts as `require:` entries, freshness of
// `slaProperties`. What would permit (`classification: public`) is a comment. The rest is listed in `left`, by name. nullopt:
// the file cannot be read, and *diagnostics says why (W-IMP-002, W-YAML-…).
std::optional<Imported> ImportOdcs(std::string_view text, const std::string& file, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
