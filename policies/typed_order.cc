#include "policies/typed_order.h"

#include <charconv>
#include <cmath>

#include "policies/canonical_text.h"

namespace weir::policies {
namespace {

std::string_view WithoutTrailingZeros(std::string_view digits) {
  while (digits.ends_with('0')) digits.remove_suffix(1);
  return digits;
}

std::optional<Comparable> ReadNumber(std::string_view text) {
  if (!IsDecimal(text)) return std::nullopt;
  Comparable value;
  value.negative = text.starts_with('-');
  if (value.negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  value.text = text.substr(0, point);
  while (value.text.starts_with('0')) value.text.remove_prefix(1);
  if (point != text.npos) value.fraction = WithoutTrailingZeros(text.substr(point + 1));
  if (value.text.empty() && value.fraction.empty()) value.negative = false;  // minus zero
  return value;
}

std::optional<Comparable> ReadFloat(std::string_view text) {
  if (!IsFloat(text) || text == "NaN") return std::nullopt;
  Comparable value;
  if (text.ends_with("Infinity")) {
    value.number = text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
    return value;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Comparable> ReadMoment(ColumnType type, std::string_view text) {
  const bool fits = type == ColumnType::kDate        ? IsDate(text)
                    : type == ColumnType::kTime      ? IsTime(text)
                    : type == ColumnType::kTimestamp ? IsTimestamp(text)
                                                     : IsTimestampTz(text);
  if (!fits) return std::nullopt;
  if (type == ColumnType::kTimestampTz) text.remove_suffix(3);
  if (text.find('.') != text.npos) {
    text = WithoutTrailingZeros(text);
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  return Comparable{.text = text, .fraction = {}};
}

int CompareNumbers(const Comparable& a, const Comparable& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int order = 0;
  if (a.text.size() != b.text.size()) {
    order = a.text.size() < b.text.size() ? -1 : 1;
  } else if (order = a.text.compare(b.text); order == 0) {
    order = a.fraction.compare(b.fraction);
  }
  return a.negative ? -order : order;
}

std::optional<std::string> LowerHexadecimal(const std::string& text, bool hyphens) {
  std::string lower;
  for (const char c : text) {
    const char l = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (!((l >= '0' && l <= '9') || (l >= 'a' && l <= 'f') || (hyphens && l == '-'))) return std::nullopt;
    lower.push_back(l);
  }
  return lower;
}

}  // namespace

OrderKind OrderOf(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kDecimal: return OrderKind::kNumber;
    case ColumnType::kFloat: return OrderKind::kFloat;
    case ColumnType::kDate:
    case ColumnType::kTime:
    case ColumnType::kTimestamp:
    case ColumnType::kTimestampTz: return OrderKind::kMoment;
    default: return OrderKind::kBytes;
  }
}

bool HasOrder(ColumnType type) { return type == ColumnType::kText || OrderOf(type) != OrderKind::kBytes; }

std::optional<Comparable> ReadComparable(ColumnType type, std::string_view text) {
  switch (OrderOf(type)) {
    case OrderKind::kNumber: return ReadNumber(text);
    case OrderKind::kFloat: return ReadFloat(text);
    case OrderKind::kMoment: return ReadMoment(type, text);
    case OrderKind::kBytes:
      if (type == ColumnType::kBoolean && !IsCanonical(type, text)) return std::nullopt;
      return Comparable{.text = text, .fraction = {}};
  }
  return std::nullopt;
}

int Compare(OrderKind order, const Comparable& a, const Comparable& b) {
  switch (order) {
    case OrderKind::kNumber: return CompareNumbers(a, b);
    case OrderKind::kFloat: return a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
    case OrderKind::kMoment:
    case OrderKind::kBytes: return a.text.compare(b.text);
  }
  return 0;
}

std::optional<std::string> ConstantFor(ColumnType type, const std::string& constant) {
  std::optional<std::string> text = constant;
  if (type == ColumnType::kTimestamp && IsDate(constant)) *text += " 00:00:00";
  constexpr std::size_t kUuidSize = 36;
  if (type == ColumnType::kUuid) text = constant.size() == kUuidSize ? LowerHexadecimal(constant, true) : std::nullopt;
  if (type == ColumnType::kBinary) text = LowerHexadecimal(constant, false);
  if (!text || !ReadComparable(type, *text)) return std::nullopt;
  return text;
}

}  // namespace weir::policies
