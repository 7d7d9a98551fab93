#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifest/project.h"

namespace weir::manifest {

// How much of what a project holds. Columns are the documented ones of models, seeds, snapshots and sources.
struct ProjectCounts {
  std::size_t models = 0, seeds = 0, snapshots = 0, sources = 0;
  std::size_t tests = 0;  // generic and singular
  std::size_t unit_tests = 0;
  std::size_t exposures = 0;
  std::size_t columns = 0;
  std::size_t columns_with_meta = 0;
  std::size_t disabled = 0;

  // Every count with its name, in the order above: what reports print.
  std::vector<std::pair<std::string, std::size_t>> Named() const;
};
ProjectCounts CountsOf(const Project& project);

// The mark of a column: a key of its meta (`meta contains_pii`), a tag, a classifier or a policy tag, and how many columns
// bear it. Meta that dbt 2 copied from the node is no mark of the column.
struct ColumnMark {
  std::string kind;  // meta, tag, classifier, policy_tag
  std::string name;
  std::size_t columns = 0;
  std::map<std::string, std::size_t> values;  // of meta: canonical JSON and how often; at most kMostValues of them
  static constexpr std::size_t kMostValues = 8;
};
// Most columns first, then by kind and name.
std::vector<ColumnMark> ColumnMarks(const Project& project);

}  // namespace weir::manifest
