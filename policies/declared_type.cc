#include "policies/declared_type.h"

#include <string>
#include <unordered_map>

namespace weir::policies {

std::optional<ColumnType> ColumnTypeOf(std::string_view declared) {
  static const std::unordered_map<std::string_view, ColumnType> kTypes = {
      {"text", ColumnType::kText},
      {"varchar", ColumnType::kText},
      {"character varying", ColumnType::kText},
      {"character", ColumnType::kText},
      {"char", ColumnType::kText},
      {"bpchar", ColumnType::kText},
      {"string", ColumnType::kText},
      {"name", ColumnType::kText},
      {"enum", ColumnType::kText},
      {"smallint", ColumnType::kInteger},
      {"tinyint", ColumnType::kInteger},
      {"utinyint", ColumnType::kInteger},
      {"usmallint", ColumnType::kInteger},
      {"uinteger", ColumnType::kInteger},
      {"ubigint", ColumnType::kInteger},
      {"integer", ColumnType::kInteger},
      {"int", ColumnType::kInteger},
      {"int2", ColumnType::kInteger},
      {"int4", ColumnType::kInteger},
      {"int8", ColumnType::kInteger},
      {"bigint", ColumnType::kInteger},
      {"hugeint", ColumnType::kInteger},
      {"int64", ColumnType::kInteger},
      {"long", ColumnType::kInteger},
      {"numeric", ColumnType::kDecimal},
      {"decimal", ColumnType::kDecimal},
      {"number", ColumnType::kDecimal},
      {"bignumeric", ColumnType::kDecimal},
      {"real", ColumnType::kFloat},
      {"float", ColumnType::kFloat},
      {"float4", ColumnType::kFloat},
      {"float8", ColumnType::kFloat},
      {"float64", ColumnType::kFloat},
      {"double", ColumnType::kFloat},
      {"double precision", ColumnType::kFloat},
      {"boolean", ColumnType::kBoolean},
      {"bool", ColumnType::kBoolean},
      {"date", ColumnType::kDate},
      {"time", ColumnType::kTime},
      {"time without time zone", ColumnType::kTime},
      {"timestamp", ColumnType::kTimestamp},
      {"datetime", ColumnType::kTimestamp},
      {"timestamp without time zone", ColumnType::kTimestamp},
      {"timestamp_ntz", ColumnType::kTimestamp},
      {"timestamptz", ColumnType::kTimestampTz},
      {"timestamp with time zone", ColumnType::kTimestampTz},
      {"timestamp_tz", ColumnType::kTimestampTz},
      {"timestamp_ltz", ColumnType::kTimestampTz},
      {"uuid", ColumnType::kUuid},
      {"json", ColumnType::kJson},
      {"jsonb", ColumnType::kJson},
      {"bytea", ColumnType::kBinary},
      {"blob", ColumnType::kBinary},
      {"varbinary", ColumnType::kBinary},
      {"binary", ColumnType::kBinary},
      {"bytes", ColumnType::kBinary},
  };
  // Lower case, parameters taken out, inner spaces single: `TIMESTAMP(3) WITH TIME ZONE` is `timestamp with time zone`.
  std::string name;
  int depth = 0;
  for (const char c : declared) {
    if (c == '(') ++depth;
    if (depth == 0) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      if (lower != ' ' || (!name.empty() && name.back() != ' ')) name.push_back(lower);
    }
    if (c == ')' && depth > 0) --depth;
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) return std::nullopt;
  return found->second;
}

}  // namespace weir::policies
