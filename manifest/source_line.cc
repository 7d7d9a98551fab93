#include "manifest/source_line.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "manifest/diagnostic.h"

namespace weir::manifest {
namespace {

constexpr std::size_t kWidth = 110;  // of the shown part, in code points

// What one code point, or one byte that is none, looks like; its length in bytes goes to *size.
std::string Shown(std::string_view text, std::size_t* size) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto escaped = [](unsigned char b) { return std::string("\\x") + kHex[b >> 4] + kHex[b & 15]; };
  *size = 1;
  const unsigned char first = byte(0);
  if (first == '\t') return "\\t";
  if (first == '\n') return "\\n";
  if (first == '\r') return "\\r";
  if (first < 0x20 || first == 0x7f) return escaped(first);
  if (first < 0x80) return std::string(1, text[0]);
  const std::size_t length = Utf8Length(text);
  if (length == 0) return escaped(first);
  std::uint32_t point = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) point = (point << 6) | (byte(i) & 0x3fu);
  *size = length;
  // C1 controls can drive a terminal; bidirectional and invisible ones can make a line read as another.
  const bool unsafe = (point >= 0x80 && point < 0xa0) || point == 0x61c ||
                      (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
                      (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
  if (!unsafe) return std::string(text.substr(0, length));
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out.append(escaped(byte(i)));
  return out;
}

bool IsReference(std::string_view value) {
  return value.starts_with("env:") || value.starts_with("file:") || value.starts_with("command:");
}

struct Span {
  std::size_t begin, end;
};

// The scalars of a line of YAML or JSON that must not be shown.
std::vector<Span> SecretSpans(std::string_view line) {
  static constexpr std::string_view kBreaks = " \t\r\"'`,[]{}";
  std::vector<Span> spans;
  std::size_t at = 0;
  bool blot_next = false;
  while (at < line.size()) {
    const std::size_t begin = line.find_first_not_of(kBreaks, at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find_first_of(kBreaks, begin), line.size());
    std::string_view token = line.substr(begin, end - begin);
    at = end;
    if (token == ":") continue;  // JSON: `"password" : "…"`
    const bool is_key =
        token.ends_with(':') || line.substr(end).starts_with("\":") || line.substr(end).starts_with("':");
    if (blot_next && !is_key && !IsReference(token)) {
      // Everything that remains: where the value ends cannot be told without parsing, and it may hold spaces.
      spans.push_back({begin, line.size()});
      return spans;
    }
    std::string_view key = token;
    if (key.ends_with(':')) key.remove_suffix(1);
    blot_next = is_key && NamesSecret(key);
    if (LooksLikeSecret(token)) spans.push_back({begin, end});
  }
  return spans;
}

std::string_view LineAt(std::string_view text, std::uint32_t number) {
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return {};
    begin = end + 1;
  }
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::size_t Utf8Length(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned char least, unsigned char most) {
    return i < text.size() && byte(i) >= least && byte(i) <= most;
  };
  if (text.empty()) return 0;
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned char least = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned char most = first == 0xed ? 0x9f : 0xbf;
    return follows(1, least, most) && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned char least = first == 0xf0 ? 0x90 : 0x80;
    const unsigned char most = first == 0xf4 ? 0x8f : 0xbf;
    return follows(1, least, most) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

std::string EscapeForTerminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); at += size) out.append(Shown(text.substr(at), &size));
  return out;
}

std::string ShowLine(std::string_view text, Position position) {
  if (position.line == 0) return {};
  std::string_view line = LineAt(text, position.line);
  if (line.empty()) return {};
  const std::size_t caret_byte =
      position.column == 0 ? 0 : std::min<std::size_t>(position.column - 1, line.size());

  // Only the surroundings are looked at: an artifact may be one line of a hundred megabytes.
  static constexpr std::size_t kReach = 4096;
  const std::size_t from = caret_byte > kReach ? caret_byte - kReach : 0;
  const std::string_view near = line.substr(from, 2 * kReach);
  const std::vector<Span> spans = SecretSpans(near);

  std::vector<std::string> cells;
  std::size_t caret_cell = 0;
  auto span = spans.begin();
  for (std::size_t at = 0; at < near.size();) {
    if (at <= caret_byte - from) caret_cell = cells.size();
    if (span != spans.end() && at == span->begin) {
      cells.insert(cells.end(), 3, "*");
      at = span++->end;
      continue;
    }
    std::size_t size = 0;
    std::string shown = Shown(near.substr(at), &size);
    cells.push_back(shown == "\\t" ? std::string(" ") : std::move(shown));
    at += size;
  }
  if (caret_byte == line.size()) caret_cell = cells.size();

  std::size_t first = 0;
  if (cells.size() > kWidth && caret_cell > kWidth * 2 / 3) first = caret_cell - kWidth * 2 / 3;
  const std::size_t last = std::min(cells.size(), first + kWidth);
  const std::string number = std::to_string(position.line);
  std::string shown = "  " + number + " | ";
  std::string below = "  " + std::string(number.size(), ' ') + " | ";
  if (first > 0 || from > 0) {
    shown.append("…");
    below.push_back(' ');
  }
  for (std::size_t i = first; i < last; ++i) {
    shown.append(cells[i]);
    const bool wide = cells[i].size() > 1 && cells[i][0] == '\\';
    if (i < caret_cell) below.append(wide ? cells[i].size() : 1, ' ');
  }
  if (last < cells.size() || from + near.size() < line.size()) shown.append("…");
  shown.push_back('\n');
  if (position.column == 0) return shown;
  return shown + below + "^\n";
}

Position PositionOfByte(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string_view::npos ? offset : offset - start - 1;
  return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(column + 1)};
}

}  // namespace weir::manifest
