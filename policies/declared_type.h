#pragma once

#include <optional>
#include <string_view>

#include "policies/batch.h"

namespace weir::policies {

// What the name of a column's type means to Weir: `character varying(20)`, `VARCHAR`, `int8`, `numeric(12,2)`, `timestamptz`, …, in
// the spellings of PostgreSQL, DuckDB, BigQuery, Snowflake and Databricks, whatever their case and parameters. nullopt for others.
std::optional<ColumnType> ColumnTypeOf(std::string_view declared);

}  // namespace weir::policies
