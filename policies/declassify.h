#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/project.h"
#include "policies/located.h"

namespace weir::policies {

struct Policy;

// An item of `declassify:`: a model makes of a class what no longer is one (a sum over many). It lifts what exactly these
// columns inherit of exactly this class, while the model's SQL is what was looked at, until a day; never a `never`, nor what
// a column's own name, meta, tags or address say.
struct Declassification {
  Located at;
  std::vector<std::string> columns;  // `daily_sales.revenue`
  std::string of_class;
  std::string code;  // `sha256:` and 64 hexadecimal digits: CodeDigest
  std::string reason, approver;
  std::string expires;  // 2027-01-31, UTC; the day itself still counts
};

// Compiled SQL in which tables by name (the first of each pair) are the unique_ids of what they are.
std::string WithTablesById(std::string_view code, std::vector<std::pair<std::string, std::string>> tables);

// SHA-256 of a model's compiled SQL, macros and ephemeral models included, in which the names of its parents' tables and its
// own are replaced by unique_ids: so it is the same in every schema and database. `sha256:…`; empty: not compiled.
std::string CodeDigest(const manifest::Project& project, const manifest::Node& node);

enum class DeclassifyState {
  kInForce,
  kExpired,
  kStale,       // the SQL is another
  kUncompiled,  // nobody can tell
  kAbsent,      // no such model, or several
};

// Of one of its columns.
DeclassifyState StateOf(const Declassification& one, const std::string& column, std::string_view today,
                        const manifest::Project& project);

// What lifts `of_class` of the column, where it is inherited; null pointer: nothing. Of several the one that lasts longest.
const Declassification* FindDeclassification(const Policy& policy, const manifest::Project& project,
                                             const manifest::Node& node, std::string_view column,
                                             std::string_view of_class);

// "declassified by dpo@acme.com until 2027-06-30: aggregated over 20 or more"
std::string ToText(const Declassification& one);

}  // namespace weir::policies
