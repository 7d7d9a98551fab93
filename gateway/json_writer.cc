#include "gateway/json_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "gateway/compact_json.h"

namespace weir::gateway {
namespace {

constexpr std::array<bool, 256> MakeNeedsEscape() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = table[0x7f] = true;
  return table;
}
constexpr std::array<bool, 256> kNeedsEscape = MakeNeedsEscape();

// Whether one of eight bytes needs an escape. A byte is below n when subtracting n borrows into a top bit that it does
// not have itself, and equals n when its difference (xor) is below 1.
bool AnyNeedsEscape(const char* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  const auto below = [](std::uint64_t bytes, std::uint64_t n) { return (bytes - kOnes * n) & ~bytes; };
  return ((below(word, 0x20) | below(word ^ kOnes * '"', 1) | below(word ^ kOnes * '\\', 1) |
           below(word ^ kOnes * 0x7f, 1)) & kTops) != 0;
}

bool IsPlain(std::string_view text) {
  for (; text.size() >= 8; text.remove_prefix(8)) {
    if (AnyNeedsEscape(text.data())) return false;
  }
  return std::none_of(text.begin(), text.end(), [](char c) { return kNeedsEscape[static_cast<unsigned char>(c)]; });
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out->push_back('"');
  if (IsPlain(text)) {
    out->append(text);
    out->push_back('"');
    return;
  }
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
      if (AppendCompactJson(text, out)) return;
      break;
    default: break;
  }
  AppendJsonString(out, text);
}

}  // namespace weir::gateway
