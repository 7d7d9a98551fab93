#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "gateway/source.h"

namespace weir::gateway {

using ScannedCell = std::optional<std::string>;
using ScannedRow = std::vector<ScannedCell>;

// Every row of a scan, in order; holds each batch to its limits.
inline std::vector<ScannedRow> ScanAll(Source& source, const ScanRequest& request) {
  source.Start(request);
  std::vector<ScannedRow> rows;
  policies::Batch batch;
  while (source.Next(&batch)) {
    EXPECT_GT(batch.rows, 0u);
    EXPECT_LE(batch.rows, policies::Batch::kMaxRows);
    EXPECT_TRUE(batch.rows == 1 || batch.bytes() <= policies::Batch::kMaxBytes) << batch.bytes();
    EXPECT_EQ(batch.columns.size(), request.columns.size());
    for (std::size_t row = 0; row < batch.rows; ++row) {
      ScannedRow& cells = rows.emplace_back();
      for (const policies::CellColumn& column : batch.columns) {
        EXPECT_EQ(column.size(), batch.rows);
        cells.push_back(column.IsNull(row) ? ScannedCell() : ScannedCell(column.Text(row)));
      }
    }
  }
  return rows;
}

// The message of the SourceError that `run` throws, behind its code: `W-SRC-003 there is no …`.
template <typename Run>
std::string SourceProblem(Run run) {
  try {
    run();
  } catch (const SourceError& error) {
    return error.code() + " " + error.what();
  }
  return "no error";
}

}  // namespace weir::gateway
