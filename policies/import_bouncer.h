#pragma once

#include <optional>
#include <string>

#include "policies/import_text.h"

namespace weir::policies {

// The checks of a `dbt-bouncer.yml` (dbt-bouncer 1 to 4) on exposures, access, contracts and freshness as `require:`
// entries. Every other check is listed in `left` by name. Weir asks of models that a sync or dashboard reads, dbt-bouncer of
// all of them: so it says above the entries. nullopt: the file cannot be read, and *diagnostics says why (W-IMP-001, W-YAML-…).
std::optional<Imported> ImportBouncer(std::string_view text, const std::string& file, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
