#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/commands/lineage_report.h"
#include "gateway/terminal.h"
#include "manifest/declarations.h"
#include "manifest/evidence.h"
#include "policies/sync_spec.h"

namespace weir::gateway {

// What `weir inspect` shows of one target folder. The artifacts and syncs outlive it.
struct Inspection {
  const manifest::Artifacts& artifacts;
  const std::vector<policies::SyncSpec>& syncs;      // that the project's exposures declare
  const std::vector<std::string>& remarks;           // what is wrong with those that are not among them, what was not read
  const std::optional<std::vector<std::string>>& selected;  // unique_ids; nullopt: nobody asked
  manifest::Declarations* declarations;              // null pointer: the project's files are not there
  const LineageReport* lineage;                      // null pointer: nobody asked
  bool each_column;                                  // its rows are shown, those of what is selected
};

// Tables for a person; with `selected`, that list alone.
void PrintInspection(const Inspection& inspection, Terminal& out);
// The document `weir.inspect`, as gateway/README.md describes it.
std::string InspectionJson(const Inspection& inspection);

}  // namespace weir::gateway
