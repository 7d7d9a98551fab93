#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/value.h"

namespace weir::manifest {

// Where the columns of one SELECT come from, by its tree as DuckDB's `json_serialize_sql` writes it. Whatever is not
// understood makes the whole statement unknown; what may be one of several is all of them.

// A column of a table that the statement reads. Names are folded to lower case. `*`: every column of it.
struct SqlColumn {
  std::string table;  // as the resolver named it
  std::string column;
  friend auto operator<=>(const SqlColumn&, const SqlColumn&) = default;
};
using SqlColumns = std::set<SqlColumn>;

struct SqlOrigin {
  SqlColumns from;
  bool copied = false;  // the value of exactly one column, unchanged
  bool operator==(const SqlOrigin&) const = default;
};

// What a query or a table gives. `stars` are tables of which every column is passed on whose name is not in `without`:
// their columns need not be known.
struct SqlRelation {
  struct Named {
    std::string name;  // empty: the warehouse chooses one
    SqlOrigin origin;
  };
  struct Star {
    std::string table;
    std::set<std::string> without;
  };
  std::vector<Named> columns;
  std::vector<Star> stars;
  SqlColumns always;    // influence every column: the other side of an outer join
  SqlColumns rows;      // decide which rows there are: WHERE, ON, GROUP BY, …; of no column
  bool ordered = true;  // `columns` stand at their places; false: only names are known

  // nullopt: there is no such column, or nobody can say which it is.
  std::optional<SqlOrigin> Find(std::string_view name) const;
  SqlColumns All() const;  // of all columns, without `rows`
};

// A table's id by its catalog, schema and name (the first two may be empty); nullopt: not known.
using SqlTables =
    std::function<std::optional<std::string>(std::string_view catalog, std::string_view schema, std::string_view table)>;

// `tree`: the whole answer of json_serialize_sql. `quoted`: names, in lower case, of which the tree does not tell whether they
// are what others of that spelling are (DuckdbSql). nullopt: not understood; *why says what.
std::optional<SqlRelation> TraceSql(const Value& tree, const std::set<std::string, std::less<>>& quoted,
                                    const SqlTables& tables, std::string* why);

}  // namespace weir::manifest
