#pragma once

#include <string>
#include <vector>

#include "gateway/source.h"

namespace weir::gateway {

// The columns asked for, as the relation has them: by exact name, else by the only one that is equal when ASCII case is
// ignored. The schema keeps the relation's spelling of the name. Throws SourceError W-SRC-005 naming all that are absent.
std::vector<policies::ColumnSchema> SelectColumns(const ScanRequest& request,
                                                  const std::vector<policies::ColumnSchema>& relation);

// `"a ""b"""`: an identifier in double quotes, as SQL has it.
std::string QuoteIdentifier(std::string_view name);

}  // namespace weir::gateway
