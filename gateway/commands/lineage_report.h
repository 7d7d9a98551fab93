#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gateway/terminal.h"
#include "manifest/column_lineage.h"

namespace weir::gateway {

// What `weir inspect` says of where columns come from. The project and its lineage outlive it.
struct LineageReport {
  const manifest::Project& project;
  const manifest::ProjectLineage& lineage;
  manifest::LineageCounts counts;                              // documented columns of models and snapshots
  std::vector<std::pair<std::string, std::size_t>> unproven;  // why, and of how many columns; most first

  struct Row {
    const manifest::Node* node = nullptr;
    std::string column;
    manifest::ColumnLineage lineage;
  };
  std::vector<Row> rows;  // every documented column, by node, in written order
};

LineageReport ReportLineage(const manifest::Project& project, const manifest::ProjectLineage& lineage);

// The shares of the three ways, and what kept columns from being proven.
void PrintLineage(const LineageReport& report, Terminal& out);
// A line for each of `rows`: what it is made of, and what proves it. `unavailable`: why no SQL was read, said once below.
void PrintColumns(const std::vector<LineageReport::Row>& rows, const std::string& unavailable, Terminal& out);

// Of all documented columns: 0 to 1, 1 where there is none.
double ProvenShare(const manifest::LineageCounts& counts);

}  // namespace weir::gateway
