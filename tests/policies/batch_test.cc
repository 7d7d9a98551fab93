#include "policies/batch.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace weir::policies {
namespace {

using Cells = std::vector<std::optional<std::string>>;

CellColumn ColumnOf(const Cells& cells) {
  CellColumn column;
  for (const auto& cell : cells) {
    if (cell) {
      column.AppendText(*cell);
    } else {
      column.AppendNull();
    }
  }
  return column;
}

Cells CellsOf(const CellColumn& column) {
  Cells cells;
  for (std::size_t i = 0; i < column.size(); ++i) {
    cells.push_back(column.IsNull(i) ? std::nullopt : std::optional<std::string>(column.Text(i)));
  }
  return cells;
}

TEST(CellColumn, ARangeOfAnotherIsItsCellsOneByOne) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 200; ++round) {
    Cells from(1 + random() % 9), to(random() % 5);
    for (Cells* cells : {&from, &to}) {
      for (auto& cell : *cells) {
        if (random() % 3 != 0) cell = std::string(random() % 4, static_cast<char>('a' + random() % 26));
      }
    }
    const std::size_t first = random() % from.size(), count = random() % (from.size() - first + 1);
    CellColumn column = ColumnOf(to);
    column.AppendRange(ColumnOf(from), first, count);
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
    to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
    EXPECT_EQ(CellsOf(column), to);
    std::size_t bytes = 0;
    for (std::size_t i = first; i < first + count; ++i) bytes += from[i].value_or("").size();
    if (count != 0) { EXPECT_EQ(ColumnOf(from).RangeBytes(first, count), bytes); }
  }
}

}  // namespace
}  // namespace weir::policies
