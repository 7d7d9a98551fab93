#include "policies/batch.h"

namespace weir::policies {

void CellColumn::AppendRange(const CellColumn& from, std::size_t first, std::size_t count) {
  if (count == 0) return;
  const std::uint32_t begin = from.Begin(first);
  const auto shift = static_cast<std::uint32_t>(data_.size()) - begin;  // modulo 2^32, as the sum below
  data_.append(from.data_, begin, from.RangeBytes(first, count));
  const std::size_t old = ends_.size();
  ends_.resize(old + count);
  for (std::size_t i = 0; i < count; ++i) ends_[old + i] = from.ends_[first + i] + shift;
  const auto nulls = from.null_.begin() + static_cast<std::ptrdiff_t>(first);
  null_.insert(null_.end(), nulls, nulls + static_cast<std::ptrdiff_t>(count));
}

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
