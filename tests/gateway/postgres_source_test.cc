#include "gateway/postgres_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gateway/postgres_options.h"
#include "tests/gateway/postgres_server.h"
#include "tests/gateway/scanned_rows.h"
#include "tests/gateway/socket_proxy.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

using policies::ColumnType;
using testing::HasSubstr;
using testing::StartsWith;

class PostgresSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = PostgresServer::Start();
    if (!server_) GTEST_SKIP() << "PostgreSQL is not installed; tests/run.sh installs it";
  }
  // As messages name the server of `config`.
  static std::string Server(const SourceConfig& config) {
    return "`" + config.host + "` port 5432, database `" + config.dbname + "`, user `" + config.user + "`";
  }
  std::unique_ptr<PostgresServer> server_;
};

TEST_F(PostgresSourceTest, PutsEveryTypeIntoCanonicalText) {
  struct Case {
    std::string declared;
    std::string value;
    ColumnType type;
    ScannedCell expected;
  };
  const std::vector<Case> cases = {
      {"text", "E'tab\\there\\nand \\\\ \"quotes\"'", ColumnType::kText, "tab\there\nand \\ \"quotes\""},
      {"text", "''", ColumnType::kText, ""},
      {"text", "NULL", ColumnType::kText, std::nullopt},
      {"text", "'\\N'", ColumnType::kText, "\\N"},
      {"character varying(20)", "'Łukasz 日本 😀'", ColumnType::kText, "Łukasz 日本 😀"},
      {"smallint", "-42", ColumnType::kInteger, "-42"},
      {"bigint", "9223372036854775807", ColumnType::kInteger, "9223372036854775807"},
      {"numeric(12,2)", "12.5", ColumnType::kDecimal, "12.50"},
      {"numeric", "123456789012345678901234567890.123456789", ColumnType::kDecimal,
       "123456789012345678901234567890.123456789"},
      {"numeric", "'NaN'", ColumnType::kDecimal, "NaN"},
      {"double precision", "0.1", ColumnType::kFloat, "0.1"},
      {"double precision", "1e300", ColumnType::kFloat, "1e+300"},
      {"double precision", "'Infinity'", ColumnType::kFloat, "Infinity"},
      {"real", "'-Infinity'", ColumnType::kFloat, "-Infinity"},
      {"real", "'NaN'", ColumnType::kFloat, "NaN"},
      {"boolean", "true", ColumnType::kBoolean, "true"},
      {"boolean", "false", ColumnType::kBoolean, "false"},
      {"boolean", "NULL", ColumnType::kBoolean, std::nullopt},
      {"date", "'2026-11-22'", ColumnType::kDate, "2026-11-22"},
      {"time", "'21:00:00.5'", ColumnType::kTime, "21:00:00.5"},
      {"timestamp", "'2026-11-22 21:00:00'", ColumnType::kTimestamp, "2026-11-22 21:00:00"},
      {"timestamp(3)", "'2026-11-22 21:00:00.1234'", ColumnType::kTimestamp, "2026-11-22 21:00:00.123"},
      {"timestamptz", "'2026-11-22 21:00:00+02'", ColumnType::kTimestampTz, "2026-11-22 19:00:00+00"},
      {"uuid", "'8C1D6D3A-0000-4000-8000-00000000ABCD'", ColumnType::kUuid, "8c1d6d3a-0000-4000-8000-00000000abcd"},
      {"json", "E'{\"a\":\\n [1, 2]}'", ColumnType::kJson, "{\"a\":\n [1, 2]}"},
      {"jsonb", "'{\"a\": [1, 2]}'", ColumnType::kJson, "{\"a\": [1, 2]}"},
      {"bytea", "'\\x00FF41'", ColumnType::kBinary, "00ff41"},
      {"bytea", "''", ColumnType::kBinary, ""},
      {"mood", "'high'", ColumnType::kText, "high"},
      {"age", "18", ColumnType::kInteger, "18"},
      {"integer[]", "'{1,2}'", ColumnType::kOther, "{1,2}"},
      {"interval", "'1 day 2 hours'", ColumnType::kOther, "P1DT2H"},
  };
  std::string columns, values;
  ScanRequest request{"\"shop\".\"public\".\"types\"", {}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    request.columns.push_back("c" + std::to_string(i));
    columns += (i == 0 ? "" : ", ") + request.columns.back() + " " + cases[i].declared;
    values += (i == 0 ? "" : ", ") + cases[i].value;
  }
  // Settings of the role that would change what is read.
  server_->Run("CREATE TYPE mood AS ENUM ('low', 'high'); CREATE DOMAIN age AS integer; CREATE TABLE types (" + columns +
               "); INSERT INTO types VALUES (" + values +
               "); ALTER ROLE postgres SET DateStyle = 'SQL, DMY'; ALTER ROLE postgres SET TimeZone = 'Asia/Tokyo'; "
               "ALTER ROLE postgres SET bytea_output = 'escape'; ALTER ROLE postgres SET extra_float_digits = -5; "
               "ALTER ROLE postgres SET statement_timeout = '9s'; "
               "CREATE VIEW patience AS SELECT current_setting('statement_timeout') AS statement_timeout");
  PostgresSource source(server_->Config());
  const std::vector<policies::ColumnSchema> schema = source.Columns(request.relation);
  const std::vector<ScannedRow> rows = ScanAll(source, request);
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_EQ(schema.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(schema[i].type, cases[i].type) << cases[i].declared;
    EXPECT_EQ(rows[0][i], cases[i].expected) << cases[i].declared << " " << cases[i].value;
  }
  PostgresSource settings(server_->Config());
  EXPECT_EQ(ScanAll(settings, {"patience", {"statement_timeout"}}).at(0).at(0), "0");
  EXPECT_EQ(schema[4].declared, "character varying(20)");
  EXPECT_EQ(schema[7].declared, "numeric(12,2)");
}

TEST_F(PostgresSourceTest, ReadsOneSnapshotAndWritesNothing) {
  server_->Run("CREATE TABLE t AS SELECT i FROM generate_series(1, 10) i");
  PostgresSource source(server_->Config());
  source.Columns("t");
  server_->Run("DELETE FROM t WHERE i > 5");
  EXPECT_EQ(ScanAll(source, {"t", {"i"}}).size(), 10u);
  EXPECT_EQ(ScanAll(*std::make_unique<PostgresSource>(server_->Config()), {"t", {"i"}}).size(), 5u);
  server_->Run("CREATE FUNCTION wipe() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN 1; END'; "
               "CREATE VIEW v AS SELECT wipe() AS i");
  PostgresSource writer(server_->Config());
  EXPECT_THAT(SourceProblem([&] { ScanAll(writer, {"v", {"i"}}); }), HasSubstr("SQLSTATE 25006"));
  EXPECT_EQ(server_->One("SELECT count(*) FROM t"), "5");
}

TEST_F(PostgresSourceTest, LargeCellsAndManyRowsStayWithinABatch) {
  server_->Run("CREATE TABLE big AS SELECT i, repeat('x', 700000 + i::int) AS c FROM generate_series(0, 4) i");
  server_->Run("CREATE TABLE many AS SELECT i, i % 3 = 0 AS b FROM generate_series(1, 50000) i");
  PostgresSource big(server_->Config());
  const std::vector<ScannedRow> rows = ScanAll(big, {"big", {"c"}});
  ASSERT_EQ(rows.size(), 5u);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i][0]->size(), 700000 + i);
  PostgresSource many(server_->Config());
  EXPECT_EQ(ScanAll(many, {"many", {"b", "i"}}).size(), 50000u);
}

TEST_F(PostgresSourceTest, AViewThatFailsHalfwayIsAnErrorWithoutTheCell) {
  server_->Run("CREATE VIEW late AS SELECT (CASE WHEN i = 90000 THEN 'secret cell' ELSE i::text END)::int AS c "
               "FROM generate_series(1, 100000) i");
  PostgresSource source(server_->Config());
  EXPECT_EQ(SourceProblem([&] { ScanAll(source, {"late", {"c"}}); }),
            "W-SRC-006 reading late broke off: SQLSTATE 22P02; query it with psql to see why");
}

TEST_F(PostgresSourceTest, AKilledServerProcessIsAnError) {
  server_->Run("CREATE VIEW slow AS SELECT i, CASE WHEN i = 50000 THEN pg_terminate_backend(pg_backend_pid()) END AS c "
               "FROM generate_series(1, 100000) i");
  PostgresSource source(server_->Config());
  EXPECT_THAT(SourceProblem([&] { ScanAll(source, {"slow", {"i", "c"}}); }), StartsWith("W-SRC-006 reading slow broke off: "));
}

// Wherever the connection is cut, the scan throws: it never ends early as if it were complete.
TEST_F(PostgresSourceTest, AConnectionCutAnywhereIsAnError) {
  server_->Run("CREATE TABLE t AS SELECT i, 'customer' || i AS name FROM generate_series(1, 200) i");
  TemporaryFolder folder;
  SocketProxy proxy(folder / ".s.PGSQL.5432", server_->socket());
  SourceConfig config = server_->Config();
  config.host = folder.path();
  EXPECT_EQ(ScanAll(*std::make_unique<PostgresSource>(config), {"t", {"i", "name"}}).size(), 200u);
  const std::size_t all = proxy.bytes_from_server();
  ASSERT_GT(all, 2000u);
  // Within the rows, between the last of them and the end of the COPY, before the answers to what follows it.
  for (const std::size_t missing : {2500u, 1500u, 200u, 120u, 100u, 90u, 80u, 60u, 40u, 20u, 7u, 1u}) {
    proxy.CutAfter(all - missing);
    PostgresSource source(config);
    EXPECT_THAT(SourceProblem([&] { ScanAll(source, {"t", {"i", "name"}}); }), StartsWith("W-SRC-006")) << missing;
  }
}

TEST_F(PostgresSourceTest, LeavingAScanEndsItAtTheServer) {
  server_->Run("CREATE TABLE t AS SELECT i FROM generate_series(1, 2000) i; "
               "CREATE VIEW endless AS SELECT a.i, repeat('x', 1000) AS c FROM t a, t b, t c");
  {
    PostgresSource source(server_->Config());
    source.Start({"endless", {"i", "c"}});
    policies::Batch batch;
    ASSERT_TRUE(source.Next(&batch));
  }
  {
    PostgresSource source(server_->Config());
    source.Start({"endless", {"i"}});
  }
  server_->Run("DO $$ BEGIN FOR i IN 1..200 LOOP EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE "
               "application_name = 'weir'); PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$");
  EXPECT_EQ(server_->One("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir'"), "0");
}

TEST_F(PostgresSourceTest, NamesAreQuoted) {
  server_->Run("CREATE SCHEMA \"Odd \"\"one\"; CREATE TABLE \"Odd \"\"one\".\"T;x\" (\"Select\" int, \"a\"\"b\" text, \"a.b\" int); "
               "INSERT INTO \"Odd \"\"one\".\"T;x\" VALUES (1, 'x', 2)");
  PostgresSource source(server_->Config());
  EXPECT_THAT(ScanAll(source, {"\"shop\".\"Odd \"\"one\".\"T;x\"", {"a.b", "a\"b", "select"}}),
              testing::ElementsAre(testing::ElementsAre("2", "x", "1")));
}

TEST_F(PostgresSourceTest, TellsWhatToDo) {
  server_->Run("CREATE TABLE customers (id int, email text); CREATE ROLE reader LOGIN");
  const SourceConfig config = server_->Config();
  PostgresSource source(config);
  EXPECT_EQ(SourceProblem([&] { source.Columns("\"shop\".\"public\".\"orders\""); }),
            "W-SRC-004 there is no \"shop\".\"public\".\"orders\" at " + Server(config) +
                "; run `dbt build` against this database, or let this user use its schema");
  EXPECT_EQ(SourceProblem([&] { source.Start({"customers", {"id", "emial", "phone"}}); }),
            "W-SRC-005 customers has no column `emial`; did you mean `email`?, `phone`; run `dbt build` so that the warehouse and "
            "the manifest agree");
  SourceConfig reader = config;
  reader.user = "reader";
  EXPECT_EQ(SourceProblem([&] { PostgresSource(reader).Start({"customers", {"id"}}); }),
            "W-SRC-004 cannot read customers at " + Server(reader) +
                ": ERROR:  permission denied for table customers; GRANT SELECT on it to this user");
  SourceConfig absent = config;
  absent.dbname = "nowhere";
  EXPECT_THAT(SourceProblem([&] { PostgresSource(absent).Columns("t"); }),
              testing::AllOf(StartsWith("W-SRC-003 cannot connect to PostgreSQL at " + Server(absent) + ": "),
                             HasSubstr("database \"nowhere\" does not exist")));
  SourceConfig down = config;
  down.host = "/nonexistent";
  EXPECT_THAT(SourceProblem([&] { PostgresSource(down).Columns("t"); }),
              testing::EndsWith("; check `host` and `port` of the source, and that the server runs"));
}

TEST_F(PostgresSourceTest, AWrongPasswordIsInNoMessage) {
  server_->Run("CREATE ROLE secretive LOGIN PASSWORD 'right'");
  TemporaryFolder folder;
  WriteWhole(folder / "password", "h'un\\ter2");
  SourceConfig config = server_->Config();
  config.user = "secretive";
  config.password = *SecretReference::Parse("file:" + (folder / "password"));
  const std::string problem = SourceProblem([&] { PostgresSource(config).Columns("t"); });
  EXPECT_THAT(problem, testing::EndsWith("; check `user` and `password` of the source"));
  EXPECT_THAT(problem, testing::Not(HasSubstr("ter2")));
}

// No server takes part.
TEST(PostgresOptionsTest, DemandsACertificateOfOtherMachines) {
  struct Case {
    std::string host, sslmode, expected;
  };
  const Case cases[] = {
      {"db.example", "", "verify-full"},  {"localhost", "", "prefer"},          {"127.0.0.1", "", "prefer"},
      {"/var/run/pg", "", "prefer"},      {"localhost,db.example", "", "verify-full"},
      {"db.example", "require", "require"},
  };
  for (const Case& c : cases) {
    SourceConfig config;
    config.host = c.host;
    config.sslmode = c.sslmode;
    EXPECT_THAT(ResolvePostgresOptions(config).text, HasSubstr("sslmode='" + c.expected + "'")) << c.host;
  }
}

TEST(PostgresOptionsTest, TakesAUrlApart) {
  struct Case {
    std::string url, expected;
  };
  const Case cases[] = {
      {"postgresql://u:p%27w@db.example:6543/shop", "sslmode='verify-full'"},
      {"postgresql://u:p%27w@db.example:6543/shop?sslmode=disable", "sslmode='disable'"},
      {"host=localhost user=u password=p\\'w dbname=shop", "sslmode='prefer'"},
  };
  for (const Case& c : cases) {
    ::setenv("WEIR_TEST_PG_URL", c.url.c_str(), 1);
    SourceConfig config;
    config.url = *SecretReference::Parse("env:WEIR_TEST_PG_URL");
    const PostgresOptions options = ResolvePostgresOptions(config);
    EXPECT_THAT(options.text, HasSubstr(c.expected)) << c.url;
    EXPECT_THAT(options.text, HasSubstr("password='p\\'w'")) << c.url;
    EXPECT_THAT(options.server, testing::Not(HasSubstr("p'w"))) << c.url;
    EXPECT_EQ(options.dbname, "shop");
  }
  ::setenv("WEIR_TEST_PG_URL", "postgresql://u:hunter2@[db", 1);
  SourceConfig config;
  config.url = *SecretReference::Parse("env:WEIR_TEST_PG_URL");
  EXPECT_EQ(SourceProblem([&] { ResolvePostgresOptions(config); }),
            "W-SRC-003 `url` of the source is no connection string of PostgreSQL; write "
            "`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, percent-encoded");
  ::unsetenv("WEIR_TEST_PG_URL");
}

}  // namespace
}  // namespace weir::gateway
