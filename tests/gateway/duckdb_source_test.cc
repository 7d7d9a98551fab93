#include "gateway/duckdb_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "gateway/config.h"
#include "tests/gateway/duckdb_database.h"
#include "tests/gateway/scanned_rows.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

using policies::ColumnType;
using testing::HasSubstr;
using testing::StartsWith;

class DuckdbSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (DuckdbLibraryForTests().empty()) GTEST_SKIP() << "DuckDB's library is not installed; tests/run.sh gets it";
    config_.kind = "duckdb";
    config_.path = folder_ / "shop.duckdb";
    config_.library = DuckdbLibraryForTests();
  }

  void Fill(const std::vector<std::string>& statements) const {
    DuckdbDatabaseFile database(config_.path);
    for (const std::string& sql : statements) database.Run(sql);
  }

  TemporaryFolder folder_;
  SourceConfig config_;
};

TEST_F(DuckdbSourceTest, PutsEveryTypeIntoCanonicalText) {
  struct Case {
    std::string declared;
    std::string value;
    ColumnType type;
    ScannedCell expected;
  };
  const std::vector<Case> cases = {
      {"VARCHAR", "'twelve bytes'", ColumnType::kText, "twelve bytes"},
      {"VARCHAR", "'thirteen byte'", ColumnType::kText, "thirteen byte"},
      {"VARCHAR", "''", ColumnType::kText, ""},
      {"VARCHAR", "NULL", ColumnType::kText, std::nullopt},
      {"VARCHAR", "'Łukasz 日本 😀\n\"\\'", ColumnType::kText, "Łukasz 日本 😀\n\"\\"},
      {"INTEGER", "-42", ColumnType::kInteger, "-42"},
      {"BIGINT", "9223372036854775807", ColumnType::kInteger, "9223372036854775807"},
      {"HUGEINT", "170141183460469231731687303715884105727", ColumnType::kInteger,
       "170141183460469231731687303715884105727"},
      {"UBIGINT", "18446744073709551615", ColumnType::kInteger, "18446744073709551615"},
      {"DECIMAL(12,2)", "12.5", ColumnType::kDecimal, "12.50"},
      {"DECIMAL(38,10)", "-0.0000000001", ColumnType::kDecimal, "-0.0000000001"},
      {"DOUBLE", "0.1", ColumnType::kFloat, "0.1"},
      {"DOUBLE", "1e300", ColumnType::kFloat, "1e+300"},
      {"DOUBLE", "'inf'", ColumnType::kFloat, "Infinity"},
      {"DOUBLE", "'-inf'", ColumnType::kFloat, "-Infinity"},
      {"DOUBLE", "'nan'", ColumnType::kFloat, "NaN"},
      {"FLOAT", "'nan'", ColumnType::kFloat, "NaN"},
      {"BOOLEAN", "true", ColumnType::kBoolean, "true"},
      {"BOOLEAN", "false", ColumnType::kBoolean, "false"},
      {"DATE", "'2026-11-22'", ColumnType::kDate, "2026-11-22"},
      {"TIME", "'21:00:00.5'", ColumnType::kTime, "21:00:00.5"},
      {"TIMESTAMP", "'2026-11-22 21:00:00'", ColumnType::kTimestamp, "2026-11-22 21:00:00"},
      {"TIMESTAMP", "'2026-11-22 21:00:00.123456'", ColumnType::kTimestamp, "2026-11-22 21:00:00.123456"},
      {"TIMESTAMPTZ", "'2026-11-22 21:00:00+02'", ColumnType::kTimestampTz, "2026-11-22 19:00:00+00"},
      {"TIMESTAMPTZ", "'2026-07-01 12:00:00.25+00'", ColumnType::kTimestampTz, "2026-07-01 12:00:00.25+00"},
      {"UUID", "'8C1D6D3A-0000-4000-8000-00000000ABCD'", ColumnType::kUuid, "8c1d6d3a-0000-4000-8000-00000000abcd"},
      {"JSON", "'{\"a\": [1, 2]}'", ColumnType::kJson, "{\"a\": [1, 2]}"},
      {"BLOB", "'\\x00\\xFF\\x41'::BLOB", ColumnType::kBinary, "00ff41"},
      {"BLOB", "''::BLOB", ColumnType::kBinary, ""},
      {"ENUM('low', 'high')", "'high'", ColumnType::kText, "high"},
      {"INTEGER[]", "[1, 2]", ColumnType::kOther, "[1, 2]"},
  };
  std::string columns, values;
  ScanRequest request{"main.types", {}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    request.columns.push_back("c" + std::to_string(i));
    columns += (i == 0 ? "" : ", ") + request.columns.back() + " " + cases[i].declared;
    values += (i == 0 ? "" : ", ") + cases[i].value;
  }
  Fill({"CREATE TABLE types (" + columns + ")", "INSERT INTO types VALUES (" + values + ")"});
  DuckdbSource source(config_);
  const std::vector<policies::ColumnSchema> schema = source.Columns(request.relation);
  const std::vector<ScannedRow> rows = ScanAll(source, request);
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_EQ(schema.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(schema[i].type, cases[i].type) << cases[i].declared;
    EXPECT_EQ(rows[0][i], cases[i].expected) << cases[i].declared << " " << cases[i].value;
  }
}

TEST_F(DuckdbSourceTest, ReadsLargeCellsOneRowAtATime) {
  Fill({"CREATE TABLE big AS SELECT i, repeat('x', 700000 + i::INTEGER) AS c FROM range(5) t(i)"});
  DuckdbSource source(config_);
  const std::vector<ScannedRow> rows = ScanAll(source, {"big", {"c"}});
  ASSERT_EQ(rows.size(), 5u);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i][0]->size(), 700000 + i);
}

TEST_F(DuckdbSourceTest, AViewThatFailsHalfwayIsAnError) {
  Fill({"CREATE VIEW late AS SELECT CASE WHEN i = 90000 THEN error('secret cell') ELSE i::VARCHAR END AS c "
        "FROM range(100000) t(i)"});
  DuckdbSource source(config_);
  const std::string problem = SourceProblem([&] { ScanAll(source, {"late", {"c"}}); });
  EXPECT_EQ(problem, "W-SRC-006 reading late in `" + config_.path +
                         "` broke off with `Invalid Input Error`; query it in the DuckDB shell to see why");
}

TEST_F(DuckdbSourceTest, ReachesNothingOutsideTheFile) {
  WriteWhole(folder_ / "people.csv", "name\nAnn\n");
  Fill({"CREATE VIEW outside AS SELECT * FROM read_csv('" + (folder_ / "people.csv") + "')"});
  DuckdbSource source(config_);
  const std::string problem = SourceProblem([&] { source.Columns("outside"); });
  EXPECT_THAT(problem, StartsWith("W-SRC-004 cannot read outside in `" + config_.path + "`: Permission Error: "));
  EXPECT_THAT(problem, HasSubstr("; the model reads files, which is off here: materialize it as a table"));
}

TEST_F(DuckdbSourceTest, ChangesNothing) {
  Fill({"CREATE TABLE t (c INTEGER)"});
  DuckdbSource source(config_);
  EXPECT_THAT(SourceProblem([&] { source.Columns("t; DROP TABLE t"); }), StartsWith("W-SRC-004 cannot read t; DROP TABLE t"));
  EXPECT_EQ(source.Columns("t").size(), 1u);
}

TEST_F(DuckdbSourceTest, TellsWhatToDo) {
  EXPECT_EQ(SourceProblem([&] { DuckdbSource(config_).Columns("t"); }),
            "W-SRC-003 there is no database at `" + config_.path +
                "`; run `dbt build`, or correct `path` of the source in weir.yml");
  Fill({"CREATE TABLE customers (id INTEGER, email VARCHAR)"});
  DuckdbSource source(config_);
  EXPECT_THAT(SourceProblem([&] { source.Columns("\"shop\".\"main\".\"orders\""); }),
              testing::AllOf(StartsWith("W-SRC-004 cannot read \"shop\".\"main\".\"orders\" in `" + config_.path +
                                        "`: Catalog Error: Table with name orders does not exist!"),
                             HasSubstr("; run `dbt build` against this file, whose name is the first part of the relation's")));
  EXPECT_EQ(SourceProblem([&] { source.Start({"\"shop\".\"main\".\"customers\"", {"id", "emial", "phone"}}); }),
            "W-SRC-005 \"shop\".\"main\".\"customers\" has no column `emial`; did you mean `email`?, `phone`; run `dbt build` "
            "so that the warehouse and the manifest agree");
}

TEST_F(DuckdbSourceTest, ADatabaseLockedByAnotherProcessIsNamed) {
  Fill({"CREATE TABLE t (c INTEGER)"});
  int ready[2], done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    {
      DuckdbDatabaseFile database(config_.path);
      if (::write(ready[1], "x", 1) != 1 || ::read(done[0], &byte, 1) != 1) ::_exit(1);
    }
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(SourceProblem([&] { DuckdbSource(config_).Columns("t"); }),
            "W-SRC-003 the database `" + config_.path +
                "` is open for writing in another process; end it (dbt, a notebook, the DuckDB shell) and run again");
  ASSERT_EQ(::write(done[1], "x", 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
}

TEST_F(DuckdbSourceTest, AFileThatIsNoDatabaseIsRefused) {
  WriteWhole(config_.path, std::string(20000, 'x'));
  EXPECT_THAT(SourceProblem([&] { DuckdbSource(config_).Columns("t"); }),
              StartsWith("W-SRC-003 cannot open the database `" + config_.path + "`: "));
}

TEST_F(DuckdbSourceTest, AFileOfANewerDuckdbSaysWhichVersionIsRead) {
  Fill({"CREATE TABLE t (i INTEGER)"});
  std::fstream file(config_.path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(12);  // behind the checksum and `DUCK`: the version of the storage
  file.put('\xe7').flush();
  const auto open = [&] { return SourceProblem([&] { DuckdbSource(config_).Columns("t"); }); };
  // The library itself says what the checksum of the changed block is.
  const std::string damaged = open(), says = "computed checksum ";
  ASSERT_THAT(damaged, HasSubstr(says));
  const std::uint64_t checksum = std::stoull(damaged.substr(damaged.find(says) + says.size()));
  file.seekp(0);
  file.write(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  file.close();
  const std::string problem = open();
  EXPECT_THAT(problem, StartsWith("W-SRC-003 the database `" + config_.path + "` was written by another DuckDB than the library, which is 1."));
  EXPECT_THAT(problem, HasSubstr("; where dbt runs, `pip install duckdb==1."));
}

TEST_F(DuckdbSourceTest, AnAbsentLibraryIsExplained) {
  config_.library = folder_ / "libduckdb.so";
  WriteWhole(config_.path, "");
  const std::string how = "; `tests/install/install_duckdb.sh FOLDER` gets it; then name FOLDER/libduckdb.so as `library` of "
                          "the source in weir.yml, or in the variable WEIR_DUCKDB_LIBRARY";
  EXPECT_EQ(SourceProblem([&] { DuckdbSource(config_).Columns("t"); }),
            "W-SRC-002 DuckDB's library is not at `" + config_.library + "`, which `library` of the source names" + how);
  WriteWhole(config_.library, "no library");
  EXPECT_EQ(SourceProblem([&] { DuckdbSource(config_).Columns("t"); }),
            "W-SRC-002 cannot load `" + config_.library + "`: " + config_.library + ": file too short" + how);
  config_.library = "libduckdb.so";
  EXPECT_EQ(SourceProblem([&] { DuckdbSource(config_).Columns("t"); }),
            "W-SRC-002 `library` of the source names `libduckdb.so`; write the absolute path of libduckdb.so");
}

}  // namespace
}  // namespace weir::gateway
