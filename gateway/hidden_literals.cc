#include <algorithm>
#include <array>
#include <vector>

#include "gateway/config_reader.h"

namespace weir::gateway {
namespace {

using manifest::Position;
using manifest::Value;

// Keys whose values hold no secret. Whatever stands under another key, a misspelt `pasword` above all, is hidden.
bool IsHarmless(std::string_view key) {
  static constexpr auto kHarmless = std::to_array<std::string_view>(
      {"version", "tenant",   "target",    "kind",     "path",     "library",  "host",
       "port",    "dbname",   "user",      "sslmode",  "policies", "keys",     "state",
       "audit",   "approvals", "format",   "max_rows",  "attempts", "base",     "cap",      "timeout",
       "url",     "max_bytes", "allow_http", "profile", "connect_timeout", "allow_plain_http", "deduplicates"});
  return std::find(kHarmless.begin(), kHarmless.end(), key) != kHarmless.end();
}

struct Marks {
  std::vector<Position> all;     // of every node and key: where something else begins
  std::vector<Position> hidden;  // of scalars
};

void Collect(std::string_view key, const Value& value, Marks* marks) {
  marks->all.push_back(value.position());
  if (value.kind() == Value::Kind::kString && !value.text().empty() && !MayShow(key, value.text())) {
    marks->hidden.push_back(value.position());
  }
  for (const Value& item : value.items()) Collect(key, item, marks);
  for (const Value::Member& member : value.members()) {
    marks->all.push_back(member.key_position);
    if (key.empty() && member.key == "syncs") continue;  // names of models and columns; read by the policies floor
    Collect(member.key, member.value, marks);
  }
}

bool Before(const Position& a, const Position& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

std::size_t OffsetOf(const std::vector<std::size_t>& line_starts, const Position& at, std::size_t end) {
  if (at.line == 0 || at.line > line_starts.size()) return end;
  return std::min(line_starts[at.line - 1] + (at.column == 0 ? 0 : at.column - 1), end);
}

}  // namespace

// Whoever writes a password into a URL writes it before an `@`.
bool MayShow(std::string_view key, const std::string& text) {
  return SecretReference::Parse(text).has_value() || (IsHarmless(key) && text.find('@') == std::string::npos);
}

std::string HideLiterals(std::string_view text, const Value& root) {
  std::string shown(text);
  std::vector<std::size_t> line_starts = {0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_starts.push_back(i + 1);
  }
  Marks marks;
  Collect("", root, &marks);
  std::sort(marks.all.begin(), marks.all.end(), Before);
  for (const Position& at : marks.hidden) {
    // A scalar may run over several lines; it ends before whatever begins next.
    const auto next = std::upper_bound(marks.all.begin(), marks.all.end(), at, Before);
    const std::size_t begin = OffsetOf(line_starts, at, shown.size());
    const std::size_t end = next == marks.all.end() ? shown.size() : OffsetOf(line_starts, *next, shown.size());
    for (std::size_t i = begin; i < end; ++i) {
      if (shown[i] != '\n') shown[i] = i < begin + 3 ? '*' : ' ';
    }
  }
  return shown;
}

}  // namespace weir::gateway
