#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::manifest {

struct RelationPart {
  std::string text;  // without its quotes
  bool quoted = false;
  friend bool operator==(const RelationPart&, const RelationPart&) = default;
};

// A `relation_name` as dbt writes it for its adapter, taken apart: `"d"."s"."t"`, `` `p`.`d`.`t` ``,
// `DB.public.T`, `default.orders`, `[d].[s].[t]`.
struct Relation {
  std::vector<RelationPart> parts;  // 1 to 3: database, schema, identifier; the identifier is last

  std::string_view identifier() const { return parts.back().text; }
  std::string_view schema() const {
    return parts.size() < 2 ? std::string_view() : parts[parts.size() - 2].text;
  }
  std::string_view database() const { return parts.size() < 3 ? std::string_view() : parts.front().text; }
};

// nullopt for what is no such name: empty parts, more than three, an unclosed quote, text behind one.
std::optional<Relation> ParseRelation(std::string_view relation_name);

// Whether two relation names are of one table, by the adapter's rules of case (`metadata.adapter_type`): an
// unquoted part is folded as the warehouse folds it; an adapter that is not known compares exactly. False
// when either cannot be parsed or one has a part that the other lacks: an unknown database is not the same
// one.
bool SameRelation(std::string_view a, std::string_view b, std::string_view adapter_type);
bool SameRelation(const Relation& a, const Relation& b, std::string_view adapter_type);

}  // namespace weir::manifest
