#pragma once

#include <span>
#include <string_view>

#include "policies/batch.h"

namespace weir::gateway {

// Appends one line of PostgreSQL's `COPY … TO STDOUT` in text format (without its line break) to `batch`, whose columns
// are those of `types`, as canonical text: escapes undone, `t` and `f` as `true` and `false`, bytea (bytea_output=hex)
// without its `\x`. False when the line has another number of fields or a cell that its type cannot have; the batch is
// not to be used then.
bool AppendCopyLine(std::string_view line, std::span<const policies::ColumnType> types, policies::Batch* batch);

}  // namespace weir::gateway
