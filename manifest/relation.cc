#include "manifest/relation.h"

#include <algorithm>
#include <cstdint>

namespace weir::manifest {
namespace {

enum class Folding : std::uint8_t { kNone, kLower, kUpper, kIgnoreCase };

// What becomes of names: kLower and kUpper fold unquoted ones only.
Folding FoldingOf(std::string_view adapter) {
  if (adapter == "postgres") return Folding::kLower;
  if (adapter == "snowflake") return Folding::kUpper;
  // Quoted or not, these do not tell names apart by case (Redshift by default).
  if (adapter == "redshift" || adapter == "duckdb" || adapter == "databricks" || adapter == "spark" ||
      adapter == "sqlserver" || adapter == "fabric" || adapter == "synapse" || adapter == "trino" ||
      adapter == "athena") {
    return Folding::kIgnoreCase;
  }
  return Folding::kNone;  // BigQuery, ClickHouse, and what is not known
}

char ClosingQuote(char c) {
  switch (c) {
    case '"':
      return '"';
    case '`':
      return '`';
    case '[':
      return ']';
    default:
      return '\0';
  }
}

std::string Folded(const RelationPart& part, Folding folding) {
  std::string text = part.text;
  const bool as_written = folding == Folding::kNone || (part.quoted && folding != Folding::kIgnoreCase);
  if (as_written) return text;
  std::transform(text.begin(), text.end(), text.begin(), [folding](char c) {
    if (folding == Folding::kUpper) return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// One part off the front; false when there is none.
bool TakePart(std::string_view* text, RelationPart* part) {
  if (text->empty()) return false;
  const char close = ClosingQuote(text->front());
  if (close == '\0') {
    const std::size_t end = std::min(text->find('.'), text->size());
    part->text = text->substr(0, end);
    part->quoted = false;
    text->remove_prefix(end);
    return !part->text.empty() && part->text.find_first_of(" \t\r\n;\"'`()[],") == std::string::npos;
  }
  part->quoted = true;
  for (std::size_t at = 1; at < text->size(); ++at) {
    const char c = (*text)[at];
    if (c != close) {
      part->text.push_back(c);
    } else if (at + 1 < text->size() && (*text)[at + 1] == close) {
      part->text.push_back(c);
      ++at;
    } else {
      text->remove_prefix(at + 1);
      return !part->text.empty();
    }
  }
  return false;
}

}  // namespace

std::optional<Relation> ParseRelation(std::string_view relation_name) {
  static constexpr std::size_t kMostParts = 3;
  Relation relation;
  std::string_view rest = relation_name;
  while (true) {
    RelationPart part;
    if (!TakePart(&rest, &part)) return std::nullopt;
    relation.parts.push_back(std::move(part));
    if (rest.empty()) return relation;
    if (rest.front() != '.' || relation.parts.size() == kMostParts) return std::nullopt;
    rest.remove_prefix(1);
  }
}

bool SameRelation(std::string_view a, std::string_view b, std::string_view adapter_type) {
  const std::optional<Relation> first = ParseRelation(a);
  const std::optional<Relation> second = ParseRelation(b);
  return first && second && SameRelation(*first, *second, adapter_type);
}

bool SameRelation(const Relation& a, const Relation& b, std::string_view adapter_type) {
  const Folding folding = FoldingOf(adapter_type);
  return std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(),
                    [folding](const RelationPart& x, const RelationPart& y) {
                      return Folded(x, folding) == Folded(y, folding);
                    });
}

}  // namespace weir::manifest
