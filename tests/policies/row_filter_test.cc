#include "policies/row_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "policies/policy_error.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

using Kind = RowPredicate::Kind;
using Cell = std::optional<std::string>;

RowPredicate Compare(Kind kind, std::vector<std::string> constants, std::string column = "c") {
  RowPredicate predicate;
  predicate.kind = kind;
  predicate.column = std::move(column);
  predicate.constants = std::move(constants);
  predicate.position = {7, 5};
  return predicate;
}

RowPredicate Join(Kind kind, std::vector<RowPredicate> children) {
  RowPredicate predicate;
  predicate.kind = kind;
  predicate.children = std::move(children);
  predicate.position = {7, 5};
  return predicate;
}

Batch OneColumn(const std::vector<Cell>& cells) {
  Batch batch;
  batch.columns.resize(1);
  for (const Cell& cell : cells) {
    if (cell) {
      batch.columns[0].AppendText(*cell);
    } else {
      batch.columns[0].AppendNull();
    }
  }
  batch.rows = cells.size();
  return batch;
}

std::vector<ColumnSchema> SchemaOf(ColumnType type) { return {{"c", type, ""}}; }

bool Passes(const RowPredicate& predicate, ColumnType type, const Cell& cell) {
  std::vector<std::uint8_t> pass;
  RowFilter::Compile(predicate, SchemaOf(type)).Apply(OneColumn({cell}), &pass);
  return pass.at(0) == 1;
}

struct Case {
  ColumnType type;
  Kind kind;
  std::vector<std::string> constants;
  Cell cell;
  bool passes;
};

TEST(RowFilterTest, ComparesByType) {
  const Case cases[] = {
      {ColumnType::kBoolean, Kind::kIn, {"true"}, "true", true},
      {ColumnType::kBoolean, Kind::kIn, {"true"}, "false", false},
      {ColumnType::kBoolean, Kind::kIn, {"true"}, "t", false},
      {ColumnType::kText, Kind::kIn, {"DE", "FR"}, "FR", true},
      {ColumnType::kText, Kind::kIn, {"DE", "FR"}, "fr", false},
      {ColumnType::kText, Kind::kIn, {"DE"}, "DE ", false},
      {ColumnType::kText, Kind::kNotIn, {"test"}, "gold", true},
      {ColumnType::kText, Kind::kNotIn, {"test"}, "test", false},
      {ColumnType::kText, Kind::kAtLeast, {"b"}, "c", true},
      {ColumnType::kText, Kind::kAtLeast, {"b"}, "B", false},
      {ColumnType::kInteger, Kind::kAtLeast, {"18"}, "18", true},
      {ColumnType::kInteger, Kind::kAtLeast, {"18"}, "9", false},
      {ColumnType::kInteger, Kind::kAtLeast, {"18"}, "100", true},
      {ColumnType::kInteger, Kind::kAtMost, {"-5"}, "-10", true},
      {ColumnType::kInteger, Kind::kAtMost, {"-5"}, "-4", false},
      {ColumnType::kInteger, Kind::kIn, {"0"}, "-0", true},
      {ColumnType::kInteger, Kind::kIn, {"7"}, "007", true},
      {ColumnType::kInteger, Kind::kIn, {"1.0"}, "1", true},
      {ColumnType::kInteger, Kind::kAtLeast, {"170141183460469231731687303715884105727"},
       "170141183460469231731687303715884105728", true},
      {ColumnType::kDecimal, Kind::kIn, {"1.5"}, "1.500", true},
      {ColumnType::kDecimal, Kind::kIn, {"1.5"}, "1.5000000000000000000000001", false},
      {ColumnType::kDecimal, Kind::kAtLeast, {"10"}, "9.99", false},
      {ColumnType::kDecimal, Kind::kAtLeast, {"10"}, "10.00", true},
      {ColumnType::kDecimal, Kind::kAtMost, {"0.10"}, "0.09", true},
      {ColumnType::kDecimal, Kind::kAtMost, {"-0.5"}, "-0.45", false},
      {ColumnType::kDecimal, Kind::kAtLeast, {"0"}, "NaN", false},
      {ColumnType::kFloat, Kind::kAtLeast, {"0.5"}, "5e-1", true},
      {ColumnType::kFloat, Kind::kAtLeast, {"0.5"}, "Infinity", true},
      {ColumnType::kFloat, Kind::kAtLeast, {"0.5"}, "-Infinity", false},
      {ColumnType::kFloat, Kind::kNotIn, {"1"}, "NaN", false},
      {ColumnType::kDate, Kind::kAtLeast, {"2026-01-01"}, "2026-01-01", true},
      {ColumnType::kDate, Kind::kAtLeast, {"2026-01-01"}, "2025-12-31", false},
      {ColumnType::kDate, Kind::kAtLeast, {"2026-01-01"}, "infinity", false},
      {ColumnType::kDate, Kind::kAtMost, {"2026-01-01"}, "0044-03-15 BC", false},
      {ColumnType::kTimestamp, Kind::kAtLeast, {"2026-01-01"}, "2026-01-01 00:00:00", true},
      {ColumnType::kTimestamp, Kind::kIn, {"2026-01-01 10:00:00.5"}, "2026-01-01 10:00:00.500000", true},
      {ColumnType::kTimestamp, Kind::kAtMost, {"2026-01-01 10:00:00"}, "2026-01-01 10:00:00.000001", false},
      {ColumnType::kTimestampTz, Kind::kAtMost, {"2026-01-01 10:00:00+00"}, "2026-01-01 09:59:59.9+00", true},
      {ColumnType::kTimestampTz, Kind::kAtMost, {"2026-01-01 10:00:00+00"}, "2026-01-01 10:00:00.1+00", false},
      {ColumnType::kTime, Kind::kAtMost, {"10:00:00"}, "09:00:00", true},
      {ColumnType::kUuid, Kind::kIn, {"8C1D6D3A-0000-4000-8000-00000000ABCD"},
       "8c1d6d3a-0000-4000-8000-00000000abcd", true},
      {ColumnType::kBinary, Kind::kIn, {"00FF"}, "00ff", true},
      {ColumnType::kText, Kind::kIsNull, {}, std::nullopt, true},
      {ColumnType::kText, Kind::kIsNull, {}, "", false},
      {ColumnType::kText, Kind::kIsNotNull, {}, "", true},
      {ColumnType::kText, Kind::kIsNotNull, {}, std::nullopt, false},
      {ColumnType::kText, Kind::kIn, {}, "x", false},
      {ColumnType::kText, Kind::kNotIn, {}, "x", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Passes(Compare(c.kind, c.constants), c.type, c.cell), c.passes)
        << Name(c.type) << " " << c.cell.value_or("null") << " against " << testing::PrintToString(c.constants);
  }
}

TEST(RowFilterTest, NullPassesNoComparisonAndNoNegationOfOne) {
  for (const Kind kind : {Kind::kIn, Kind::kNotIn, Kind::kAtLeast, Kind::kAtMost}) {
    const RowPredicate predicate = Compare(kind, {"5"});
    EXPECT_FALSE(Passes(predicate, ColumnType::kInteger, std::nullopt));
    EXPECT_FALSE(Passes(Join(Kind::kNot, {predicate}), ColumnType::kInteger, std::nullopt));
    EXPECT_FALSE(Passes(Join(Kind::kNot, {predicate}), ColumnType::kInteger, "five")) << "an unreadable cell";
  }
}

// Every pair of truths, against Kleene's tables.
TEST(RowFilterTest, JoinsInThreeValues) {
  const Cell cells[] = {"no", std::nullopt, "yes"};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      Batch batch = OneColumn({cells[a]});
      batch.columns.push_back(OneColumn({cells[b]}).columns[0]);
      const std::vector<ColumnSchema> schema = {{"a", ColumnType::kText, ""}, {"b", ColumnType::kText, ""}};
      const std::vector<RowPredicate> both = {Compare(Kind::kIn, {"yes"}, "a"), Compare(Kind::kIn, {"yes"}, "b")};
      const auto passes = [&](const RowPredicate& predicate) {
        std::vector<std::uint8_t> pass;
        RowFilter::Compile(predicate, schema).Apply(batch, &pass);
        return pass.at(0) == 1;
      };
      EXPECT_EQ(passes(Join(Kind::kAll, both)), std::min(a, b) == 2);
      EXPECT_EQ(passes(Join(Kind::kAny, both)), std::max(a, b) == 2);
      EXPECT_EQ(passes(Join(Kind::kNot, {Join(Kind::kAll, both)})), std::min(a, b) == 0);
      EXPECT_EQ(passes(Join(Kind::kNot, {Join(Kind::kAny, both)})), std::max(a, b) == 0);
    }
  }
}

TEST(RowFilterTest, KeepsRowsApart) {
  std::vector<std::uint8_t> pass = {9, 9};
  const RowFilter filter = RowFilter::Compile(
      Join(Kind::kAny, {Compare(Kind::kAtMost, {"1"}), Compare(Kind::kAtLeast, {"4"}), Compare(Kind::kIsNull, {})}),
      SchemaOf(ColumnType::kInteger));
  filter.Apply(OneColumn({"0", "1", "2", "3", "4", std::nullopt}), &pass);
  EXPECT_THAT(pass, testing::ElementsAre(1, 1, 0, 0, 1, 1));
}

TEST(RowFilterTest, FindsAColumnWhateverItsCase) {
  EXPECT_TRUE(Passes(Compare(Kind::kIn, {"x"}, "C"), ColumnType::kText, "x"));
}

TEST(RowFilterTest, AFilterNeverCompiledPassesNothing) {
  std::vector<std::uint8_t> pass;
  RowFilter().Apply(OneColumn({"x"}), &pass);
  EXPECT_THAT(pass, testing::ElementsAre(0));
}

TEST(RowFilterTest, SaysInWhichFileAColumnIsNamed) {
  const Policy policy = GoodPolicy(
      "version: 1\nrules:\n  - {id: P1, rows: dim, to: any, send_if: {all: [{a: 1}, {not: {acepts: true}}]}}\n");
  RowPredicate filter = policy.rules.front().send_if;
  const std::string file = policy.rules.front().at.file;
  EXPECT_EQ(filter.PlaceOf("acepts"), file + ":3:65");
  EXPECT_EQ(filter.PlaceOf("b"), "");
  try {
    RowFilter::Compile(filter, {{"a", ColumnType::kInteger, ""}});
    ADD_FAILURE() << "no error";
  } catch (const PolicyError& error) {
    EXPECT_EQ(error.what(), "row filter at " + file + ":3:65: column `acepts` is not in the relation; a filter that cannot be "
                                                      "evaluated lets no row pass");
  }
}

TEST(RowFilterTest, RefusesWhatCannotBeEvaluated) {
  struct Bad {
    RowPredicate predicate;
    std::vector<ColumnSchema> schema;
    std::string message;
  };
  const Bad cases[] = {
      {Compare(Kind::kIn, {"true"}, "consent"), SchemaOf(ColumnType::kBoolean),
       "row filter at 7:5: column `consent` is not in the relation; a filter that cannot be evaluated lets no row pass"},
      {Compare(Kind::kIn, {"1"}, "ID"), {{"id", ColumnType::kText, ""}, {"Id", ColumnType::kText, ""}},
       "row filter at 7:5: column `ID` is there twice, in different case; a filter that cannot be evaluated lets no row "
       "pass"},
      {Compare(Kind::kIn, {"yes"}), SchemaOf(ColumnType::kBoolean),
       "row filter at 7:5: constant `yes` does not fit column `c` of type boolean"},
      {Compare(Kind::kAtLeast, {"eighteen"}), SchemaOf(ColumnType::kInteger),
       "row filter at 7:5: constant `eighteen` does not fit column `c` of type integer"},
      {Compare(Kind::kAtLeast, {"2026-01-01"}), SchemaOf(ColumnType::kTimestampTz),
       "row filter at 7:5: constant `2026-01-01` does not fit column `c` of type timestamptz"},
      {Compare(Kind::kAtLeast, {"true"}), SchemaOf(ColumnType::kBoolean),
       "row filter at 7:5: column `c` is of type boolean, which has no order; use `in` or `not_in`"},
      {Compare(Kind::kAtLeast, {"1", "2"}), SchemaOf(ColumnType::kInteger),
       "row filter at 7:5: `at_least` and `at_most` take one constant"},
      {Join(Kind::kAll, {}), SchemaOf(ColumnType::kInteger), "row filter at 7:5: a list of conditions is empty"},
      {Join(Kind::kNot, {}), SchemaOf(ColumnType::kInteger), "row filter at 7:5: `not` takes one condition"},
  };
  for (const Bad& bad : cases) {
    try {
      RowFilter::Compile(bad.predicate, bad.schema);
      ADD_FAILURE() << "no error: " << bad.message;
    } catch (const PolicyError& error) {
      EXPECT_EQ(error.what(), bad.message);
    }
  }
}

}  // namespace
}  // namespace weir::policies
