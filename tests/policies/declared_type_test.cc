#include "policies/declared_type.h"

#include <gtest/gtest.h>

namespace weir::policies {
namespace {

TEST(ColumnTypeOf, KnowsTheSpellingsOfWarehousesAndContracts) {
  const std::pair<const char*, ColumnType> cases[] = {
      {"varchar", ColumnType::kText},
      {"VARCHAR(20)", ColumnType::kText},
      {"character varying(64)", ColumnType::kText},
      {"int8", ColumnType::kInteger},
      {"HUGEINT", ColumnType::kInteger},
      {"numeric(12,2)", ColumnType::kDecimal},
      {"DECIMAL(18, 3)", ColumnType::kDecimal},
      {"double precision", ColumnType::kFloat},
      {"DOUBLE", ColumnType::kFloat},
      {"bool", ColumnType::kBoolean},
      {"timestamp(3) with time zone", ColumnType::kTimestampTz},
      {"TIMESTAMP WITH TIME ZONE", ColumnType::kTimestampTz},
      {"timestamp without time zone", ColumnType::kTimestamp},
      {"date", ColumnType::kDate},
      {"uuid", ColumnType::kUuid},
      {"jsonb", ColumnType::kJson},
      {"BLOB", ColumnType::kBinary},
      {"INT64", ColumnType::kInteger},
      {"FLOAT64", ColumnType::kFloat},
      {"BIGNUMERIC(40, 2)", ColumnType::kDecimal},
      {"timestamp_ltz", ColumnType::kTimestampTz},
  };
  for (const auto& [declared, expected] : cases) EXPECT_EQ(ColumnTypeOf(declared), expected) << declared;
}

TEST(ColumnTypeOf, DoesNotGuess) {
  for (const char* declared : {"", "integer[]", "struct(a int)", "geometry", "map(varchar, int)", "numeric)("}) {
    EXPECT_EQ(ColumnTypeOf(declared), std::nullopt) << declared;
  }
}

}  // namespace
}  // namespace weir::policies
