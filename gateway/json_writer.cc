#include "gateway/json_writer.h"

#include <array>
#include <nlohmann/json.hpp>

namespace weir::gateway {
namespace {

constexpr std::array<bool, 256> MakeNeedsEscape() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = table[0x7f] = true;
  return table;
}
constexpr std::array<bool, 256> kNeedsEscape = MakeNeedsEscape();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259 section 6.
bool IsJsonNumber(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at != begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out->push_back('"');
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!kNeedsEscape[c]) continue;
    out->append(text.substr(begin, i - begin));
    begin = i + 1;
    switch (c) {
      case '"': out->append("\\\""); break;
      case '\\': out->append("\\\\"); break;
      case '\n': out->append("\\n"); break;
      case '\r': out->append("\\r"); break;
      case '\t': out->append("\\t"); break;
      default:
        out->append("\\u00");
        out->push_back(kHex[c >> 4]);
        out->push_back(kHex[c & 15]);
    }
  }
  out->append(text.substr(begin));
  out->push_back('"');
}

void AppendJsonCell(std::string* out, policies::ColumnType type, bool null, std::string_view text) {
  using policies::ColumnType;
  if (null) {
    out->append("null");
    return;
  }
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kDecimal:
    case ColumnType::kFloat:
      if (IsJsonNumber(text)) {
        out->append(text);
        return;
      }
      break;
    case ColumnType::kBoolean:
      if (text == "true" || text == "false") {
        out->append(text);
        return;
      }
      break;
    case ColumnType::kJson:
      // A raw line break inside is legal JSON, and would end a JSONL record.
      if (text.find_first_of("\r\n") == std::string_view::npos && nlohmann::json::accept(text)) {
        out->append(text);
        return;
      }
      if (nlohmann::json::accept(text)) {
        out->append(nlohmann::json::parse(text).dump());
        return;
      }
      break;
    default: break;
  }
  AppendJsonString(out, text);
}

}  // namespace weir::gateway
