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

// The tables that one model's SQL may read: its parents', and through an ephemeral parent those of that one's.
class Parents {
 public:
  Parents(const Project& project, const Node& node) {
    std::set<std::string> seen;
    Add(project, node, &seen);
  }

  std::optional<std::string> Find(std::string_view catalog, std::string_view schema, std::string_view table) const {
    const std::string wanted = PathOf(catalog, schema, table);
    std::set<std::string> found;
    for (const auto& [path, id] : tables_) {
      const bool ends = path.ends_with(wanted) && (path.size() == wanted.size() || path[path.size() - wanted.size() - 1] == '.');
      if (ends) found.insert(id);
    }
    if (found.size() != 1) return std::nullopt;
    return *found.begin();
  }

 private:
  void Add(const Project& project, const Node& node, std::set<std::string>* seen) {
    for (const std::string& id : node.depends_on) {
      if (!seen->insert(id).second) continue;
      const Node* parent = project.FindNode(id);
      const Source* source = parent == nullptr ? project.FindSource(id) : nullptr;
      const std::string relation = parent != nullptr ? parent->relation_name : source != nullptr ? source->relation_name : "";
      if (const auto parsed = ParseRelation(relation)) {
        tables_.emplace_back(PathOf(parsed->database(), parsed->schema(), parsed->identifier()), id);
      } else if (parent != nullptr && relation.empty()) {
        Add(project, *parent, seen);
      }
    }
  }

  std::vector<std::pair<std::string, std::string>> tables_;
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
  return {column.table, documented == nullptr ? column.column : documented->name};
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
                                     const InfoSchema* info_schema) {
  ProjectLineage out;
  if (info_schema != nullptr) out.AddInfoSchema(project, *info_schema);
  LockedDuckdb duckdb(options);
  std::vector<const Node*> batch;
  std::string values;
  const auto flush = [&] {
    if (batch.empty()) return;
    // The flags leave out what says nothing, which is most of a tree.
    const LockedDuckdb::Answer answer = duckdb.Query(
        "SELECT json_serialize_sql(s, skip_null := true, skip_empty := true, skip_default := true)::VARCHAR FROM (VALUES " +
        values + ") t(i, s) ORDER BY i");
    const bool good = answer.status == LockedDuckdb::Answer::Status::kRows && answer.rows.size() == batch.size();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Node& node = *batch[i];
      if (!good || answer.rows[i].size() != 1 || !answer.rows[i][0]) {
        out.remarks_[node.unique_id] = good ? "its SQL is not understood by DuckDB's parser" : "SQL is not read: " + answer.problem;
        continue;
      }
      const Parents parents(project, node);
      std::string why;
      std::optional<SqlRelation> relation = TraceSql(
          TreeOf(*answer.rows[i][0]),
          [&](std::string_view catalog, std::string_view schema, std::string_view table) {
            return parents.Find(catalog, schema, table);
          },
          &why);
      if (relation) {
        out.relations_[node.unique_id] = std::move(*relation);
      } else {
        out.remarks_[node.unique_id] = why;
      }
    }
    batch.clear();
    values.clear();
  };
  for (const Node& node : project.nodes) {
    if (!HasLineage(node)) continue;
    std::string why;
    std::optional<std::string> sql;
    if (node.language == "python") {
      why = "it is written in Python";
    } else if (node.compiled_code.empty()) {
      why = "its compiled SQL is not in the manifest; run `dbt compile`";
    } else if (node.compiled_code.size() > kMostSqlBytes) {
      why = "its SQL is larger than 1 MiB";
    } else {
      sql = AsDuckdbSql(node.compiled_code, project.metadata.adapter_type, &why);
    }
    const std::optional<std::string> literal = sql ? SqlLiteral(*sql) : std::nullopt;
    if (!literal) {
      out.remarks_[node.unique_id] = why;
      continue;
    }
    values += (values.empty() ? "(" : ", (") + std::to_string(batch.size()) + ", " + *literal + ")";
    batch.push_back(&node);
    if (values.size() > kBatchBytes) flush();
  }
  flush();
  return out;
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
      for (const SqlColumn& source : origin->from) out.from.push_back(Written(project, source));
      std::sort(out.from.begin(), out.from.end());
      return out;
    }
    out.remark = "its SQL gives no column of that name";
  } else if (const auto remark = remarks_.find(node.unique_id); remark != remarks_.end()) {
    out.remark = remark->second;
  } else {
    out.remark = "it was not traced";
  }
  for (const std::string& parent : node.depends_on) out.from.push_back({parent, "*"});
  std::sort(out.from.begin(), out.from.end());
  out.from.erase(std::unique(out.from.begin(), out.from.end()), out.from.end());
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
