#include "gateway/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace weir::gateway {
namespace {

std::string Printed(const Table& table, TerminalSettings settings = {}, std::size_t indent = 0) {
  std::ostringstream out;
  Terminal terminal(out, settings);
  table.Print(terminal, indent);
  return out.str();
}

TEST(Table, AlignsColumnsAndLeavesNoBlanksAtLineEnds) {
  Table table({"COLUMN", "FIELD", "RULE"});
  table.AddRow({{"email"}, {"mail"}, {"P010"}});
  table.AddRow({{"customer_id"}, {"id"}, {}});
  table.AddRow({{"東京"}, {}, {"P1"}});
  EXPECT_EQ(Printed(table),
            "COLUMN       FIELD  RULE\n"
            "email        mail   P010\n"
            "customer_id  id\n"
            "東京                P1\n");
}

TEST(Table, Indents) {
  Table table({"A", "B"});
  table.AddRow({{"1"}, {"2"}});
  EXPECT_EQ(Printed(table, {}, 2), "  A  B\n  1  2\n");
}

TEST(Table, MissingCellsAreEmpty) {
  Table table({"A", "B", "C"});
  table.AddRow({{"1"}});
  EXPECT_EQ(Printed(table), "A  B  C\n1\n");
}

TEST(Table, FoldsItsLastColumnOnATerminalOnly) {
  Table table({"A", "WHY"});
  table.AddRow({{"x"}, {"no rule gives this class to that destination"}});
  EXPECT_EQ(Printed(table), "A  WHY\nx  no rule gives this class to that destination\n");
  EXPECT_EQ(Printed(table, {true, false, 30}),
            "A  WHY\n"
            "x  no rule gives this class to\n"
            "   that destination\n");
}

TEST(Table, CellsAreEscaped) {
  Table table({"A", "B"});
  table.AddRow({{"\x1b[2J"}, {"b"}});
  EXPECT_EQ(Printed(table), "A        B\n\\x1b[2J  b\n");
}

TEST(FoldAtSpaces, KeepsLongWordsWhole) {
  EXPECT_EQ(FoldAtSpaces("a bb ccc", 4), (std::vector<std::string>{"a bb", "ccc"}));
  EXPECT_EQ(FoldAtSpaces("abcdefgh ij", 4), (std::vector<std::string>{"abcdefgh", "ij"}));
  EXPECT_EQ(FoldAtSpaces("as it is", 0), (std::vector<std::string>{"as it is"}));
}

}  // namespace
}  // namespace weir::gateway
