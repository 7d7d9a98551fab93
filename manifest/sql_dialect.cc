#include "manifest/sql_dialect.h"

#include <array>

#include "manifest/column_names.h"

namespace weir::manifest {
namespace {

struct Dialect {
  std::string_view adapter;
  bool backticks = false;         // quote names
  bool backslash_escapes = false; // in string literals
  bool hash_comments = false;
  bool slash_comments = false;    // `//`
  bool nested_comments = false;   // as DuckDB's
  bool quotes_are_strings = false; // "…" is a literal: read as a name it only adds
};

constexpr std::array<Dialect, 10> kDialects = {{
    {"duckdb", false, false, false, false, true, false},
    {"postgres", false, false, false, false, true, false},
    {"redshift", false, false, false, false, true, false},
    {"trino", false, false, false, false, false, false},
    {"athena", false, false, false, false, false, false},
    {"snowflake", false, true, false, true, false, false},
    {"bigquery", true, true, true, false, false, true},
    {"databricks", true, true, false, false, true, true},
    {"spark", true, true, false, false, true, true},
    {"motherduck", false, false, false, false, true, false},
}};

const Dialect* FindDialect(std::string_view adapter) {
  for (const Dialect& dialect : kDialects) {
    if (dialect.adapter == adapter) return &dialect;
  }
  return nullptr;
}

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Rewriter {
 public:
  Rewriter(std::string_view code, const Dialect& dialect, bool duckdb)
      : code_(code), dialect_(dialect), duckdb_(duckdb) {}

  std::optional<std::string> Run(std::string* why) {
    while (at_ < code_.size() && why_.empty()) Step();
    if (!why_.empty()) {
      *why = "its SQL " + why_;
      return std::nullopt;
    }
    return std::move(out_);
  }

 private:
  char Peek(std::size_t ahead) const { return at_ + ahead < code_.size() ? code_[at_ + ahead] : '\0'; }

  void Step() {
    const char c = code_[at_];
    if (c == '\0') {
      why_ = "holds a zero byte";
    } else if (c == '-' && Peek(1) == '-') {
      at_ = std::min(code_.find('\n', at_), code_.size());
      out_ += ' ';
    } else if (c == '/' && Peek(1) == '*') {
      SkipComment();
    } else if (c == '\'' || c == '"' || (c == '`' && dialect_.backticks)) {
      Quoted(c);
    } else if (c == '$' || (c == '#' && !duckdb_) || (c == '/' && Peek(1) == '/' && dialect_.slash_comments) ||
               (c == '#' && dialect_.hash_comments) || c == '\\' || c == '`') {
      why_ = "is written in a way that DuckDB reads differently: `" + std::string(1, c) + "`";
    } else if (c == ':') {
      // Elsewhere `a:b` is a field of `a`; to DuckDB it is `b AS a`.
      if (Peek(1) != ':') {
        why_ = "is written in a way that DuckDB reads differently: `:`";
        return;
      }
      out_ += "::";
      at_ += 2;
    } else if (IsWord(c)) {
      Word();
    } else {
      out_ += c;
      ++at_;
    }
  }

  // Comments become a blank, so that only this reader decides where they end.
  void SkipComment() {
    const std::size_t end = code_.find("*/", at_ + 2);
    if (end == std::string_view::npos || code_.substr(at_ + 2, end - at_ - 2).find("/*") != std::string_view::npos) {
      why_ = "has a comment inside a comment";
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
    out_ += written;
    for (++at_; at_ < code_.size(); ++at_) {
      const char c = code_[at_];
      if (c == '\\' && dialect_.backslash_escapes && (Peek(1) == quote || Peek(1) == '\\')) {
        why_ = "escapes a quote with a backslash";
        return;
      }
      if (c == '"' && written == '"' && quote == '`') out_ += '"';
      out_ += c == quote ? written : c;
      if (c != quote) continue;
      if (Peek(1) != quote) {
        ++at_;
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

  void Word() {
    const std::size_t begin = at_;
    while (at_ < code_.size() && IsWord(code_[at_])) ++at_;
    const std::string_view word = code_.substr(begin, at_ - begin);
    const bool prefix = at_ < code_.size() && (code_[at_] == '\'' || code_[at_] == '"');
    const bool literal = EqualIgnoringCase(word, "e") || EqualIgnoringCase(word, "r") || EqualIgnoringCase(word, "b") ||
                         EqualIgnoringCase(word, "u") || EqualIgnoringCase(word, "rb") || EqualIgnoringCase(word, "br");
    if (prefix && literal) {
      why_ = "has a string literal with a prefix";
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
};

}  // namespace

std::optional<std::string> AsDuckdbSql(std::string_view code, std::string_view adapter_type, std::string* why) {
  const Dialect* dialect = FindDialect(adapter_type);
  if (dialect == nullptr) {
    *why = "SQL of adapter `" + std::string(adapter_type) + "` is not read";
    return std::nullopt;
  }
  return Rewriter(code, *dialect, adapter_type == "duckdb").Run(why);
}

}  // namespace weir::manifest
