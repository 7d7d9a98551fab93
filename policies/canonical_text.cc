#include "policies/canonical_text.h"

#include <cstddef>

namespace weir::policies {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front; how many.
std::size_t TakeDigits(std::string_view* text) {
  std::size_t count = 0;
  while (count < text->size() && IsDigit((*text)[count])) ++count;
  text->remove_prefix(count);
  return count;
}

bool Take(std::string_view* text, char c) {
  if (!text->starts_with(c)) return false;
  text->remove_prefix(1);
  return true;
}

// Digits where `shape` has `0`, the same character elsewhere.
bool HasShape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (shape[i] == '0' ? !IsDigit(text[i]) : text[i] != shape[i]) return false;
  }
  return true;
}

bool IsSpecialNumber(std::string_view text) { return text == "NaN" || text == "Infinity" || text == "-Infinity"; }

bool TakeDecimal(std::string_view* text) {
  Take(text, '-');
  if (TakeDigits(text) == 0) return false;
  return !Take(text, '.') || TakeDigits(text) > 0;
}

}  // namespace

bool IsInteger(std::string_view text) {
  Take(&text, '-');
  return TakeDigits(&text) > 0 && text.empty();
}

bool IsDecimal(std::string_view text) { return TakeDecimal(&text) && text.empty(); }

bool IsFloat(std::string_view text) {
  if (IsSpecialNumber(text)) return true;
  if (!TakeDecimal(&text)) return false;
  if (text.empty()) return true;
  if (!Take(&text, 'e') && !Take(&text, 'E')) return false;
  if (!Take(&text, '-')) Take(&text, '+');
  return TakeDigits(&text) > 0 && text.empty();
}

bool IsDate(std::string_view text) { return HasShape(text, "0000-00-00"); }

bool IsTime(std::string_view text) {
  constexpr std::string_view kShape = "00:00:00";
  if (!HasShape(text.substr(0, kShape.size()), kShape)) return false;
  text.remove_prefix(kShape.size());
  if (text.empty()) return true;
  constexpr std::size_t kMaxFraction = 9;
  if (!Take(&text, '.')) return false;
  const std::size_t digits = TakeDigits(&text);
  return digits > 0 && digits <= kMaxFraction && text.empty();
}

bool IsTimestamp(std::string_view text) {
  constexpr std::size_t kDate = 10;
  return text.size() > kDate && IsDate(text.substr(0, kDate)) && text[kDate] == ' ' && IsTime(text.substr(kDate + 1));
}

bool IsTimestampTz(std::string_view text) {
  return text.ends_with("+00") && IsTimestamp(text.substr(0, text.size() - 3));
}

bool IsCanonical(ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::kInteger: return IsInteger(text);
    case ColumnType::kDecimal: return IsDecimal(text) || IsSpecialNumber(text);
    case ColumnType::kFloat: return IsFloat(text);
    case ColumnType::kBoolean: return text == "true" || text == "false";
    default: return true;
  }
}

}  // namespace weir::policies
