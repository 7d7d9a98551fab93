#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::policies {

enum class ColumnType : std::uint8_t {
  kText, kInteger, kDecimal, kFloat, kBoolean, kDate, kTime, kTimestamp, kTimestampTz, kUuid, kJson, kBinary, kOther
};
std::string_view Name(ColumnType type);  // "text", "integer", …

struct ColumnSchema {
  std::string name;
  ColumnType type = ColumnType::kText;
  std::string declared;  // the warehouse's own word: `numeric(12,2)`
};

// Cells of one column: text or null, in one buffer. Canonical text, the same from every source: booleans `true` and
// `false`; integers and decimals in digits; dates `2026-11-22`; timestamps `2026-11-22 21:00:00[.ffffff]`, with time
// zone always `+00` behind; binary in lower-case hexadecimal. At most 4 GiB. Not thread-safe.
class CellColumn {
 public:
  void AppendText(std::string_view text) {
    data_.append(text);
    ends_.push_back(static_cast<std::uint32_t>(data_.size()));
    null_.push_back(0);
  }
  void AppendNull() {
    ends_.push_back(static_cast<std::uint32_t>(data_.size()));
    null_.push_back(1);
  }
  // Cells [first, first + count) of another column.
  void AppendRange(const CellColumn& from, std::size_t first, std::size_t count);
  std::size_t size() const { return ends_.size(); }
  bool IsNull(std::size_t row) const { return null_[row] != 0; }
  std::string_view Text(std::size_t row) const {  // empty for null
    return {data_.data() + Begin(row), ends_[row] - Begin(row)};
  }
  std::size_t bytes() const { return data_.size(); }
  std::size_t RangeBytes(std::size_t first, std::size_t count) const {  // of [first, first + count), at least one cell
    return ends_[first + count - 1] - Begin(first);
  }
  void Clear() {
    data_.clear();
    ends_.clear();
    null_.clear();
  }

  // For sources that build a cell in place: append to buffer(), then EndText().
  std::string& buffer() { return data_; }
  void EndText() {
    ends_.push_back(static_cast<std::uint32_t>(data_.size()));
    null_.push_back(0);
  }

  // The cells as they lie in memory, for the spool: all text, where each cell's ends, 1 for null. Whoever writes them
  // keeps them in step.
  const std::string& data() const { return data_; }
  const std::vector<std::uint32_t>& ends() const { return ends_; }
  const std::vector<std::uint8_t>& nulls() const { return null_; }
  std::vector<std::uint32_t>& ends() { return ends_; }
  std::vector<std::uint8_t>& nulls() { return null_; }

 private:
  std::uint32_t Begin(std::size_t row) const { return row == 0 ? 0 : ends_[row - 1]; }

  std::string data_;
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint8_t> null_;
};

// Rows as columns; every column has `rows` cells. At most 4,096 rows and about 1 MiB.
struct Batch {
  static constexpr std::size_t kMaxRows = 4096;
  static constexpr std::size_t kMaxBytes = 1u << 20;

  std::vector<CellColumn> columns;
  std::size_t rows = 0;

  void Clear() {
    for (CellColumn& column : columns) column.Clear();
    rows = 0;
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const CellColumn& column : columns) sum += column.bytes();
    return sum;
  }
};

}  // namespace weir::policies
