#include "gateway/postgres_source.h"

#include <libpq-fe.h>
#include <sys/socket.h>

#include <thread>
#include <utility>

#include "gateway/batch_queue.h"
#include "gateway/copy_text.h"
#include "gateway/declared_type.h"
#include "gateway/postgres_options.h"
#include "gateway/relation_columns.h"

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

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

// What the server, or libpq for it, said no with.
struct Failure {
  std::string sqlstate;  // empty: the connection is gone
  std::string message;   // its first line
};

std::string FirstLine(std::string_view message) { return std::string(message.substr(0, message.find('\n'))); }

Failure FailureOf(PGconn* connection, const PGresult* answer) {
  const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  return {state == nullptr ? "" : state, FirstLine(message == nullptr ? PQerrorMessage(connection) : message)};
}

// Runs one statement or several; what the last one answered. Throws Failure.
Answer Run(PGconn* connection, const char* sql, ExecStatusType expected, const char* parameter = nullptr) {
  Answer answer(parameter == nullptr ? PQexec(connection, sql)
                                     : PQexecParams(connection, sql, 1, nullptr, &parameter, nullptr, nullptr, 0),
                &PQclear);
  if (PQresultStatus(answer.get()) != expected) throw FailureOf(connection, answer.get());
  return answer;
}

// Errors about rights and names quote no cell; those about data do.
std::string Reason(const Failure& failure) {
  if (failure.sqlstate.empty()) return "the connection was lost";
  if (failure.sqlstate.starts_with("42")) return failure.message;
  return "SQLSTATE " + failure.sqlstate;
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

}  // namespace

struct PostgresSource::Session {
  explicit Session(const SourceConfig& config);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Read();     // the thread
  void ReadAll();  // throws

  Connection connection{nullptr, &PQfinish};
  std::string server;
  std::string relation;
  std::vector<ColumnType> types;
  BatchQueue queue{kBatchesAhead};
  std::thread reader;
};

PostgresSource::Session::Session(const SourceConfig& config) {
  const PostgresOptions options = ResolvePostgresOptions(config);
  server = options.server;
  connection.reset(PQconnectdb(options.text.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    throw SourceError("W-SRC-003", ConnectProblem(options, FirstLine(PQerrorMessage(connection.get()))));
  }
  // Notices may quote cells, and nobody here reads them.
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  try {
    Run(connection.get(), kSettings, PGRES_COMMAND_OK);
    Run(connection.get(), "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", PGRES_COMMAND_OK);
  } catch (const Failure& failure) {
    throw SourceError("W-SRC-003", ConnectProblem(options, failure.message));
  }
}

PostgresSource::Session::~Session() {
  queue.Close();
  if (!reader.joinable()) return;
  if (!queue.WaitFinished(std::chrono::milliseconds(0))) {
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection.get()), &PQfreeCancel);
    char ignored[256];
    PQcancel(cancel.get(), ignored, sizeof ignored);
    // The server cannot be told, or does not listen.
    if (!queue.WaitFinished(kCancelTimeout)) ::shutdown(PQsocket(connection.get()), SHUT_RDWR);
  }
  reader.join();
}

void PostgresSource::Session::Read() {
  try {
    ReadAll();
    queue.Finish(nullptr);
  } catch (const Failure& failure) {
    queue.Finish(std::make_exception_ptr(
        SourceError("W-SRC-006", "reading " + relation + " broke off: " + Reason(failure) +
                                     (failure.sqlstate.empty() ? " to PostgreSQL at " + server : "; query it with psql to see why"))));
  } catch (const std::exception&) {
    queue.Finish(std::current_exception());
  }
}

void PostgresSource::Session::ReadAll() {
  Batch batch;
  batch.columns.resize(types.size());
  std::size_t bytes = 0;
  int size = 0;
  for (;;) {
    char* data = nullptr;
    size = PQgetCopyData(connection.get(), &data, 0);
    if (size < 0) break;
    const std::unique_ptr<char, decltype(&PQfreemem)> owner(data, &PQfreemem);
    std::string_view line(data, static_cast<std::size_t>(size));
    if (line.ends_with('\n')) line.remove_suffix(1);
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
  // INVARIANT: an input is complete only when the server says so: the rows end without an error, COPY is said to have
  // succeeded, and the transaction can still be committed, which one that met an error cannot.
  if (size != -1) throw Failure{"", ""};
  const Answer copied(PQgetResult(connection.get()), &PQclear);
  if (PQresultStatus(copied.get()) != PGRES_COMMAND_OK) throw FailureOf(connection.get(), copied.get());
  const Answer committed = Run(connection.get(), "COMMIT", PGRES_COMMAND_OK);
  if (std::string_view(PQcmdStatus(committed.get())) != "COMMIT") throw Failure{"25P02", ""};
  if (batch.rows > 0) queue.Push(&batch);
}

PostgresSource::PostgresSource(const SourceConfig& config) : config_(config) {}

PostgresSource::~PostgresSource() = default;

std::vector<ColumnSchema> PostgresSource::Columns(const std::string& relation) {
  if (!session_) session_ = std::make_unique<Session>(config_);
  std::vector<ColumnSchema> columns;
  try {
    const Answer answer = Run(session_->connection.get(), kColumnsSql, PGRES_TUPLES_OK, relation.c_str());
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      ColumnSchema column;
      column.name = PQgetvalue(answer.get(), row, 0);
      column.declared = PQgetvalue(answer.get(), row, 1);
      column.type = ColumnTypeOf(PQgetvalue(answer.get(), row, 2)).value_or(ColumnType::kOther);
      columns.push_back(std::move(column));
    }
  } catch (const Failure& failure) {
    throw SourceError("W-SRC-004", "cannot find " + relation + " at " + session_->server + ": " + failure.message);
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
    Run(session.connection.get(), ("COPY (SELECT " + names + " FROM " + request.relation + ") TO STDOUT").c_str(),
        PGRES_COPY_OUT);
  } catch (const Failure& failure) {
    std::string problem = "cannot read " + request.relation + " at " + session.server + ": " + Reason(failure);
    if (failure.sqlstate == "42501") problem += "; GRANT SELECT on it to this user";
    throw SourceError("W-SRC-004", problem);
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
