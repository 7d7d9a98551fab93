#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/info_schema.h"
#include "manifest/locked_duckdb.h"
#include "manifest/project.h"
#include "manifest/sql_lineage.h"

namespace weir::manifest {

enum class LineageProof : std::uint8_t {
  kInfoSchema,    // by dbt 2's Information Schema: its own static analysis
  kSql,           // by the model's compiled SQL
  kConservative,  // nothing proves it: every column of every parent
};
std::string_view Name(LineageProof proof);  // "information schema", "sql", "conservative"

struct ColumnSource {
  std::string node;    // unique_id of a parent: model, seed, snapshot or source
  std::string column;  // as the parent documents it, else in lower case; `*`: every column of it
  friend auto operator<=>(const ColumnSource&, const ColumnSource&) = default;
};

// What one column is made of, one step up. Never less than the truth: what may be, is. Which rows there are (WHERE, inner
// joins, GROUP BY) is no part of it.
struct ColumnLineage {
  LineageProof proof = LineageProof::kConservative;
  std::vector<ColumnSource> from;  // sorted; empty and proven: a constant
  bool copied = false;             // the value of the one table's column, unchanged; else derived from all
  std::string remark;              // why it is not proven; empty: it is
  // Not proven, and it may come from where the project does not reach: the SQL reads a table that no node or source is, or
  // nothing is said to be above the model.
  bool unbounded = false;
};

struct LineageCounts {
  std::size_t of = 0;  // documented columns of models and snapshots
  std::size_t info_schema = 0, sql = 0, conservative = 0;
  std::size_t proven() const { return info_schema + sql; }
};

// The lineage of a whole project: models and snapshots; seeds and sources come from nowhere. Immutable; safe to read from
// several threads.
class ProjectLineage {
 public:
  // Parses each model's compiled SQL in a process without rights (LockedDuckdb), many in one query. Never throws: what
  // cannot be read is not proven, and without DuckDB nothing is. What `info_schema` (may be null) says of a column comes
  // first, where it is of the same SQL, and names its parents. `only` (may be null): unique_ids to trace; the others stay
  // unproven.
  static ProjectLineage Trace(const Project& project, const LockedDuckdb::Options& options,
                              const InfoSchema* info_schema = nullptr, const std::set<std::string>* only = nullptr);

  // `column` need not be documented; `*`: all of them. `node` is one of the traced project.
  ColumnLineage Of(const Project& project, const Node& node, std::string_view column) const;

  // Names that its proven SQL gives to columns, in lower case: all but those that `select *` passes on under names of above.
  std::set<std::string> NamesInSql(const Node& node) const;

  LineageCounts Count(const Project& project) const;

  // Tables that the model's SQL reads and that are none of its parents, as written there: somebody left out `ref` or
  // `source`. Those that are of the project count as parents. Sorted.
  const std::vector<std::string>& Strangers(const Node& node) const;

  // Why no SQL could be read at all, and what to do: there is no DuckDB. Empty: it could, or there was none to read.
  const std::string& unavailable() const { return unavailable_; }
  static constexpr std::string_view kNotRead = "SQL is not read without DuckDB";  // the remark of each model then

 private:
  void AddInfoSchema(const Project& project, const InfoSchema& info_schema);
  std::optional<ColumnLineage> OfInfoSchema(const Node& node, std::string_view folded) const;

  // By unique_id and the column's name in lower case; only what is proven.
  std::map<std::string, std::map<std::string, ColumnLineage, std::less<>>, std::less<>> analyzed_;
  // The table that `path` is, of those that it may be; nullopt: not known, or the model's own.
  std::optional<std::string> Resolve(const Node& node, const std::set<std::string>& parents,
                                     const std::set<std::string>& all, bool one_table, const std::string& path);

  std::map<std::string, SqlRelation, std::less<>> relations_;  // proven ones, by unique_id
  std::map<std::string, std::string, std::less<>> remarks_;    // of the others
  std::map<std::string, std::vector<std::string>, std::less<>> twins_;  // things of one table, by the first of them
  struct Beside {
    std::vector<std::string> tables;  // Strangers
    std::vector<std::string> ids;     // those that are of the project
    bool unknown = false;             // one at least is not
  };
  std::string unavailable_;
  std::map<std::string, Beside, std::less<>> beside_;  // by unique_id; those that read nothing beside are not in it
};

}  // namespace weir::manifest
