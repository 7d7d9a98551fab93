#include "policies/unmatched.h"

#include <algorithm>

#include "manifest/column_names.h"
#include "manifest/diagnostic.h"
#include "policies/gate_codes.h"

namespace weir::policies {

std::vector<Unmatched> UnmatchedNames(const Requirement& requirement, const manifest::Project& project) {
  std::vector<Unmatched> out;
  if (!requirement.k_anonymity) return out;
  std::vector<std::string> columns;
  for (const manifest::Node& node : project.nodes) {
    for (const manifest::Column& column : node.columns) columns.push_back(column.name);
  }
  for (const std::string& name : requirement.k_anonymity->columns) {
    const bool known = std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
      return manifest::EqualIgnoringCase(column, name);
    });
    if (known) continue;
    out.push_back({kGateNoColumn, "requirement `" + requirement.id + "` counts by column `" + name +
                                      "`, which no model of the project documents" + manifest::DidYouMean(name, columns)});
  }
  return out;
}

}  // namespace weir::policies
