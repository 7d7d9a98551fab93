#include "policies/unmatched.h"

#include <algorithm>

#include "manifest/column_names.h"
#include "manifest/diagnostic.h"
#include "policies/gate_codes.h"

namespace weir::policies {
namespace {

template <typename T>
bool PicksNone(const Selection& selection, const std::vector<T>& things) {
  return !things.empty() &&
         std::none_of(things.begin(), things.end(), [&](const T& one) { return selection.Has(one.unique_id); });
}

// A project without exposures has syncs in weir.yml alone, about which every requirement of syncs is.
bool PicksNone(const Requirement& requirement, const Selection& selection, const manifest::Project& project) {
  if (requirement.for_what == "model") return PicksNone(selection, project.nodes);
  if (requirement.for_what == "source") return PicksNone(selection, project.sources);
  return PicksNone(selection, project.exposures);
}

void AddColumns(const Requirement& requirement, const manifest::Project& project, std::vector<Unmatched>* out) {
  std::vector<std::string> columns;
  for (const manifest::Node& node : project.nodes) {
    for (const manifest::Column& column : node.columns) columns.push_back(column.name);
  }
  for (const std::string& name : requirement.k_anonymity->columns) {
    const bool known = std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
      return manifest::EqualIgnoringCase(column, name);
    });
    if (known) continue;
    out->push_back({kGateNoColumn, "W-POL-043",
                    "requirement `" + requirement.id + "` counts by column `" + name +
                        "`, which no model of the project documents" + manifest::DidYouMean(name, columns),
                    true});
  }
}

}  // namespace

std::vector<Unmatched> UnmatchedNames(const Requirement& requirement, const Selection& selection,
                                      const manifest::Project& project) {
  std::vector<Unmatched> out;
  for (const manifest::Selector::Absent& absent : selection.absent()) {
    out.push_back({kGateNoName, "W-POL-045",
                   "requirement `" + requirement.id + "` selects `" + absent.written + "`, which the project does not have" +
                       absent.hint});
  }
  if (out.empty() && PicksNone(requirement, selection, project)) {
    const std::string what = requirement.for_what == "sync" ? "exposure" : requirement.for_what;
    out.push_back({"", "W-POL-045",
                   "requirement `" + requirement.id + "` is about no " + what + ": `select: " + requirement.select +
                       "` picks none of the project's"});
  }
  if (requirement.k_anonymity) AddColumns(requirement, project, &out);
  return out;
}

}  // namespace weir::policies
