#include "manifest/sql_dialect.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "manifest/column_names.h"

namespace weir::manifest {
namespace {

// How names in quotes compare. Elsewhere than in the first two, nobody knows what is folded beyond ASCII.
enum class QuotedNames : std::uint8_t {
  kFoldAscii,  // `"C"` is `c`
  kExact,      // `"C"` is not `c`
  kFold,       // as those without quotes
  kSetting,    // a setting decides
};

struct Dialect {
  std::string_view adapter;
  bool backticks = false;         // quote names
  bool backslash_escapes = false; // in string literals; PostgreSQL has a setting
  bool slash_comments = false;    // `//`
  bool quotes_are_strings = false; // "…" is a literal: read as a name it only adds
  QuotedNames quoted = QuotedNames::kFold;
  std::size_t name_bytes = 0;     // longer names are cut to it, unasked; 0: never
};

constexpr std::array<Dialect, 10> kDialects = {{
    {"duckdb", false, false, false, false, QuotedNames::kFoldAscii, 0},
    {"postgres", false, true, false, false, QuotedNames::kExact, 63},
    {"redshift", false, true, false, false, QuotedNames::kSetting, 127},
    {"trino", false, false, false, false, QuotedNames::kFold, 0},
    {"athena", false, false, false, false, QuotedNames::kFold, 0},
    {"snowflake", false, true, true, false, QuotedNames::kSetting, 0},
    {"bigquery", true, true, false, true, QuotedNames::kFold, 0},
    {"databricks", true, true, false, true, QuotedNames::kFold, 0},
    {"spark", true, true, false, true, QuotedNames::kFold, 0},
    {"motherduck", false, false, false, false, QuotedNames::kFoldAscii, 0},
}};

constexpr std::array<std::string_view, 8> kPrefixes = {"e", "r", "b", "u", "n", "x", "rb", "br"};

const Dialect* FindDialect(std::string_view adapter) {
  for (const Dialect& dialect : kDialects) {
    if (dialect.adapter == adapter) return &dialect;
  }
  return nullptr;
}

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// What some reader or other takes for the end of a line: only `\n` and `\r\n` are one to all.
bool HoldsDoubtfulLineEnd(std::string_view line) {
  constexpr std::array<std::string_view, 6> kEnds = {"\r", "\f", "\v", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
  return std::any_of(kEnds.begin(), kEnds.end(),
                     [line](std::string_view end) { return line.find(end) != std::string_view::npos; });
}

// Spark reads a hint as code: with comments and strings of its own, which may hold its end.
bool IsPlainHint(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsWord(c) || c == '(' || c == ')' || c == ',' || c == '.' || c == ' ' || c == '\n' || c == '\t';
  });
}

class Rewriter {
 public:
  Rewriter(std::string_view code, const Dialect& dialect, bool duckdb)
      : code_(code), dialect_(dialect), duckdb_(duckdb) {}

  std::optional<DuckdbSql> Run(std::string* why) {
    while (at_ < code_.size() && why_.empty()) Step();
    if (!why_.empty()) {
      *why = "its SQL " + why_;
      return std::nullopt;
    }
    return DuckdbSql{std::move(out_), std::move(quoted_)};
  }

 private:
  char Peek(std::size_t ahead) const { return at_ + ahead < code_.size() ? code_[at_ + ahead] : '\0'; }

  void Step() {
    const char c = code_[at_];
    if (c == '\0') {
      why_ = "holds a zero byte";
    } else if (c == '-' && Peek(1) == '-') {
      SkipLine();
    } else if (c == '/' && Peek(1) == '*') {
      SkipComment();
    } else if (c == '\'' || c == '"' || (c == '`' && dialect_.backticks)) {
      Quoted(c);
    } else if (c == '$' || (c == '#' && !duckdb_) || (c == '/' && Peek(1) == '/' && dialect_.slash_comments) ||
               c == '\\' || c == '`') {
      why_ = "is written in a way that DuckDB reads differently: `" + std::string(1, c) + "`";
    } else if (c == ':') {
      // Elsewhere `a:b` is a field of `a`; to DuckDB it is `b AS a`.
      if (Peek(1) != ':') {
        why_ = "is written in a way that DuckDB reads differently: `:`";
        return;
      }
      out_ += "::";
      at_ += 2;
    } else if (!IsAscii(code_.substr(at_, 1))) {
      why_ = "has a letter or blank beyond ASCII outside of quotes";
    } else if (c == '\f' || c == '\v') {
      why_ = "has a blank that not every reader takes for one";
    } else if (IsWord(c)) {
      Word();
    } else {
      out_ += c;
      ++at_;
    }
  }

  // Comments become a blank, so that only this reader decides where they end.
  void SkipLine() {
    const std::size_t end = std::min(code_.find('\n', at_), code_.size());
    std::string_view line = code_.substr(at_, end - at_);
    if (end < code_.size() && line.ends_with('\r')) line.remove_suffix(1);
    if (HoldsDoubtfulLineEnd(line)) {
      why_ = "has a comment of which not every reader sees the same end";
    } else if (line.ends_with('\\')) {
      why_ = "has a comment that ends in a backslash";
    }
    out_ += ' ';
    at_ = end;
  }

  void SkipComment() {
    const std::size_t end = code_.find("*/", at_ + 2);
    // With the end's star: `/* /*/` begins another one to those that nest.
    if (end == std::string_view::npos || code_.substr(at_ + 2, end + 1 - at_ - 2).find("/*") != std::string_view::npos) {
      why_ = "has a comment inside a comment";
      return;
    }
    const std::string_view text = code_.substr(at_ + 2, end - at_ - 2);
    if (text.starts_with('!') || (text.starts_with('+') && !IsPlainHint(text.substr(1)))) {
      why_ = "has a comment that is read as code";
      return;
    }
    out_ += ' ';
    at_ = end + 2;
  }

  void Quoted(char quote) {
    if (dialect_.quotes_are_strings && quote != '`' && Peek(1) == quote && Peek(2) == quote) {
      why_ = "has a triple-quoted string";
      return;
    }
    const char written = quote == '`' ? '"' : quote;
    const bool is_name = quote == '`' || (quote == '"' && !dialect_.quotes_are_strings);
    const std::size_t begin = at_ + 1;
    const bool in_path = out_.find_last_not_of(" \t\r\n") != std::string::npos && out_[out_.find_last_not_of(" \t\r\n")] == '.';
    out_ += written;
    for (++at_; at_ < code_.size(); ++at_) {
      const char c = code_[at_];
      if (c == '\\' && dialect_.backslash_escapes && (Peek(1) == quote || Peek(1) == '\\')) {
        why_ = "escapes a quote with a backslash";
        return;
      }
      if (c == '\\' && is_name) {
        why_ = "has a backslash in a name";
        return;
      }
      if (c == '"' && written == '"' && quote == '`') out_ += '"';
      out_ += c == quote ? written : c;
      if (c != quote) continue;
      if (Peek(1) != quote) {
        const std::string_view name = code_.substr(begin, at_ - begin);
        ++at_;
        if (is_name) QuotedName(name, in_path);
        return;
      }
      // BigQuery and Spark join two literals where others see one quote.
      if (dialect_.quotes_are_strings) {
        why_ = "has two quotes in a row";
        return;
      }
      out_ += written;
      ++at_;
    }
    why_ = "has a quote that nothing closes";
  }

  void QuotedName(std::string_view name, bool in_path) {
    const bool plain = dialect_.quoted == QuotedNames::kFoldAscii || dialect_.quoted == QuotedNames::kExact;
    if (!plain && !IsAscii(name)) {
      why_ = "has a name beyond ASCII, of which nobody knows what it equals";
    } else if (IsCut(name)) {
      why_ = "has a name that the warehouse cuts";
    }
    const std::size_t next = std::min(code_.find_first_not_of(" \t\r\n", at_), code_.size());
    if (in_path || (next < code_.size() && code_[next] == '.')) return;
    if (dialect_.quoted != QuotedNames::kExact && dialect_.quoted != QuotedNames::kSetting) return;
    std::string folded(name);
    for (char& c : folded) c = LowerAscii(c);
    quoted_.insert(std::move(folded));
  }

  bool IsCut(std::string_view name) const { return dialect_.name_bytes != 0 && name.size() > dialect_.name_bytes; }

  void Word() {
    const std::size_t begin = at_;
    while (at_ < code_.size() && IsWord(code_[at_])) ++at_;
    const std::string_view word = code_.substr(begin, at_ - begin);
    const auto is_quote = [](char c) { return c == '\'' || c == '"'; };
    // `e'…'`; `u&"…"`, of which `uescape` chooses what stands for a backslash.
    const bool prefix = is_quote(Peek(0)) && std::any_of(kPrefixes.begin(), kPrefixes.end(), [word](std::string_view one) {
                          return EqualIgnoringCase(word, one);
                        });
    if (prefix || (EqualIgnoringCase(word, "u") && Peek(0) == '&' && is_quote(Peek(1)))) {
      why_ = "has a string literal with a prefix";
    } else if (IsCut(word)) {
      why_ = "has a name that the warehouse cuts";
    } else if (EqualIgnoringCase(word, "safe_cast")) {
      out_ += "try_cast";
    } else if (EqualIgnoringCase(word, "except") && AfterStar()) {
      out_ += "exclude";
    } else {
      out_ += word;
    }
  }

  bool AfterStar() const {
    const std::size_t last = out_.find_last_not_of(" \t\r\n");
    return last != std::string::npos && out_[last] == '*';
  }

  std::string_view code_;
  const Dialect& dialect_;
  bool duckdb_;
  std::size_t at_ = 0;
  std::string out_, why_;
  std::set<std::string, std::less<>> quoted_;
};

}  // namespace

std::optional<DuckdbSql> AsDuckdbSql(std::string_view code, std::string_view adapter_type, std::string* why) {
  const Dialect* dialect = FindDialect(adapter_type);
  if (dialect == nullptr) {
    *why = "SQL of adapter `" + std::string(adapter_type) + "` is not read";
    return std::nullopt;
  }
  return Rewriter(code, *dialect, adapter_type == "duckdb").Run(why);
}

}  // namespace weir::manifest
