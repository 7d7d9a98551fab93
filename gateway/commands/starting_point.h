#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/commands/starting_presets.h"
#include "manifest/project.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::gateway {

// A column that a starting policy speaks of.
struct StartingColumn {
  std::string name;
  std::string type;                  // declared; may be empty
  std::vector<std::string> classes;  // restrictive ones that its name, meta or tags suggest; empty: nothing suspicious
  bool is_key = false;
  bool documented = true;            // false: the warehouse has it, the dbt project does not describe it
};

struct StartingModel {
  const manifest::Node* node = nullptr;
  std::vector<StartingColumn> columns;
  std::string key;  // the column that dbt tests as unique and not_null
  std::string why;  // why this one was chosen, for the remark
};

// What `weir init` proposes from.
struct StartingPoint {
  std::vector<policies::ClassDefinition> classes;  // those with a hit in any model of the project, and the usual ones
  std::vector<StartingPreset> presets;             // conventions that the project follows
  std::vector<StartingModel> models;               // one that is proposed, or all that declared syncs read
  std::vector<policies::SyncSpec> declared;        // syncs that the project's exposures declare already
};

// The classes that names, meta and tags of many dbt projects suggest.
std::vector<policies::ClassDefinition> UsualClasses();

// The mart best fit for a first sync: a model of the project itself that is built as a table or a view and has a column
// tested unique and not_null; rather at the end of the lineage than in its middle, rather documented than not. Null node
// when there is none.
StartingModel ChooseModel(const manifest::Project& project);

// Every column of `model` with what its facts suggest: the documented ones and, when the warehouse was asked, those that
// it has (`real`; empty: it was not asked), without those that it does not have. `presets`: those that are needed count.
std::vector<StartingColumn> ColumnsOf(const manifest::Project& project, const manifest::Node& model,
                                      const std::vector<policies::ColumnSchema>& real,
                                      const std::vector<StartingPreset>& presets);

// A column of `model` that dbt tests as unique and not_null; empty when there is none.
std::string KeyOf(const manifest::Project& project, const manifest::Node& model);

}  // namespace weir::gateway
