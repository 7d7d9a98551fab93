#include "gateway/postgres_source.h"

#include <sys/socket.h>

#include <atomic>
#include <pqxx/pqxx>
#include <thread>
#include <utility>

#include "gateway/batch_queue.h"
#include "gateway/copy_text.h"
#include "gateway/postgres_options.h"
#include "gateway/relation_columns.h"
#include "policies/declared_type.h"

namespace weir::gateway {
namespace {

using policies::Batch;
using policies::ColumnSchema;
using policies::ColumnType;

constexpr std::size_t kBatchesAhead = 3;
constexpr std::chrono::milliseconds kCancelTimeout{2000};

// What text output depends on, and time limits that a role may have for interactive use. A scan may take long; waiting
// for a lock (dbt replacing the table) may not.
constexpr char kSettings[] =
    "SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 3; "
    "SET bytea_output = 'hex'; SET client_encoding = 'UTF8'; SET statement_timeout = 0; SET lock_timeout = '60s'; "
    "SET idle_in_transaction_session_timeout = '30min'";

// Domains by the type below, enumerations as text.
constexpr char kColumnsSql[] =
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), CASE t.typtype WHEN 'e' THEN 'text' WHEN 'd' THEN "
    "format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

std::string FirstLine(std::string_view message) { return std::string(message.substr(0, message.find('\n'))); }

// libpqxx's exceptions for what it knows best come without SQLSTATE.
bool IsAboutRights(const pqxx::sql_error& error) {
  return dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr || error.sqlstate() == "42501";
}

// Errors about rights and names quote no cell; those about data do.
std::string Reason(const pqxx::sql_error& error) {
  if (IsAboutRights(error) || error.sqlstate().starts_with("42")) return FirstLine(error.what());
  return "SQLSTATE " + (error.sqlstate().empty() ? "unknown" : error.sqlstate());
}

std::string ConnectProblem(const PostgresOptions& options, const std::string& reason) {
  std::string problem = "cannot connect to PostgreSQL at " + options.server + ": " + reason;
  const auto says = [&](std::string_view text) { return reason.find(text) != std::string::npos; };
  if (says("password authentication failed") || says("no password supplied")) {
    problem += "; check `user` and `password` of the source";
  } else if (says("root certificate") || says("certificate verify failed")) {
    problem += "; put the server's root certificate at the place named, or choose another `sslmode`";
  } else if (says("Connection refused") || says("could not translate host name") || says("No such file or directory")) {
    problem += "; check `host` and `port` of the source, and that the server runs";
  }
  return problem;
}

using Transaction = pqxx::transaction<pqxx::repeatable_read, pqxx::readwrite_policy::read_only>;

}  // namespace

struct PostgresSource::Session {
  explicit Session(const SourceConfig& config);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Read();     // the thread
  void ReadAll();  // throws

  std::unique_ptr<pqxx::connection> connection;
  std::unique_ptr<Transaction> transaction;
  std::unique_ptr<pqxx::stream_from> stream;
  int backend = 0;  // the server's process, which holds the snapshot
  std::string server;
  std::string relation;
  std::vector<ColumnType> types;
  BatchQueue queue{kBatchesAhead};
  std::atomic<bool> complete = false;  // the last row was read
  std::thread reader;
};

PostgresSource::Session::Session(const SourceConfig& config) {
  const PostgresOptions options = ResolvePostgresOptions(config);
  server = options.server;
  try {
    connection = std::make_unique<pqxx::connection>(options.text);
    pqxx::nontransaction(*connection).exec(kSettings);
    transaction = std::make_unique<Transaction>(*connection);
    backend = connection->backendpid();
  } catch (const pqxx::failure& error) {
    throw SourceError("W-SRC-003", ConnectProblem(options, FirstLine(error.what())));
  }
}

PostgresSource::Session::~Session() {
  queue.Close();
  if (reader.joinable()) {
    // The reader may have ended because nobody wants more. What the server still sends would be read to its end when the
    // stream is closed, so it is told to stop whenever the end was not reached.
    if (!complete.load()) {
      bool told = false;
      try {
        connection->cancel_query();
        told = true;
      } catch (const std::exception&) {
        // The socket is shut instead.
      }
      if (!told || !queue.WaitFinished(kCancelTimeout)) ::shutdown(connection->sock(), SHUT_RDWR);
    }
    reader.join();
  }
  try {
    stream.reset();
    transaction.reset();
    connection.reset();
  } catch (const std::exception&) {
    // Nothing was written, nothing is lost.
  }
}

void PostgresSource::Session::Read() {
  try {
    ReadAll();
    queue.Finish(nullptr);
  } catch (const SourceError&) {
    queue.Finish(std::current_exception());
  } catch (const pqxx::sql_error& error) {
    queue.Finish(std::make_exception_ptr(
        SourceError("W-SRC-006", "reading " + relation + " broke off: " + Reason(error) + "; query it with psql to see why")));
  } catch (const std::exception&) {
    queue.Finish(std::make_exception_ptr(
        SourceError("W-SRC-006", "reading " + relation + " broke off: the connection to PostgreSQL at " + server + " was lost")));
  }
}

void PostgresSource::Session::ReadAll() {
  Batch batch;
  batch.columns.resize(types.size());
  std::size_t bytes = 0;
  std::string line;
  while (stream->get_raw_line(line)) {
    if (line.ends_with('\n')) line.pop_back();
    // An upper bound: a boolean grows by up to four bytes.
    const std::size_t more = line.size() + 4 * types.size();
    if (batch.rows == Batch::kMaxRows || (batch.rows > 0 && bytes + more > Batch::kMaxBytes)) {
      if (!queue.Push(&batch)) return;
      batch.columns.resize(types.size());
      bytes = 0;
    }
    bytes += more;
    if (!AppendCopyLine(line, types, &batch)) {
      throw SourceError("W-SRC-007", "PostgreSQL at " + server + " sent a row of " + relation +
                                         " that does not fit its columns; something between here and there changes what it sends");
    }
  }
  complete.store(true);
  stream->complete();
  // INVARIANT: an input is complete only when the server says so. A COPY that broke off has aborted the transaction, and
  // the query fails; a connection that libpqxx made again by itself has another process behind it and other settings.
  transaction->exec("SELECT 1");
  transaction->commit();
  if (connection->backendpid() != backend) throw pqxx::broken_connection();
  if (batch.rows > 0) queue.Push(&batch);
}

PostgresSource::PostgresSource(const SourceConfig& config) : config_(config) {}

PostgresSource::~PostgresSource() = default;

std::vector<ColumnSchema> PostgresSource::Columns(const std::string& relation) {
  if (!session_) session_ = std::make_unique<Session>(config_);
  std::vector<ColumnSchema> columns;
  try {
    for (const pqxx::row& row : session_->transaction->exec_params(kColumnsSql, relation)) {
      ColumnSchema column;
      column.name = row[0].c_str();
      column.declared = row[1].c_str();
      column.type = policies::ColumnTypeOf(row[2].c_str()).value_or(ColumnType::kOther);
      columns.push_back(std::move(column));
    }
  } catch (const pqxx::failure& error) {
    throw SourceError("W-SRC-004", "cannot find " + relation + " at " + session_->server + ": " + FirstLine(error.what()));
  }
  if (columns.empty()) {
    throw SourceError("W-SRC-004", "there is no " + relation + " at " + session_->server +
                                       "; run `dbt build` against this database, or let this user use its schema");
  }
  return columns;
}

std::vector<ColumnSchema> PostgresSource::Start(const ScanRequest& request) {
  std::vector<ColumnSchema> columns = SelectColumns(request, Columns(request.relation));
  Session& session = *session_;
  std::string names;
  for (const ColumnSchema& column : columns) {
    names += (names.empty() ? "" : ", ") + QuoteIdentifier(column.name);
    session.types.push_back(column.type);
  }
  session.relation = request.relation;
  try {
    // stream_from puts its argument behind COPY as it is, so that a query does.
    session.stream = std::make_unique<pqxx::stream_from>(*session.transaction,
                                                         "(SELECT " + names + " FROM " + request.relation + ")");
  } catch (const pqxx::sql_error& error) {
    std::string problem = "cannot read " + request.relation + " at " + session.server + ": " + Reason(error);
    if (IsAboutRights(error)) problem += "; GRANT SELECT on it to this user";
    throw SourceError("W-SRC-004", problem);
  } catch (const pqxx::failure&) {
    throw SourceError("W-SRC-006", "the connection to PostgreSQL at " + session.server + " was lost");
  }
  session.reader = std::thread([&session] { session.Read(); });
  return columns;
}

bool PostgresSource::Next(Batch* batch) {
  if (!session_ || !session_->reader.joinable()) throw SourceError("W-SRC-006", "the scan has not been started");
  batch->Clear();
  if (session_->queue.Pop(batch)) return true;
  batch->Clear();
  return false;
}

}  // namespace weir::gateway
