#pragma once

#include <string_view>

namespace weir::manifest {

// Whether `sql` names `relation` (a relation_name) as a whole and outside of comments and string literals, by the rules
// of SameRelation: `CI_SHOP.A.DIM`, `SHOP.A.DIM_V2` and `X.SHOP.A.DIM` do not name `SHOP.A.DIM`. False where nobody can
// tell text from names for sure, in any dialect: a backslash before a quote, three quotes in a row, `$$`, a quote
// that never ends. What is a comment in one dialect is passed over in each.
bool MentionsRelation(std::string_view sql, std::string_view relation, std::string_view adapter_type);

}  // namespace weir::manifest
