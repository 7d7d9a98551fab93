#include "policies/batch.h"

namespace weir::policies {

std::string_view Name(ColumnType type) {
  switch (type) {
    case ColumnType::kText: return "text";
    case ColumnType::kInteger: return "integer";
    case ColumnType::kDecimal: return "decimal";
    case ColumnType::kFloat: return "float";
    case ColumnType::kBoolean: return "boolean";
    case ColumnType::kDate: return "date";
    case ColumnType::kTime: return "time";
    case ColumnType::kTimestamp: return "timestamp";
    case ColumnType::kTimestampTz: return "timestamptz";
    case ColumnType::kUuid: return "uuid";
    case ColumnType::kJson: return "json";
    case ColumnType::kBinary: return "binary";
    case ColumnType::kOther: return "other";
  }
  return "other";
}

}  // namespace weir::policies
