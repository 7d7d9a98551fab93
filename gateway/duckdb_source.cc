#include "gateway/duckdb_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "gateway/config.h"
#include "gateway/relation_columns.h"
#include "manifest/duckdb_stream.h"
#include "policies/declared_type.h"

namespace weir::gateway {
namespace {

using manifest::DuckdbApi;
using manifest::DuckdbConfig;
using manifest::DuckdbConnection;
using manifest::DuckdbDatabase;
using manifest::DuckdbState;
using manifest::DuckdbStream;
using manifest::kDuckdbSuccess;
using policies::Batch;
using policies::CellColumn;
using policies::ColumnSchema;
using policies::ColumnType;

// A view may compute more than fits; what is cached of the file counts as well.
constexpr char kMemoryLimit[] = "256MB";

// `Catalog Error: Table with name x does not exist!` and what follows on further lines.
std::string FirstLine(const char* message) {
  const std::string_view text = message == nullptr ? "no reason given" : message;
  return std::string(text.substr(0, text.find('\n')));
}

// What kind of error it was: the rest may quote a cell, as in `Conversion Error: Could not convert string 'x'`.
std::string KindOf(const char* message) {
  const std::string line = FirstLine(message);
  const std::size_t end = line.find(" Error");
  return end == std::string::npos ? "an error" : "`" + line.substr(0, end) + " Error`";
}

std::string OpenProblem(const std::string& path, const char* message, std::string_view library_version) {
  const std::string reason = FirstLine(message);
  if (reason.find("lock on file") != std::string::npos) {
    return "the database `" + path + "` is open for writing in another process; end it (dbt, a notebook, the DuckDB shell) "
           "and run again";
  }
  if (reason.find("database file with version number") != std::string::npos) {
    if (library_version.starts_with('v')) library_version.remove_prefix(1);
    return "the database `" + path + "` was written by another DuckDB than the library, which is " +
           std::string(library_version) + " (" + reason + "); where dbt runs, `pip install duckdb==" + std::string(library_version) +
           "`, remove the file and run `dbt build`; or let WEIR_DUCKDB_LIBRARY name a libduckdb.so of dbt's version";
  }
  return "cannot open the database `" + path + "`: " + reason;
}

std::string RelationProblem(const std::string& path, const std::string& relation, const char* message) {
  std::string problem = "cannot read " + relation + " in `" + path + "`: " + FirstLine(message);
  if (problem.find("does not exist") != std::string::npos) {
    problem += "; run `dbt build` against this file, whose name is the first part of the relation's";
  } else if (problem.find("disabled by configuration") != std::string::npos) {
    problem += "; the model reads files, which is off here: materialize it as a table";
  }
  return problem;
}

const DuckdbApi& Library(const std::string& configured) {
  std::string problem;
  const DuckdbApi* api = manifest::LoadDuckdb(configured, &problem);
  if (api == nullptr) throw SourceError("W-SRC-002", problem);
  return *api;
}

std::string AsCanonicalSql(const ColumnSchema& column) {
  const std::string name = QuoteIdentifier(column.name);
  if (column.type == ColumnType::kBinary) return "lower(hex(" + name + "))";
  return "CAST(" + name + " AS VARCHAR)";
}

// DuckDB writes `inf`, `-inf` and `nan`.
std::string_view CanonicalFloat(std::string_view text) {
  if (text == "inf") return "Infinity";
  if (text == "-inf") return "-Infinity";
  if (text == "nan" || text == "-nan") return "NaN";
  return text;
}

}  // namespace

struct DuckdbSource::Session {
  Session(const std::string& path, const std::string& library) : api(Library(library)) {
    if (::access(path.c_str(), F_OK) != 0) {
      throw SourceError("W-SRC-003", "there is no database at `" + path + "`; run `dbt build`, or correct `path` of the "
                                     "source in weir.yml");
    }
    if (::access(path.c_str(), R_OK) != 0) {
      throw SourceError("W-SRC-003", "cannot read the database `" + path + "`: " + std::generic_category().message(errno));
    }
    Open(path);
    if (api.connect(database, &connection) != kDuckdbSuccess) {
      api.close(&database);
      throw SourceError("W-SRC-003", "cannot connect to the database `" + path + "`");
    }
    // Without the calendar extension time zones are UTC anyway, and the setting does not exist.
    DuckdbStream(api, connection, "SET TimeZone = 'UTC'");
    if (const DuckdbStream lock(api, connection, "SET lock_configuration = true"); lock.failed()) {
      throw SourceError("W-SRC-003", "cannot lock DuckDB's configuration: " + FirstLine(lock.error().c_str()));
    }
  }
  ~Session() {
    stream.reset();
    if (connection != nullptr) api.disconnect(&connection);
    if (database != nullptr) api.close(&database);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Open(const std::string& path);
  std::size_t RowsThatFit(const Batch& batch) const;

  const DuckdbApi& api;
  DuckdbDatabase* database = nullptr;
  DuckdbConnection* connection = nullptr;
  std::string relation;
  std::vector<ColumnSchema> columns;
  std::unique_ptr<DuckdbStream> stream;
  std::size_t position = 0;    // of the chunk's first row not handed out
  std::size_t chunk_rows = 0;
  bool ended = false;
};

void DuckdbSource::Session::Open(const std::string& path) {
  DuckdbConfig* config = nullptr;
  if (api.create_config(&config) != kDuckdbSuccess) throw SourceError("W-SRC-003", "DuckDB cannot make a configuration");
  // An empty temporary directory: no cell is spilled to disk in the clear.
  const std::pair<const char*, const char*> settings[] = {
      {"access_mode", "READ_ONLY"},
      {"temp_directory", ""},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"memory_limit", kMemoryLimit},
      {"threads", "1"},
      {"enable_external_access", "false"},  // last: it makes others unchangeable
  };
  for (const auto& [name, value] : settings) {
    if (api.set_config(config, name, value) == kDuckdbSuccess) continue;
    api.destroy_config(&config);
    throw SourceError("W-SRC-002", std::string("DuckDB ") + api.library_version() + " does not know the setting `" + name +
                                       "`; use version 1.5");
  }
  char* error = nullptr;
  const DuckdbState state = api.open_ext(path.c_str(), &database, config, &error);
  api.destroy_config(&config);
  if (state == kDuckdbSuccess) return;
  const std::string problem = OpenProblem(path, error, api.library_version());
  if (error != nullptr) api.free(error);
  throw SourceError("W-SRC-003", problem);
}

// At least one, so that a row of any size goes through.
std::size_t DuckdbSource::Session::RowsThatFit(const Batch& batch) const {
  const std::size_t wanted = std::min(chunk_rows - position, Batch::kMaxRows - batch.rows);
  std::size_t total = batch.bytes();
  std::vector<DuckdbStream::Cells> cells;
  for (std::size_t i = 0; i < columns.size(); ++i) cells.push_back(stream->Column(i));
  for (std::size_t row = 0; row < wanted; ++row) {
    for (const DuckdbStream::Cells& column : cells) {
      if (!column.IsNull(position + row)) total += column.strings[position + row].length;
    }
    if (total > Batch::kMaxBytes) return row == 0 && batch.rows == 0 ? 1 : row;
  }
  return wanted;
}

DuckdbSource::DuckdbSource(const SourceConfig& config) : path_(config.path), library_(config.library) {
  if (path_.empty()) throw SourceError("W-SRC-003", "the source has no `path`; name the DuckDB database file");
}

DuckdbSource::~DuckdbSource() = default;

std::vector<ColumnSchema> DuckdbSource::Columns(const std::string& relation) {
  if (!session_) session_ = std::make_unique<Session>(path_, library_);
  DuckdbStream described(session_->api, session_->connection, "DESCRIBE SELECT * FROM " + relation);
  std::vector<ColumnSchema> columns;
  while (!described.failed() && described.Advance() != nullptr) {
    const DuckdbStream::Cells names = described.Column(0), types = described.Column(1);
    for (std::size_t row = 0; row < described.rows(); ++row) {
      ColumnSchema column;
      column.name = names.Text(row);
      column.declared = types.Text(row);
      column.type = policies::ColumnTypeOf(column.declared).value_or(ColumnType::kOther);
      columns.push_back(std::move(column));
    }
  }
  if (described.failed()) throw SourceError("W-SRC-004", RelationProblem(path_, relation, described.error().c_str()));
  return columns;
}

std::vector<ColumnSchema> DuckdbSource::Start(const ScanRequest& request) {
  std::vector<ColumnSchema> columns = SelectColumns(request, Columns(request.relation));
  std::string sql = "SELECT ";
  for (const ColumnSchema& column : columns) {
    if (sql.size() > 7) sql += ", ";
    sql += AsCanonicalSql(column);
  }
  session_->relation = request.relation;
  session_->columns = columns;
  session_->stream = std::make_unique<DuckdbStream>(session_->api, session_->connection, sql + " FROM " + request.relation);
  if (session_->stream->failed()) {
    throw SourceError("W-SRC-006", "reading " + request.relation + " in `" + path_ + "` failed with " +
                                       KindOf(session_->stream->error().c_str()) + "; query it in the DuckDB shell to see why");
  }
  return columns;
}

bool DuckdbSource::Next(Batch* batch) {
  batch->Clear();
  if (!session_ || !session_->stream) throw SourceError("W-SRC-006", "the scan has not been started");
  Session& session = *session_;
  batch->columns.resize(session.columns.size());
  while (!session.ended && batch->rows < Batch::kMaxRows) {
    if (session.position == session.chunk_rows) {
      session.position = session.chunk_rows = 0;
      if (session.stream->Advance() == nullptr) {
        session.ended = true;
        break;
      }
      session.chunk_rows = session.stream->rows();
    }
    const std::size_t rows = session.RowsThatFit(*batch);
    if (rows == 0) break;
    for (std::size_t i = 0; i < session.columns.size(); ++i) {
      const DuckdbStream::Cells cells = session.stream->Column(i);
      CellColumn& out = batch->columns[i];
      const bool is_float = session.columns[i].type == ColumnType::kFloat;
      for (std::size_t row = session.position; row < session.position + rows; ++row) {
        if (cells.IsNull(row)) {
          out.AppendNull();
        } else {
          out.AppendText(is_float ? CanonicalFloat(cells.Text(row)) : cells.Text(row));
        }
      }
    }
    batch->rows += rows;
    session.position += rows;
  }
  // An end with an error is no end: rows not seen must not be taken for rows deleted.
  if (session.stream->failed()) {
    throw SourceError("W-SRC-006", "reading " + session.relation + " in `" + path_ + "` broke off with " +
                                       KindOf(session.stream->error().c_str()) + "; query it in the DuckDB shell to see why");
  }
  return batch->rows > 0;
}

}  // namespace weir::gateway
