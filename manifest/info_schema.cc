#include "manifest/info_schema.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "manifest/column_names.h"

namespace weir::manifest {
namespace {

constexpr char kCode[] = "W-ART-006";
constexpr char kFallback[] = "; columns are traced without it";
constexpr char kVersion[] = "1";
constexpr char kSeparator = '\x1f';  // between the items of a list, as ASCII meant it

struct WantedColumn {
  std::string_view name;
  bool list = false;      // VARCHAR[]
  bool required = true;   // else empty where it is absent
  bool hashed = false;    // its SHA-256 is read instead
};

std::vector<std::string> Items(const std::string& joined) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin < joined.size();) {
    const std::size_t end = std::min(joined.find(kSeparator, begin), joined.size());
    if (end > begin) items.push_back(joined.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

// One table after the other, by one process.
class Reader {
 public:
  using Rows = std::vector<LockedDuckdb::Row>;

  Reader(std::string folder, const AskDuckdb& ask, Diagnostics* diagnostics)
      : folder_(std::move(folder)), ask_(ask), diagnostics_(diagnostics) {}

  std::string PathOf(std::string_view table) const { return folder_ + "/" + std::string(table) + ".parquet"; }

  void Warn(std::string_view table, const std::string& what) {
    diagnostics_->Warning(kCode, PathOf(table), {}, EscapeForTerminal(what) + kFallback);
  }

  // nullopt: absent, or named by a warning. `optional`: its absence needs no warning.
  std::optional<Rows> Read(std::string_view table, std::initializer_list<WantedColumn> columns, std::string_view order,
                           bool optional = false) {
    const std::string path = PathOf(table);
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) {
      if (errno != ENOENT || !optional) Warn(table, std::string("cannot be read: ") + std::strerror(errno));
      return std::nullopt;
    }
    if (!S_ISREG(status.st_mode)) return Refuse(table, "is not read: it is a link or no file");
    if (static_cast<std::size_t>(status.st_size) > InfoSchema::kMaxFileBytes) {
      return Refuse(table, "is larger than " + std::to_string(InfoSchema::kMaxFileBytes >> 20) + " MiB");
    }
    const std::optional<std::string> literal = SqlLiteral(path);
    if (!literal || path.find_first_of("*?[]{}\\") != std::string::npos) {
      return Refuse(table, "is not read: DuckDB would take its path for a pattern");
    }
    const std::string from = " FROM read_parquet(" + *literal + ", hive_partitioning = false, filename = false)";
    const std::optional<std::string> list = SelectList(table, from, columns);
    if (!list) return std::nullopt;
    const LockedDuckdb::Answer answer =
        ask_("SELECT " + *list + from + (order.empty() ? "" : " ORDER BY " + std::string(order)) + " LIMIT " +
                      std::to_string(InfoSchema::kMaxRows + 1));
    if (answer.status != LockedDuckdb::Answer::Status::kRows) return Refuse(table, "cannot be read: " + Shortened(answer.problem));
    if (answer.rows.size() > InfoSchema::kMaxRows) {
      return Refuse(table, "has more than " + std::to_string(InfoSchema::kMaxRows) + " rows");
    }
    // The process that read the file may have been taken over by it.
    const bool shaped = std::all_of(answer.rows.begin(), answer.rows.end(),
                                    [&columns](const LockedDuckdb::Row& row) { return row.size() == columns.size(); });
    if (!shaped) return Refuse(table, "cannot be read: the answer has rows of another shape");
    return answer.rows;
  }

 private:
  std::nullopt_t Refuse(std::string_view table, const std::string& what) {
    Warn(table, what);
    return std::nullopt;
  }

  // DuckDB's first line: the others may show what was asked.
  static std::string Shortened(const std::string& problem) {
    static constexpr std::size_t kMost = 200;
    return problem.substr(0, std::min(problem.find('\n'), kMost));
  }

  std::optional<std::string> SelectList(std::string_view table, const std::string& from,
                                        std::initializer_list<WantedColumn> columns) {
    const LockedDuckdb::Answer described = ask_("SELECT column_name, column_type FROM (DESCRIBE SELECT *" + from + ")");
    if (described.status != LockedDuckdb::Answer::Status::kRows) return Refuse(table, "cannot be read: " + Shortened(described.problem));
    std::string list;
    for (const WantedColumn& column : columns) {
      const auto found = std::find_if(described.rows.begin(), described.rows.end(), [&column](const LockedDuckdb::Row& row) {
        return row.size() == 2 && row[0] == column.name && row[1].has_value();
      });
      const std::string name = "\"" + std::string(column.name) + "\"";
      std::string item = "NULL::VARCHAR";
      if (found != described.rows.end()) {
        if (column.list != (*(*found)[1] == "VARCHAR[]")) {
          return Refuse(table, "its column `" + std::string(column.name) + "` is of another type");
        }
        item = column.list     ? "array_to_string(" + name + ", chr(31))"
               : column.hashed ? "sha256(" + name + "::VARCHAR)"
                               : name + "::VARCHAR";
      } else if (column.required) {
        return Refuse(table, "has no column `" + std::string(column.name) + "`");
      }
      list += (list.empty() ? "" : ", ") + item;
    }
    return list;
  }

  std::string folder_;
  const AskDuckdb& ask_;
  Diagnostics* diagnostics_;
};

std::string FolderOf(const std::string& target) {
  return (target.empty() || target.ends_with('/') ? target : target + "/") + "info_schema/v1";
}

std::string TextOf(const std::optional<std::string>& cell) { return cell.value_or(""); }

std::string Folded(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), LowerAscii);
  return text;
}

void ReadColumns(Reader* reader, InfoSchema* out) {
  const auto rows = reader->Read("dbt.node_columns",
                                 {{"node_unique_id"}, {"column_name"}, {.name = "data_type", .required = false},
                                  {.name = "data_type_actual", .required = false}, {.name = "data_type_inferred", .required = false},
                                  {.name = "classifiers", .list = true, .required = false}},
                                 "1");
  if (!rows) return;
  for (const LockedDuckdb::Row& row : *rows) {
    if (!row[0] || !row[1]) continue;
    InfoSchemaColumn& column = out->columns.emplace_back();
    column.node = *row[0];
    column.name = *row[1];
    for (const std::size_t at : {3u, 2u, 4u}) {
      if (column.data_type.empty()) column.data_type = TextOf(row[at]);
    }
    column.classifiers = Items(TextOf(row[5]));
  }
}

void ReadClassifiers(Reader* reader, InfoSchema* out) {
  const auto rows = reader->Read("dbt.classifiers", {{"name"}, {.name = "labels", .list = true, .required = false},
                                                     {.name = "propagate", .required = false}}, "1", true);
  if (!rows) return;
  for (const LockedDuckdb::Row& row : *rows) {
    out->classifiers.push_back({TextOf(row[0]), Items(TextOf(row[1])), TextOf(row[2]) != "false"});
  }
}

void ReadEdges(Reader* reader, InfoSchema* out) {
  const auto rows = reader->Read("dbt.column_lineage", {{"child_node_unique_id"}, {"child_column_name"}, {"parent_node_unique_id"},
                                                        {"parent_column_name"}, {"evolution"}}, "1, 2, 3, 4, 5");
  if (!rows) return;
  for (const LockedDuckdb::Row& row : *rows) {
    const std::string evolution = TextOf(row[4]);
    out->edges.push_back({TextOf(row[0]), Folded(TextOf(row[1])), TextOf(row[2]), TextOf(row[3]),
                          evolution == "copy"   ? ColumnUse::kCopied
                          : evolution == "scan" ? ColumnUse::kScanned
                                                : ColumnUse::kChanged});
  }
}

void ReadDigests(Reader* reader, InfoSchema* out) {
  for (const bool snapshots : {false, true}) {
    const auto rows = reader->Read(snapshots ? "dbt.snapshots" : "dbt.models",
                                   {{"unique_id"}, {.name = "compiled_code", .hashed = true}}, "1", snapshots);
    if (!rows) continue;
    for (const LockedDuckdb::Row& row : *rows) {
      if (row[0] && row[1]) out->code_digests[*row[0]] = *row[1];
    }
  }
}

}  // namespace

std::optional<InfoSchema> ReadInfoSchema(const std::string& target, LockedDuckdb::Options options, Diagnostics* diagnostics) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(FolderOf(target), error).lexically_normal();
  options.folder = error ? std::string() : folder.string();
  LockedDuckdb duckdb(options);  // starts nothing before it is asked
  return ReadInfoSchemaWith(target, [&duckdb](const std::string& sql) { return duckdb.Query(sql); }, diagnostics);
}

std::optional<InfoSchema> ReadInfoSchemaWith(const std::string& target, const AskDuckdb& ask, Diagnostics* diagnostics) {
  std::error_code error;
  InfoSchema out;
  out.folder = FolderOf(target);
  const std::filesystem::path folder = std::filesystem::absolute(out.folder, error).lexically_normal();
  if (error || !std::filesystem::is_directory(folder, error)) return std::nullopt;
  Reader reader(folder.string(), ask, diagnostics);
  const auto project = reader.Read("dbt.project", {{"schema_version"}, {.name = "dbt_version", .required = false}}, "");
  if (!project) return std::nullopt;
  for (const LockedDuckdb::Row& row : *project) {
    if (TextOf(row[0]) != kVersion) {
      reader.Warn("dbt.project", "is version `" + TextOf(row[0]).substr(0, 20) + "` of the Information Schema; this program reads version 1");
      return std::nullopt;
    }
    out.dbt_version = TextOf(row[1]);
  }
  if (project->empty()) {
    reader.Warn("dbt.project", "is empty");
    return std::nullopt;
  }
  ReadColumns(&reader, &out);
  ReadClassifiers(&reader, &out);
  ReadEdges(&reader, &out);
  if (!out.edges.empty()) ReadDigests(&reader, &out);
  return out;
}

namespace {

struct KnownColumn {
  std::string name, data_type;  // as first written
  std::set<std::string> classifiers;
};
using KnownColumns = std::map<std::string, KnownColumn, std::less<>>;  // by name in lower case

void AddTo(const KnownColumn& known, Column* column) {
  if (column->data_type.empty() && column->catalog_type.empty()) column->catalog_type = known.data_type;
  std::vector<Text> all = column->classifiers;
  std::set<std::string> more = known.classifiers;
  for (const Text& classifier : all) more.erase(classifier);
  all.insert(all.end(), more.begin(), more.end());
  column->classifiers = std::move(all);
}

// Names that differ in case alone may be one column: each takes the classes.
void JoinColumns(KnownColumns known, std::vector<Column>* columns) {
  std::set<std::string, std::less<>> documented;
  for (Column& column : *columns) {
    const auto found = known.find(Folded(column.name));
    if (found == known.end()) continue;
    AddTo(found->second, &column);
    documented.insert(found->first);
  }
  for (const auto& [folded, column] : known) {
    if (documented.contains(folded) || column.classifiers.empty()) continue;
    Column& added = columns->emplace_back();
    added.name = column.name;
    AddTo(column, &added);
  }
}

}  // namespace

void JoinInfoSchema(const InfoSchema& info_schema, Project* project) {
  std::map<std::string_view, KnownColumns> nodes;
  for (const InfoSchemaColumn& column : info_schema.columns) {
    KnownColumn& known = nodes[column.node][Folded(column.name)];
    if (known.name.empty()) known.name = column.name;
    if (known.data_type.empty()) known.data_type = column.data_type;
    known.classifiers.insert(column.classifiers.begin(), column.classifiers.end());
  }
  for (Node& node : project->nodes) {
    if (const auto found = nodes.find(node.unique_id); found != nodes.end()) JoinColumns(std::move(found->second), &node.columns);
  }
  for (Source& source : project->sources) {
    if (const auto found = nodes.find(source.unique_id); found != nodes.end()) JoinColumns(std::move(found->second), &source.columns);
  }
}

}  // namespace weir::manifest
