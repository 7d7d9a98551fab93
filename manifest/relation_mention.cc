#include "manifest/relation_mention.h"

#include <algorithm>
#include <array>
#include <optional>

#include "manifest/relation.h"

namespace weir::manifest {
namespace {

bool IsAmbiguous(std::string_view sql) {
  static constexpr auto kMarks = std::to_array<std::string_view>({"\\'", "\\\"", "\\`", "'''", "\"\"\"", "$$"});
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) { return sql.find(mark) != sql.npos; });
}

// BigQuery's projects have dashes. Nobody subtracts a table.
bool IsWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '$' || c == '@' ||
         c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

// One name off the front of `sql`, with its quotes; empty: there is none. nullopt: a quote that never ends.
std::optional<std::string_view> NameAt(std::string_view sql) {
  if (sql.empty()) return sql;
  const char open = sql.front();
  if (open == '"' || open == '`' || open == '[') {
    const char close = open == '[' ? ']' : open;
    for (std::size_t at = 1; at < sql.size(); ++at) {
      if (sql[at] != close) continue;
      if (at + 1 == sql.size() || sql[at + 1] != close) return sql.substr(0, at + 1);
      ++at;
    }
    return std::nullopt;
  }
  std::size_t end = 0;
  while (end < sql.size() && IsWord(sql[end]) && !sql.substr(end).starts_with("--")) ++end;
  return sql.substr(0, end);
}

// Behind a comment or a string literal that begins at `sql`; 0: none does. npos: it never ends.
std::size_t EndOfText(std::string_view sql) {
  if (sql.starts_with("--") || sql.starts_with("//") || sql.starts_with("#")) return std::min(sql.find('\n'), sql.size());
  const bool comment = sql.starts_with("/*");
  if (!comment && sql.front() != '\'') return 0;
  const std::size_t end = comment ? sql.find("*/", 2) : sql.find('\'', 1);
  return end == sql.npos ? end : end + (comment ? 2 : 1);
}

// Of `sql`, the names at its front with dots between them, as many as there are; nullopt as NameAt.
std::optional<std::size_t> PathLength(std::string_view sql) {
  std::size_t length = 0;
  while (true) {
    const std::optional<std::string_view> name = NameAt(sql.substr(length));
    if (!name) return std::nullopt;
    length += name->size();
    if (length == 0 || length == sql.size() || sql[length] != '.') return length;
    ++length;
  }
}

}  // namespace

bool MentionsRelation(std::string_view sql, std::string_view relation, std::string_view adapter_type) {
  const std::optional<Relation> wanted = ParseRelation(relation);
  if (!wanted || IsAmbiguous(sql)) return false;
  bool found = false;
  while (!sql.empty()) {
    std::size_t end = EndOfText(sql);
    if (end == 0) {
      const std::optional<std::size_t> path = PathLength(sql);
      if (!path) return false;
      const std::optional<Relation> named = ParseRelation(sql.substr(0, *path));
      found = found || (named && SameRelation(*named, *wanted, adapter_type));
      end = std::max<std::size_t>(*path, 1);
    }
    if (end == sql.npos) return false;
    sql.remove_prefix(end);
  }
  return found;
}

}  // namespace weir::manifest
