#include "gateway/copy_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace weir::gateway {
namespace {

using policies::ColumnType;
using Cell = std::optional<std::string>;

struct Case {
  std::string name;
  std::string line;
  std::vector<ColumnType> types;
  std::vector<Cell> expected;  // empty: refused
};

TEST(CopyTextTest, ReadsAndRefusesLines) {
  const ColumnType text = ColumnType::kText, boolean = ColumnType::kBoolean, binary = ColumnType::kBinary;
  const Case cases[] = {
      {"one cell", "abc", {text}, {"abc"}},
      {"an empty cell", "", {text}, {""}},
      {"null", "\\N", {text}, {std::nullopt}},
      {"null among others", "a\t\\N\tb", {text, text, text}, {"a", std::nullopt, "b"}},
      {"empty cells", "\t\t", {text, text, text}, {"", "", ""}},
      {"escapes", "a\\tb\\nc\\rd\\\\e\\bf\\fg\\vh", {text}, {"a\tb\nc\rd\\e\bf\fg\vh"}},
      {"an escaped backslash before N", "\\\\N", {text}, {"\\N"}},
      {"a cell beginning like null", "\\Nx", {text}, {"Nx"}},
      {"booleans", "t\tf\t\\N", {boolean, boolean, boolean}, {"true", "false", std::nullopt}},
      {"binary", "\\\\x00ff\t\\\\x", {binary, binary}, {"00ff", ""}},
      {"other scripts", "Łukasz\t日本\t😀", {text, text, text}, {"Łukasz", "日本", "😀"}},
      {"too few cells", "a\tb", {text, text, text}, {}},
      {"too many cells", "a\tb\tc", {text, text}, {}},
      {"a boolean of another spelling", "true", {boolean}, {}},
      {"binary in another format", "abc", {binary}, {}},
      {"a backslash at the end", "abc\\", {text}, {}},
  };
  for (const Case& c : cases) {
    policies::Batch batch;
    batch.columns.resize(c.types.size());
    ASSERT_EQ(AppendCopyLine(c.line, c.types, &batch), !c.expected.empty()) << c.name;
    if (c.expected.empty()) continue;
    EXPECT_EQ(batch.rows, 1u);
    for (std::size_t i = 0; i < c.types.size(); ++i) {
      ASSERT_EQ(batch.columns[i].size(), 1u) << c.name;
      EXPECT_EQ(batch.columns[i].IsNull(0), !c.expected[i].has_value()) << c.name;
      EXPECT_EQ(batch.columns[i].Text(0), c.expected[i].value_or("")) << c.name;
    }
  }
}

}  // namespace
}  // namespace weir::gateway
