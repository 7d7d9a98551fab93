#pragma once

#include <string>

#include "gateway/terminal.h"
#include "manifest/project_diff.h"

namespace weir::gateway {

// What `weir inspect --base DIR --head DIR` shows.
struct ChangesReport {
  const manifest::Project& base;
  const manifest::Project& head;
  const manifest::ProjectDiff& diff;
};

// One line for each change, under its node.
void PrintChanges(const ChangesReport& report, Terminal& out);
// The document `weir.changes`, as gateway/README.md describes it.
std::string ChangesJson(const ChangesReport& report);

}  // namespace weir::gateway
