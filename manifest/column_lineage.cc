#include "manifest/column_lineage.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "audit/digest.h"
#include "manifest/artifacts.h"
#include "manifest/column_names.h"
#include "manifest/json_document.h"
#include "manifest/relation.h"
#include "manifest/sql_dialect.h"

namespace weir::manifest {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{256} << 10;
constexpr std::size_t kMostSqlBytes = std::size_t{1} << 20;

bool HasLineage(const Node& node) {
  return node.type == ResourceType::kModel || node.type == ResourceType::kSnapshot;
}

std::string Folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = LowerAscii(c);
  return out;
}

// `d.s.t`, folded. Two tables that differ in case alone count as one, which is then several and so not known.
std::string PathOf(std::string_view catalog, std::string_view schema, std::string_view table) {
  std::string path;
  for (const std::string_view part : {catalog, schema, table}) {
    if (!part.empty()) path.append(path.empty() ? "" : ".").append(Folded(part));
  }
  return path;
}

struct Table {
  std::string path, schema;  // folded
  std::string id;
};

std::optional<Table> TableOf(const std::string& relation, const std::string& id) {
  const auto parsed = ParseRelation(relation);
  if (!parsed) return std::nullopt;
  return Table{PathOf(parsed->database(), parsed->schema(), parsed->identifier()), Folded(parsed->schema()), id};
}

// BigQuery writes a whole path within one pair of quotes.
std::string_view LastOf(std::string_view path) { return path.substr(path.rfind('.') + 1); }

bool EndsWith(const std::string& path, const std::string& end) {
  return path.ends_with(end) && (path.size() == end.size() || path[path.size() - end.size() - 1] == '.');
}

// Whichever of the two leaves out its schema or its database.
bool MayBe(const Table& table, const std::string& path) {
  return EndsWith(table.path, path) || EndsWith(path, table.path);
}

// Every table of the project, by what it is called without its schema.
class Tables {
 public:
  explicit Tables(const Project& project) {
    for (const Node& node : project.nodes) Add(node.relation_name, node.unique_id);
    for (const Source& source : project.sources) Add(source.relation_name, source.unique_id);
  }

  std::set<std::string> Find(const std::string& path) const {
    std::set<std::string> found;
    const auto [begin, end] = by_identifier_.equal_range(LastOf(path));
    for (auto one = begin; one != end; ++one) {
      if (MayBe(one->second, path)) found.insert(one->second.id);
    }
    return found;
  }

  // Whether all of them are one table: a seed, and the source that it fills.
  bool AreOne(const std::string& path) const {
    std::set<std::string> paths;
    const auto [begin, end] = by_identifier_.equal_range(LastOf(path));
    for (auto one = begin; one != end; ++one) {
      if (MayBe(one->second, path)) paths.insert(one->second.path);
    }
    return paths.size() == 1;
  }

  // Those of which schema and name stand behind each other in a text that nobody could parse, whatever is between.
  std::set<std::string> Mentioned(std::string_view text) const {
    std::set<std::string> found;
    std::string before, word;
    const auto end_word = [&] {
      if (word.empty()) return;
      const auto [begin, end] = by_identifier_.equal_range(word);
      for (auto one = begin; one != end; ++one) {
        if (one->second.schema == before) found.insert(one->second.id);
      }
      before = std::move(word);
      word.clear();
    };
    for (const char c : text) {
      const bool part = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                        static_cast<unsigned char>(c) >= 0x80;
      if (part) {
        word.push_back(LowerAscii(c));
      } else {
        end_word();
      }
    }
    end_word();
    return found;
  }

 private:
  void Add(const std::string& relation, const std::string& id) {
    if (auto table = TableOf(relation, id)) by_identifier_.emplace(std::string(LastOf(table->path)), std::move(*table));
  }

  std::multimap<std::string, Table, std::less<>> by_identifier_;
};

// The tables that one model's SQL should read: its parents', and through an ephemeral parent those of that one's.
class Parents {
 public:
  Parents(const Project& project, const Node& node) {
    std::set<std::string> seen;
    Add(project, node, &seen);
  }

  std::set<std::string> Find(const std::string& path) const {
    std::set<std::string> found;
    for (const Table& table : tables_) {
      if (MayBe(table, path)) found.insert(table.id);
    }
    return found;
  }

  bool Has(const std::string& id) const {
    return std::any_of(tables_.begin(), tables_.end(), [&](const Table& table) { return table.id == id; });
  }

 private:
  void Add(const Project& project, const Node& node, std::set<std::string>* seen) {
    for (const Text& id : node.depends_on) {
      if (!seen->insert(id).second) continue;
      const Node* parent = project.FindNode(id);
      const Source* source = parent == nullptr ? project.FindSource(id) : nullptr;
      const std::string relation = parent != nullptr ? parent->relation_name : source != nullptr ? source->relation_name : "";
      if (auto table = TableOf(relation, id)) {
        tables_.push_back(std::move(*table));
      } else if (parent != nullptr && relation.empty()) {
        Add(project, *parent, seen);
      }
    }
  }

  std::vector<Table> tables_;
};

// The parser's answer as a value; null for what is no JSON, or nests too deep.
Value TreeOf(const std::string& json) {
  try {
    const ArtifactFile file = ArtifactFile::FromText("lineage", "{\"tree\":" + json + "}");
    JsonDocument document(file, "");
    Value tree;
    document.EachField([&](std::string_view, JsonNode& node) { tree = node.ToValue(); });
    return tree;
  } catch (const ArtifactError&) {
    return {};
  }
}

// As the parent documents it: policies and people know columns by that name.
ColumnSource Written(const Project& project, const SqlColumn& column) {
  const Node* node = project.FindNode(column.table);
  const Source* source = node == nullptr ? project.FindSource(column.table) : nullptr;
  const Column* documented = node != nullptr     ? node->FindColumn(column.column)
                             : source != nullptr ? source->FindColumn(column.column)
                                                 : nullptr;
  return {column.table, documented == nullptr ? column.column : documented->name.str()};
}

}  // namespace

std::string_view Name(LineageProof proof) {
  switch (proof) {
    case LineageProof::kInfoSchema:
      return "information schema";
    case LineageProof::kSql:
      return "sql";
    case LineageProof::kConservative:
      break;
  }
  return "conservative";
}

// dbt writes the edges of the models that it could analyze, and keeps those of earlier runs: an edge counts for the SQL that
// it was made of. A column of which it names no parent is not known to be a constant.
void ProjectLineage::AddInfoSchema(const Project& project, const InfoSchema& info_schema) {
  const auto is_known = [&project](const std::string& id) {
    return project.FindNode(id) != nullptr || project.FindSource(id) != nullptr;
  };
  for (auto edge = info_schema.edges.begin(); edge != info_schema.edges.end();) {
    const std::string& child = edge->child;
    const auto end = std::find_if(edge, info_schema.edges.end(), [&child](const InfoSchemaEdge& other) { return other.child != child; });
    const auto digest = info_schema.code_digests.find(child);
    const Node* const node = project.FindNode(child);
    const bool counts = node != nullptr && HasLineage(*node) && !node->compiled_code.empty() &&
                        digest != info_schema.code_digests.end() &&
                        digest->second == audit::Hex(audit::Sha256(node->compiled_code)) &&
                        std::all_of(edge, end, [&](const InfoSchemaEdge& one) {
                          return !one.child_column.empty() && is_known(one.parent);
                        });
    for (; edge != end && counts;) {
      const std::string& column = edge->child_column;
      const auto column_end = std::find_if(edge, end, [&column](const InfoSchemaEdge& other) { return other.child_column != column; });
      // Where rows are chosen is no part of a value, unless dbt names nothing else.
      const bool valued = std::any_of(edge, column_end, [](const InfoSchemaEdge& one) { return one.use != ColumnUse::kScanned; });
      ColumnLineage& lineage = analyzed_[child][column];
      lineage.proof = LineageProof::kInfoSchema;
      bool copies = true;
      for (; edge != column_end; ++edge) {
        if (valued && edge->use == ColumnUse::kScanned) continue;
        copies = copies && edge->use == ColumnUse::kCopied && !edge->parent_column.empty();
        lineage.from.push_back(Written(project, {edge->parent, edge->parent_column.empty() ? "*" : Folded(edge->parent_column)}));
      }
      std::sort(lineage.from.begin(), lineage.from.end());
      lineage.from.erase(std::unique(lineage.from.begin(), lineage.from.end()), lineage.from.end());
      lineage.copied = copies && lineage.from.size() == 1;
    }
    edge = end;
  }
}

std::optional<ColumnLineage> ProjectLineage::OfInfoSchema(const Node& node, std::string_view folded) const {
  const auto columns = analyzed_.find(node.unique_id);
  if (columns == analyzed_.end()) return std::nullopt;
  const auto found = columns->second.find(folded);
  if (found == columns->second.end()) return std::nullopt;
  return found->second;
}

ProjectLineage ProjectLineage::Trace(const Project& project, const LockedDuckdb::Options& options,
                                     const InfoSchema* info_schema, const std::set<std::string>* only) {
  ProjectLineage out;
  if (info_schema != nullptr) out.AddInfoSchema(project, *info_schema);
  const Tables tables(project);
  LockedDuckdb duckdb(options);
  struct Read {
    const Node* node;
    std::set<std::string, std::less<>> quoted;
  };
  std::vector<Read> batch;
  std::string values;
  const auto distrust = [&](const Node& node, const std::string& why) {
    out.remarks_[node.unique_id] = why;
    const Parents parents(project, node);
    for (const std::string& id : tables.Mentioned(node.compiled_code)) {
      if (id == node.unique_id || parents.Has(id)) continue;
      Beside& beside = out.beside_[node.unique_id];
      beside.ids.push_back(id);
      beside.tables.push_back(id);
    }
  };
  const auto flush = [&] {
    if (batch.empty()) return;
    // The flags leave out what says nothing, which is most of a tree.
    const LockedDuckdb::Answer answer = duckdb.Query(
        "SELECT json_serialize_sql(s, skip_null := true, skip_empty := true, skip_default := true)::VARCHAR FROM (VALUES " +
        values + ") t(i, s) ORDER BY i");
    const bool good = answer.status == LockedDuckdb::Answer::Status::kRows && answer.rows.size() == batch.size();
    const bool unavailable = answer.status == LockedDuckdb::Answer::Status::kUnavailable;
    if (unavailable) out.unavailable_ = answer.problem;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Node& node = *batch[i].node;
      const Parents parents(project, node);
      if (!good || answer.rows[i].size() != 1 || !answer.rows[i][0]) {
        distrust(node, good          ? "its SQL is not understood by DuckDB's parser"
                       : unavailable ? std::string(kNotRead)
                                     : "SQL is not read: " + answer.problem);
        continue;
      }
      std::string why;
      std::optional<SqlRelation> relation = TraceSql(
          TreeOf(*answer.rows[i][0]), batch[i].quoted,
          [&](std::string_view catalog, std::string_view schema, std::string_view table) {
            const std::string path = PathOf(catalog, schema, table);
            return out.Resolve(node, parents.Find(path), tables.Find(path), tables.AreOne(path), path);
          },
          &why);
      if (relation) {
        out.relations_[node.unique_id] = std::move(*relation);
      } else {
        distrust(node, why);
      }
    }
    batch.clear();
    values.clear();
  };
  for (const Node& node : project.nodes) {
    if (!HasLineage(node) || (only != nullptr && !only->contains(node.unique_id))) continue;
    std::string why;
    std::optional<DuckdbSql> sql;
    if (node.language == "python") {
      why = "it is written in Python";
    } else if (node.compiled_code.empty()) {
      why = "its compiled SQL is not in the manifest; run `dbt compile`";
    } else if (node.compiled_code.size() > kMostSqlBytes) {
      why = "its SQL is larger than 1 MiB";
    } else {
      sql = AsDuckdbSql(node.compiled_code, project.metadata.adapter_type, &why);
    }
    const std::optional<std::string> literal = sql ? SqlLiteral(sql->text) : std::nullopt;
    if (!literal) {
      distrust(node, why);
      continue;
    }
    values += (values.empty() ? "(" : ", (") + std::to_string(batch.size()) + ", " + *literal + ")";
    batch.push_back({&node, std::move(sql->quoted)});
    if (values.size() > kBatchBytes) flush();
  }
  flush();
  for (auto& [id, beside] : out.beside_) {
    for (auto* list : {&beside.tables, &beside.ids}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
  }
  return out;
}

std::optional<std::string> ProjectLineage::Resolve(const Node& node, const std::set<std::string>& parents,
                                                   const std::set<std::string>& all, bool one_table,
                                                   const std::string& path) {
  // A name without its schema may be that of any table of the project which is called so; and whoever declares a source
  // anew, with the table of another, must not get rid of what that one says.
  if (parents.size() == 1 && all.size() == 1) return *parents.begin();
  if (all.contains(node.unique_id)) return std::nullopt;  // `this`
  if (one_table && all.size() > 1 && !parents.empty()) {
    twins_[*all.begin()] = {all.begin(), all.end()};
    return *all.begin();
  }
  Beside& beside = beside_[node.unique_id];
  if (parents.empty()) beside.tables.push_back(path);
  for (const std::string& id : all) {
    if (!parents.contains(id)) beside.ids.push_back(id);
  }
  beside.unknown = beside.unknown || all.empty();
  if (all.size() != 1) return std::nullopt;
  return *all.begin();
}

const std::vector<std::string>& ProjectLineage::Strangers(const Node& node) const {
  static const std::vector<std::string> none;
  const auto found = beside_.find(node.unique_id);
  return found == beside_.end() ? none : found->second.tables;
}

ColumnLineage ProjectLineage::Of(const Project& project, const Node& node, std::string_view column) const {
  ColumnLineage out;
  if (node.type == ResourceType::kSeed) {  // a file of the project
    out.proof = LineageProof::kSql;
    return out;
  }
  // Of all columns (`*`) dbt lists those that it knows, which need not be all.
  if (std::optional<ColumnLineage> analyzed = OfInfoSchema(node, Folded(column))) return *std::move(analyzed);
  const auto relation = relations_.find(node.unique_id);
  if (relation != relations_.end()) {
    std::optional<SqlOrigin> origin;
    if (column == "*") {
      origin = SqlOrigin{relation->second.All(), false};
    } else {
      origin = relation->second.Find(Folded(column));
    }
    // A snapshot's own columns, and what only the warehouse names, are in no SELECT.
    if (origin) {
      out.proof = LineageProof::kSql;
      out.copied = origin->copied;
      for (const SqlColumn& source : origin->from) {
        const auto twins = twins_.find(source.table);
        if (twins == twins_.end()) {
          out.from.push_back(Written(project, source));
          continue;
        }
        for (const std::string& id : twins->second) out.from.push_back(Written(project, {id, source.column}));
      }
      std::sort(out.from.begin(), out.from.end());
      return out;
    }
    out.remark = "its SQL gives no column of that name";
  } else if (const auto remark = remarks_.find(node.unique_id); remark != remarks_.end()) {
    out.remark = remark->second;
  } else {
    out.remark = "it was not traced";
  }
  for (const Text& parent : node.depends_on) out.from.push_back({parent, "*"});
  if (const auto beside = beside_.find(node.unique_id); beside != beside_.end()) {
    for (const std::string& id : beside->second.ids) out.from.push_back({id, "*"});
    out.unbounded = beside->second.unknown;
  }
  out.unbounded = out.unbounded || out.from.empty();
  std::sort(out.from.begin(), out.from.end());
  out.from.erase(std::unique(out.from.begin(), out.from.end()), out.from.end());
  return out;
}

std::set<std::string> ProjectLineage::NamesInSql(const Node& node) const {
  std::set<std::string> out;
  const auto relation = relations_.find(node.unique_id);
  if (relation == relations_.end()) return out;
  for (const SqlRelation::Named& named : relation->second.columns) {
    if (!named.name.empty()) out.insert(named.name);
  }
  return out;
}

LineageCounts ProjectLineage::Count(const Project& project) const {
  LineageCounts counts;
  for (const Node& node : project.nodes) {
    if (!HasLineage(node)) continue;
    for (const Column& column : node.columns) {
      ++counts.of;
      const LineageProof proof = Of(project, node, column.name).proof;
      ++(proof == LineageProof::kInfoSchema ? counts.info_schema : proof == LineageProof::kSql ? counts.sql : counts.conservative);
    }
  }
  return counts;
}

}  // namespace weir::manifest
