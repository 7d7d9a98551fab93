#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/sql_lineage.h"

namespace weir::manifest {

// The names that an expression of a SELECT can use: tables of its FROM, aliases written before it, and those of the
// queries around it. A name that may mean several things means all of them. Names are folded. `outer` outlives it.
class SqlScope {
 public:
  struct Entry {
    std::string name;  // alias or table
    SqlRelation relation;
  };

  explicit SqlScope(const SqlScope* outer) : outer_(outer) {}

  void Add(std::string name, SqlRelation relation) { entries_.push_back({std::move(name), std::move(relation)}); }
  void AddAlias(const std::string& name, const SqlOrigin& origin) { aliases_.push_back({name, origin}); }

  std::size_t size() const { return entries_.size(); }

  // The columns of entries [first, last) tell by their nulls what `condition` and their own rows depend on.
  void MayBeNull(std::size_t first, std::size_t last, const SqlColumns& condition);

  // `email`, `c.email`, `schema.c.email`, `c.address.city`; nullopt: not known here nor around it.
  std::optional<SqlOrigin> Find(const std::vector<std::string>& path) const;

  // Tables of that name, all for an empty one; of the queries around when there is none here.
  std::vector<const Entry*> Visible(std::string_view name) const;

 private:
  const SqlScope* outer_;
  std::vector<Entry> entries_;
  std::vector<SqlRelation::Named> aliases_;
};

}  // namespace weir::manifest
