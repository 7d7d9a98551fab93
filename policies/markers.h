#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/project.h"

namespace weir::policies {

// What a dbt project may write beside a column to say what it is. Values and tags compare without regard to ASCII case,
// and `*` at their end stands for anything; `*` alone for any value but `false`, `no`, `none`, `off`, `n`, `0` and null.
struct Markers {
  std::map<std::string, std::vector<std::string>> meta;  // literal or dotted key -> values that match
  std::vector<std::string> tags;
  std::vector<std::string> classifiers;      // dbt 2's labels; `pii` covers `pii.email`
  std::vector<std::string> not_classifiers;  // but not what these cover
  bool tags_of_model = false;                // a tag of the model marks all its columns
  std::string preset;                        // whose convention it is; empty: the policy's own
};

struct Marked {
  bool declared = true;  // false: said of the model, not of the column
  std::string how;       // "by meta `contains: email`", "by tag `pii`, preset `elementary`"
};

// The first marker that is found on a column (any of `documented`: those that the name may mean) or its model or source,
// which has `tags` and `classifiers`.
std::optional<Marked> FindMarker(const Markers& markers, const std::vector<manifest::Text>& tags,
                                 const std::vector<manifest::Text>& classifiers,
                                 const std::vector<const manifest::Column*>& documented);

bool SameIgnoringCase(std::string_view a, std::string_view b);  // ASCII

}  // namespace weir::policies
