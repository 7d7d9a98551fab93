#pragma once

#include <string>
#include <string_view>

#include "manifest/json_document.h"

namespace weir::manifest {

// `https://schemas.getdbt.com/dbt/manifest/v12.json`: kind `manifest`, version `v12`, as dbt itself takes it
// apart.
struct ArtifactSchema {
  std::string kind, version;
};
ArtifactSchema ParseSchema(std::string_view url);

// What one reader accepts.
struct AcceptedSchema {
  std::string_view kind;      // manifest, run-results, sources, catalog
  std::string_view versions;  // space around each: " v4 v5 "
  std::string_view spoken;    // "v4 and v5"
};
// Returns the version. Throws ArtifactError W-ART-003, located at `url`'s node, unless it is accepted.
std::string RequireSchema(JsonNode& url, const AcceptedSchema& accepted);

// Throws ArtifactError W-ART-003: no schema was named at all.
[[noreturn]] void ThrowNoSchema(const std::string& path, const AcceptedSchema& accepted);

}  // namespace weir::manifest
