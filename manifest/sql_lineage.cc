#include "manifest/sql_lineage.h"

#include <algorithm>
#include <array>

#include "manifest/column_names.h"
#include "manifest/sql_scope.h"

namespace weir::manifest {
namespace {

using Ctes = std::map<std::string, SqlRelation, std::less<>>;

std::string Text(const Value& map, std::string_view key) {
  const Value* value = map.Find(key);
  return value == nullptr ? std::string() : value->text();
}

std::string Folded(std::string text) {
  for (char& c : text) c = LowerAscii(c);
  return text;
}

bool IsSet(const Value& map, std::string_view key) {
  const Value* value = map.Find(key);
  if (value == nullptr || value->IsNull()) return false;
  if (value->kind() == Value::Kind::kBool) return value->text() == "true";
  return !value->text().empty() || !value->items().empty() || !value->members().empty();
}

constexpr std::array<std::string_view, 13> kClasses = {
    "COLUMN_REF", "CONSTANT", "FUNCTION", "CASE",   "COMPARISON", "CONJUNCTION", "OPERATOR",
    "CAST",       "BETWEEN",  "WINDOW",   "LAMBDA", "COLLATE",    "SUBQUERY"};

// Functions that are written without an argument, or of which a star counts rows.
constexpr std::array<std::string_view, 12> kOfNothing = {
    "count_star", "count", "now", "current_date", "current_timestamp", "get_current_timestamp", "today", "random",
    "uuid", "gen_random_uuid", "getdate", "sysdate"};

// Functions whose text is a name or a query: the columns that they read stand in no tree.
constexpr std::array<std::string_view, 11> kOfText = {
    "identifier", "query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema", "cursor_to_xml", "table_to_xml",
    "table_to_xml_and_xmlschema", "schema_to_xml", "database_to_xml", "reflect", "java_method"};

bool ReadsText(const std::string& function) {
  return std::find(kOfText.begin(), kOfText.end(), function) != kOfText.end();
}

class Tracer {
 public:
  Tracer(const std::set<std::string, std::less<>>& quoted, const SqlTables& tables) : quoted_(quoted), tables_(tables) {}

  bool failed() const { return !why_.empty(); }
  const std::string& why() const { return why_; }

  SqlRelation Query(const Value& node, Ctes ctes, const SqlScope* outer) {
    ReadCtes(node, &ctes, outer);
    const std::string type = Text(node, "type");
    if (failed()) return {};
    if (type == "SELECT_NODE") return Select(node, ctes, outer);
    if (type == "SET_OPERATION_NODE") return SetOperation(node, ctes, outer);
    return Fail("has a query of type " + type);
  }

 private:
  SqlRelation Fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return {};
  }

  // `select *` of a table joined with itself, and that again: twenty-five lines would be thirty million columns. False: too
  // many.
  bool Spend(std::size_t columns) {
    static constexpr std::size_t kMost = 200'000;  // of one model's SQL, counted wherever a star or a WITH is taken up
    spent_ += columns;
    if (spent_ > kMost) Fail("has stars that stand for more than " + std::to_string(kMost) + " columns");
    return spent_ <= kMost;
  }

  // A statement and its WITH: in order, since each sees those before it.
  SqlRelation Statement(const Value& statement, const Ctes& ctes, const SqlScope* outer) {
    const Value* node = statement.Find("node");
    return node == nullptr ? Fail("has a query that is none") : Query(*node, ctes, outer);
  }

  void ReadCtes(const Value& node, Ctes* ctes, const SqlScope* outer) {
    const Value* map = node.Find("cte_map");
    const Value* entries = map == nullptr ? nullptr : map->Find("map");
    if (entries == nullptr) return;
    for (const Value& entry : entries->items()) {
      const Value* value = entry.Find("value");
      const Value* query = value == nullptr ? nullptr : value->Find("query");
      if (query == nullptr) return void(Fail("has a WITH that is none"));
      SqlRelation relation = Statement(*query, *ctes, outer);
      Rename(value->Find("aliases"), &relation);
      std::string name = Folded(Text(entry, "key"));
      // To BigQuery a name with dots may be a path; `"C"` may or may not be `c`.
      if (name.find('.') != std::string::npos || quoted_.contains(name)) {
        return void(Fail("has a WITH `" + name + "`, a name that is written in quotes, too"));
      }
      // Which of two counts differs between warehouses, and so does which names are two.
      if (!ctes->emplace(std::move(name), std::move(relation)).second) return void(Fail("has a WITH inside another of its name"));
    }
  }

  // `t(a, b)`.
  void Rename(const Value* names, SqlRelation* relation) {
    if (names == nullptr || names->items().empty()) return;
    if (!relation->stars.empty() || !relation->ordered || names->items().size() > relation->columns.size()) {
      return void(Fail("names columns of which the number is not known"));
    }
    for (std::size_t i = 0; i < names->items().size(); ++i) {
      relation->columns[i].name = Folded(names->items()[i].text());
    }
  }

  SqlRelation SetOperation(const Value& node, const Ctes& ctes, const SqlScope* outer) {
    const std::string kind = Text(node, "setop_type");
    if (kind != "UNION" && kind != "EXCEPT" && kind != "INTERSECT") return Fail("has a set operation " + kind);
    std::vector<const Value*> sides;
    if (const Value* children = node.Find("children")) {
      for (const Value& child : children->items()) sides.push_back(&child);
    } else {
      sides = {node.Find("left"), node.Find("right")};
    }
    SqlRelation out;
    for (std::size_t i = 0; i < sides.size() && !failed(); ++i) {
      if (sides[i] == nullptr) return Fail("has a set operation of one side");
      SqlRelation side = Query(*sides[i], ctes, outer);
      if (failed()) return {};
      if (!side.stars.empty() || !side.ordered) return Fail("joins `select *` of unknown columns by UNION");
      if (i > 0 && side.columns.size() != out.columns.size()) return Fail("has a UNION of unequal sides");
      for (std::size_t k = 0; k < side.columns.size(); ++k) {
        side.columns[k].origin.from.insert(side.always.begin(), side.always.end());
        if (i == 0) continue;
        SqlOrigin& origin = out.columns[k].origin;
        origin.copied = origin.copied && side.columns[k].origin.copied;
        origin.from.insert(side.columns[k].origin.from.begin(), side.columns[k].origin.from.end());
        origin.copied = origin.copied && origin.from.size() == 1;
      }
      if (i == 0) {
        out = std::move(side);
        continue;
      }
      out.rows.insert(side.rows.begin(), side.rows.end());
      const SqlColumns all = side.All();
      if (kind != "UNION") out.rows.insert(all.begin(), all.end());
    }
    SqlScope scope(outer);
    scope.Add("", out);
    Modifiers(node, ctes, scope, &out);
    return out;
  }

  SqlRelation Select(const Value& node, const Ctes& ctes, const SqlScope* outer) {
    SqlScope scope(outer);
    SqlRelation out;
    if (const Value* from = node.Find("from_table")) From(*from, ctes, &scope, &out.rows);
    const Value* list = node.Find("select_list");
    if (list == nullptr || failed()) return Fail("has no list of columns");
    for (const Value& item : list->items()) {
      if (failed()) return {};
      if (Text(item, "class") == "STAR") {
        Star(item, ctes, scope, &out);
        continue;
      }
      SqlRelation::Named named{Folded(Text(item, "alias")), Expression(item, ctes, scope)};
      const Value* path = item.Find("column_names");
      if (named.name.empty() && Text(item, "class") == "COLUMN_REF" && path != nullptr && !path->items().empty()) {
        named.name = Folded(path->items().back().text());
      }
      if (IsSet(item, "alias")) scope.AddAlias(named.name, named.origin);
      if (MayMultiply(item)) out.ordered = false;
      out.columns.push_back(std::move(named));
    }
    for (const char* key : {"where_clause", "group_expressions", "having", "qualify"}) {
      if (const Value* part = node.Find(key)) Collect(*part, ctes, scope, &out.rows);
    }
    Modifiers(node, ctes, scope, &out);
    return out;
  }

  static bool MayMultiply(const Value& item) {  // `unnest(struct)` and their like become several columns
    return EqualIgnoringCase(Text(item, "function_name"), "unnest");
  }

  // ORDER BY, LIMIT, DISTINCT ON: which rows there are.
  void Modifiers(const Value& node, const Ctes& ctes, const SqlScope& scope, SqlRelation* out) {
    if (const Value* modifiers = node.Find("modifiers")) Collect(*modifiers, ctes, scope, &out->rows);
  }

  void Star(const Value& item, const Ctes& ctes, const SqlScope& scope, SqlRelation* out) {
    for (const Value::Member& member : item.members()) {
      const bool known = member.key == "class" || member.key == "type" || member.key == "query_location" ||
                         member.key == "relation_name" || member.key == "exclude_list" || member.key == "replace_list";
      if (!known && IsSet(item, member.key)) return void(Fail("has a star with " + member.key));
    }
    std::set<std::string> without;
    if (const Value* excluded = item.Find("exclude_list")) {
      for (const Value& name : excluded->items()) without.insert(Folded(name.text()));
    }
    std::vector<SqlRelation::Named> replaced;
    if (const Value* replacing = item.Find("replace_list")) {
      for (const Value& entry : replacing->items()) {
        const Value* value = entry.Find("value");
        if (value == nullptr) return void(Fail("has a star that replaces nothing"));
        replaced.push_back({Folded(Text(entry, "key")), Expression(*value, ctes, scope)});
        without.insert(replaced.back().name);
      }
    }
    const std::vector<const SqlScope::Entry*> entries = scope.Visible(Folded(Text(item, "relation_name")));
    if (entries.empty()) return void(Fail("has a star of nothing"));
    if (entries.size() > 1 || !replaced.empty()) out->ordered = false;
    for (const SqlScope::Entry* entry : entries) {
      const SqlRelation& relation = entry->relation;
      if (!Spend(relation.columns.size() + relation.stars.size())) return;
      out->ordered = out->ordered && relation.ordered;
      for (const SqlRelation::Named& named : relation.columns) {
        if (without.contains(named.name)) continue;
        out->columns.push_back(named);
        SqlOrigin& origin = out->columns.back().origin;
        if (!relation.always.empty()) origin.copied = false;
        origin.from.insert(relation.always.begin(), relation.always.end());
      }
      for (SqlRelation::Star star : relation.stars) {
        star.without.insert(without.begin(), without.end());
        out->stars.push_back(std::move(star));
        out->always.insert(relation.always.begin(), relation.always.end());
      }
    }
    out->columns.insert(out->columns.end(), replaced.begin(), replaced.end());
  }

  void From(const Value& from, const Ctes& ctes, SqlScope* scope, SqlColumns* rows) {
    const std::string type = Text(from, "type");
    const std::string alias = Folded(Text(from, "alias"));
    if (type == "EMPTY") return;
    if (type == "JOIN") return Join(from, ctes, scope, rows);
    SqlRelation relation;
    std::string name = alias;
    if (type == "BASE_TABLE") {
      if (name.empty()) name = Folded(Text(from, "table_name"));
      relation = Table(from, ctes);
    } else if (type == "SUBQUERY") {
      const Value* query = from.Find("subquery");
      if (query == nullptr) return void(Fail("has a subquery that is none"));
      relation = Statement(*query, ctes, scope);  // LATERAL sees what stands left of it
    } else if (type == "EXPRESSION_LIST") {
      relation = Rows(from, ctes, *scope);
    } else {
      return void(Fail("reads from " + type));
    }
    if (failed()) return;
    Rename(from.Find("column_name_alias"), &relation);
    rows->insert(relation.rows.begin(), relation.rows.end());
    scope->Add(name, std::move(relation));
  }

  SqlRelation Table(const Value& from, const Ctes& ctes) {
    const std::string catalog = Text(from, "catalog_name"), schema = Text(from, "schema_name");
    const std::string table = Text(from, "table_name");
    if (catalog.empty() && schema.empty()) {
      if (const auto cte = ctes.find(Folded(table)); cte != ctes.end()) {
        return Spend(cte->second.columns.size() + cte->second.stars.size()) ? cte->second : SqlRelation();
      }
    }
    const std::optional<std::string> id = tables_(catalog, schema, table);
    if (!id) return Fail("reads table `" + table + "`, which is no parent of it");
    SqlRelation out;
    out.stars.push_back({*id, {}});
    return out;
  }

  SqlRelation Rows(const Value& from, const Ctes& ctes, const SqlScope& scope) {  // VALUES
    SqlRelation out;
    const Value* values = from.Find("values");
    if (values == nullptr) return Fail("has VALUES of nothing");
    for (const Value& row : values->items()) {
      out.columns.resize(std::max(out.columns.size(), row.items().size()));
      for (std::size_t i = 0; i < row.items().size(); ++i) {
        out.columns[i].name = "col" + std::to_string(i);
        Collect(row.items()[i], ctes, scope, &out.columns[i].origin.from);
      }
    }
    return out;
  }

  void Join(const Value& from, const Ctes& ctes, SqlScope* scope, SqlColumns* rows) {
    const Value *left = from.Find("left"), *right = from.Find("right");
    if (left == nullptr || right == nullptr) return void(Fail("has a join of one side"));
    const std::size_t first = scope->size();
    From(*left, ctes, scope, rows);
    const std::size_t middle = scope->size();
    if (!failed()) From(*right, ctes, scope, rows);
    if (failed()) return;
    SqlColumns condition;
    if (const Value* on = from.Find("condition")) {
      Collect(*on, ctes, *scope, rows);
      BeyondKeys(*on, ctes, *scope, &condition);
    }
    if (const Value* names = from.Find("using_columns")) {
      for (const Value& name : names->items()) {
        const auto found = scope->Find({Folded(name.text())});
        if (!found) return void(Fail("joins by `" + name.text() + "`, which is not known"));
        rows->insert(found->from.begin(), found->from.end());
      }
    }
    // On the side that may be null, null tells what the conditions found out: all but which key has a partner.
    const std::string kind = Text(from, "join_type");
    if (kind != "INNER" && kind != "LEFT" && kind != "RIGHT" && kind != "OUTER" && kind != "FULL" && kind != "SEMI" &&
        kind != "ANTI") {
      return void(Fail("has a join of type " + kind));
    }
    const bool left_null = kind == "RIGHT" || kind == "OUTER" || kind == "FULL";
    const bool right_null = kind == "LEFT" || kind == "OUTER" || kind == "FULL";
    if (left_null) scope->MayBeNull(first, middle, condition);
    if (right_null) scope->MayBeNull(middle, scope->size(), condition);
  }

  // What an ON asks besides `a.x = b.y`.
  void BeyondKeys(const Value& on, const Ctes& ctes, const SqlScope& scope, SqlColumns* out) {
    if (Text(on, "type") == "CONJUNCTION_AND") {
      const Value* children = on.Find("children");
      if (children == nullptr) return;
      for (const Value& child : children->items()) BeyondKeys(child, ctes, scope, out);
      return;
    }
    const Value *left = on.Find("left"), *right = on.Find("right");
    const bool key = Text(on, "type") == "COMPARE_EQUAL" && left != nullptr && right != nullptr &&
                     Text(*left, "class") == "COLUMN_REF" && Text(*right, "class") == "COLUMN_REF";
    if (!key) Collect(on, ctes, scope, out);
  }

  SqlOrigin Expression(const Value& expression, const Ctes& ctes, const SqlScope& scope) {
    if (Text(expression, "class") == "COLUMN_REF") return Reference(expression, scope);
    SqlOrigin out;
    Collect(expression, ctes, scope, &out.from);
    return out;
  }

  SqlOrigin Reference(const Value& reference, const SqlScope& scope) {
    std::vector<std::string> path;
    if (const Value* names = reference.Find("column_names")) {
      for (const Value& name : names->items()) path.push_back(Folded(name.text()));
    }
    if (auto found = scope.Find(path)) return std::move(*found);
    Fail("has a column `" + (path.empty() ? std::string() : path.back()) + "` whose table is not known");
    return {};
  }

  // Everything that any column below `value` comes from.
  void Collect(const Value& value, const Ctes& ctes, const SqlScope& scope, SqlColumns* out) {
    if (failed()) return;
    for (const Value& item : value.items()) Collect(item, ctes, scope, out);
    if (value.kind() != Value::Kind::kMap) return;
    const std::string kind = Text(value, "class");
    if (kind == "COLUMN_REF") {
      const SqlOrigin origin = Reference(value, scope);
      out->insert(origin.from.begin(), origin.from.end());
      return;
    }
    if (kind == "CONSTANT") return;
    if (kind == "STAR") return AllVisible(value, ctes, scope, out);
    if (kind == "SUBQUERY") return Subquery(value, ctes, scope, out);
    if (kind == "LAMBDA") return Lambda(value, ctes, scope, out);
    if (!kind.empty() && std::find(kClasses.begin(), kClasses.end(), kind) == kClasses.end()) {
      return void(Fail("has an expression of class " + kind));
    }
    if (const std::string name = Folded(Text(value, "function_name")); ReadsText(name)) {
      return void(Fail("calls `" + name + "`, which reads what its text names"));
    }
    if (MayTakeAll(value, kind)) AllVisible(Value(), ctes, scope, out);
    for (const Value::Member& member : value.members()) Collect(member.value, ctes, scope, out);
  }

  // The parser drops a star that is a function's only argument: `hash(*)` looks as `hash()` does.
  static bool MayTakeAll(const Value& value, const std::string& kind) {
    if (kind != "FUNCTION" && !(kind == "WINDOW" && Text(value, "type") == "WINDOW_AGGREGATE")) return false;
    if (IsSet(value, "children")) return false;
    const std::string name = Folded(Text(value, "function_name"));
    return std::find(kOfNothing.begin(), kOfNothing.end(), name) == kOfNothing.end();
  }

  void AllVisible(const Value& star, const Ctes& ctes, const SqlScope& scope, SqlColumns* out) {
    for (const SqlScope::Entry* entry : scope.Visible(Folded(Text(star, "relation_name")))) {
      const SqlColumns all = entry->relation.All();
      out->insert(all.begin(), all.end());
    }
    if (const Value* replaced = star.Find("replace_list")) Collect(*replaced, ctes, scope, out);
  }

  // Its value also tells which rows it found.
  void Subquery(const Value& value, const Ctes& ctes, const SqlScope& scope, SqlColumns* out) {
    const Value* query = value.Find("subquery");
    if (query == nullptr) return void(Fail("has a subquery that is none"));
    const SqlRelation relation = Statement(*query, ctes, &scope);
    const SqlColumns all = relation.All();
    out->insert(all.begin(), all.end());
    out->insert(relation.rows.begin(), relation.rows.end());
    if (const Value* child = value.Find("child")) Collect(*child, ctes, scope, out);
  }

  void Lambda(const Value& value, const Ctes& ctes, const SqlScope& scope, SqlColumns* out) {
    SqlScope inner(&scope);
    const Value *parameters = value.Find("lhs"), *body = value.Find("expr");
    if (parameters == nullptr || body == nullptr) return void(Fail("has a lambda that is none"));
    // `a -> b` is a lambda with a parameter `a`, or a field of a JSON column `a`: both are meant.
    const Value* names = parameters->Find("column_names");
    if (names != nullptr && names->items().size() == 1) {
      const std::string name = Folded(names->items().front().text());
      inner.AddAlias(name, {});
      if (const auto column = scope.Find({name})) out->insert(column->from.begin(), column->from.end());
    } else {
      Collect(*parameters, ctes, scope, out);
    }
    Collect(*body, ctes, inner, out);
  }

  const std::set<std::string, std::less<>>& quoted_;
  const SqlTables& tables_;
  std::string why_;
  std::size_t spent_ = 0;
};

}  // namespace

std::optional<SqlRelation> TraceSql(const Value& tree, const std::set<std::string, std::less<>>& quoted,
                                    const SqlTables& tables, std::string* why) {
  const Value* statements = tree.Find("statements");
  if (statements == nullptr || IsSet(tree, "error")) {
    *why = "its SQL is not understood by DuckDB's parser";
    return std::nullopt;
  }
  const Value* node = statements->items().size() == 1 ? statements->items().front().Find("node") : nullptr;
  if (node == nullptr) {
    *why = "its SQL is not one SELECT";
    return std::nullopt;
  }
  Tracer tracer(quoted, tables);
  SqlRelation out = tracer.Query(*node, {}, nullptr);
  if (tracer.failed()) {
    *why = "its SQL " + tracer.why();
    return std::nullopt;
  }
  return out;
}

}  // namespace weir::manifest
