#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/diagnostic.h"
#include "manifest/locked_duckdb.h"
#include "manifest/project.h"

namespace weir::manifest {

// dbt 2's Information Schema, version 1: Parquet files below `info_schema/v1/` of the target folder, written with
// `--generate-info-schema`; lineage and types need `--static-analysis strict`. Values own everything; safe to read from
// several threads.

struct InfoSchemaColumn {  // of dbt.node_columns: of every node, documented or not
  std::string node;        // unique_id
  std::string name;
  std::string data_type;                 // the warehouse's, else what dbt inferred; empty: unknown
  std::vector<std::string> classifiers;  // propagated ones too, as far as dbt wrote them
};

// How a column's value came from its parent's. What is none of these words is kChanged.
enum class ColumnUse : std::uint8_t {
  kCopied,   // `copy`: unchanged
  kChanged,  // `mod`: computed from it
  kScanned,  // `scan`: read where rows are chosen or joined; not in the value
};

struct InfoSchemaEdge {  // of dbt.column_lineage
  std::string child, child_column;    // the column in lower case; empty: unknown
  std::string parent, parent_column;  // empty: unknown
  ColumnUse use = ColumnUse::kChanged;
};

struct InfoSchemaClassifier {  // of dbt.classifiers
  std::string name;
  std::vector<std::string> labels;
  bool propagates = true;
};

struct InfoSchema {
  // Files of more bytes, and tables of more rows, are not read.
  static constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMaxRows = 500'000;

  std::string folder;
  std::string dbt_version;
  std::vector<InfoSchemaColumn> columns;  // by node
  std::vector<InfoSchemaEdge> edges;      // by child and its column
  std::vector<InfoSchemaClassifier> classifiers;
  // SHA-256 of the SQL that the lineage is of, by unique_id of the model or snapshot; hexadecimal.
  std::map<std::string, std::string, std::less<>> code_digests;
};

// `target`: the folder of manifest.json. The files have fixed names, are no links, and are read by DuckDB in the process
// without rights, which may open nothing but their folder. nullopt: there is none, or it is of no use. What cannot be read
// is named by a warning (W-ART-006) at its file, and is then absent. Never throws for what the files hold.
std::optional<InfoSchema> ReadInfoSchema(const std::string& target, LockedDuckdb::Options options, Diagnostics* diagnostics);

// The same with answers of another make. Whatever they say (they come from a process that strangers' bytes may have taken
// over), it is an answer or a warning.
using AskDuckdb = std::function<LockedDuckdb::Answer(const std::string& sql)>;
std::optional<InfoSchema> ReadInfoSchemaWith(const std::string& target, const AskDuckdb& ask, Diagnostics* diagnostics);

// Adds its classifiers to the columns of the project, types where none is known, and the columns that nobody documented and
// that bear a classifier. Takes nothing away.
void JoinInfoSchema(const InfoSchema& info_schema, Project* project);

}  // namespace weir::manifest
