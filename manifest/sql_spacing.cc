#include "manifest/sql_spacing.h"

#include <algorithm>
#include <array>

namespace weir::manifest {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool IsBracket(char c) { return c == '(' || c == ')' || c == ','; }

bool IsAmbiguous(std::string_view sql) {
  static constexpr auto kMarks = std::to_array<std::string_view>({"\\'", "\\\"", "\\`", "'''", "\"\"\"", "$$"});
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) { return sql.find(mark) != sql.npos; });
}

// Behind what begins at `sql` and is kept as it is; 0: nothing such begins there. npos: it does, and never ends.
std::size_t EndOfKept(std::string_view sql) {
  const auto behind = [&](std::string_view close, std::size_t from) {
    const std::size_t at = sql.find(close, from);
    return at == sql.npos ? at : at + close.size();
  };
  if (sql.front() == '\'' || sql.front() == '"' || sql.front() == '`') return behind(sql.substr(0, 1), 1);
  if (sql.starts_with("/*")) return behind("*/", 2);
  if (sql.starts_with("{#")) return behind("#}", 2);
  // What is a comment in one dialect is an operator in another; its line is kept either way.
  if (sql.starts_with("--") || sql.starts_with("//") || sql.front() == '#') return std::min(behind("\n", 1), sql.size());
  return 0;
}

}  // namespace

std::string WithoutSpacing(std::string_view sql) {
  if (IsAmbiguous(sql)) return std::string(sql);
  std::string out;
  out.reserve(sql.size());
  bool blank = false;
  for (std::size_t at = 0; at < sql.size();) {
    if (IsBlank(sql[at])) {
      blank = true;
      ++at;
      continue;
    }
    if (blank && !out.empty() && !IsBracket(out.back()) && !IsBracket(sql[at])) out += ' ';
    blank = false;
    const std::size_t kept = EndOfKept(sql.substr(at));
    if (kept == sql.npos) return std::string(sql);
    const std::size_t length = kept == 0 ? 1 : kept;
    out.append(sql, at, length);
    at += length;
  }
  return out;
}

}  // namespace weir::manifest
