#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "manifest/column_lineage.h"
#include "manifest/project.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// What one column is made of, however far up, by the lineage of its project.
struct MadeOf {
  std::map<manifest::ColumnSource, manifest::ColumnLineage> steps;  // of models and snapshots, itself included
  std::set<manifest::ColumnSource> roots;  // of sources and seeds, and of what the project does not have; none: a constant
  bool copied = true;  // every step passes on the value of one column, unchanged
  bool proven = true;  // every step is
};

// `project` was traced: its `lineage` is not null. `node` is one of it; `column` need not be documented.
MadeOf TraceColumn(const manifest::Project& project, const manifest::Node& node, const std::string& column);

// `people.ssn`; "every column of `people`" of a star. What the project does not have, by its unique_id.
std::string ShownSource(const manifest::Project& project, const manifest::ColumnSource& source);

// Whether two manifests have the same SQL of one model: compiled, whatever the schemas of the two targets are called; of
// what is not compiled, the same file.
bool SameCode(const manifest::Project& base, const manifest::Node& before, const manifest::Project& head,
              const manifest::Node& after);

// unique_ids of the models of `ids`, or of `syncs`, and of all that they are made from.
std::set<std::string> NodesAbove(const manifest::Project& project, std::vector<std::string> ids);
std::set<std::string> NodesAbove(const manifest::Project& project, const std::vector<SyncSpec>& syncs);

// unique_ids of what is decided on: the models of `syncs`, what exposures of any kind show, and the models of which
// `policy` declassifies columns.
std::vector<std::string> DecidedModels(const manifest::Project& project, const std::vector<SyncSpec>& syncs,
                                       const Policy& policy);

// Whether the SQL of one of them is another in the base, where the base has it.
bool CodeDiffersAbove(const manifest::Project& head, const manifest::Project& base, const std::vector<SyncSpec>& syncs);

}  // namespace weir::policies
