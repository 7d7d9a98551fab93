#include "manifest/locked_duckdb.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/manifest/duckdb_for_tests.h"

namespace weir::manifest {
namespace {

using Status = LockedDuckdb::Answer::Status;

class LockedDuckdbTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.library = DuckdbForTests();
    if (options_.library.empty()) GTEST_SKIP() << kNoDuckdb;
  }
  LockedDuckdb::Options options_;
};

TEST_F(LockedDuckdbTest, GivesRowsOfText) {
  LockedDuckdb duckdb(options_);
  const LockedDuckdb::Answer answer = duckdb.Query("SELECT * FROM (VALUES ('a', NULL), ('', 'ü')) t(x, y)");
  ASSERT_EQ(answer.status, Status::kRows) << answer.problem;
  const std::vector<LockedDuckdb::Row> expected = {{"a", std::nullopt}, {"", "ü"}};
  EXPECT_EQ(answer.rows, expected);
  EXPECT_EQ(duckdb.Query("SELECT 'again'").rows.size(), 1u);
}

TEST_F(LockedDuckdbTest, RefusesWhatReachesOutside) {
  const std::string file = testing::TempDir() + "weir-locked-duckdb.csv";
  std::ofstream(file) << "a\n1\n";
  LockedDuckdb duckdb(options_);
  for (const std::string& sql :
       {"SELECT * FROM read_csv('" + file + "')", "COPY (SELECT 1) TO '" + file + ".out'", std::string("INSTALL httpfs"),
        std::string("SET enable_external_access = true"), std::string("SELECT * FROM read_text('/proc/self/environ')"),
        std::string("ATTACH '/tmp/weir-attached.duckdb'"), std::string("SELECT getenv('PATH')"),
        std::string("no SQL at all")}) {
    const LockedDuckdb::Answer answer = duckdb.Query(sql);
    EXPECT_EQ(answer.status, Status::kRefused) << sql;
    EXPECT_FALSE(answer.problem.empty()) << sql;
  }
  EXPECT_FALSE(std::filesystem::exists(file + ".out"));
}

TEST_F(LockedDuckdbTest, ReadsOneFolderOnly) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "weir-locked-folder";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "inside.csv") << "a\n1\n";
  std::ofstream(folder.string() + "-beside.csv") << "a\n1\n";
  options_.folder = folder.string();
  LockedDuckdb duckdb(options_);
  EXPECT_EQ(duckdb.Query("SELECT a::VARCHAR FROM read_csv('" + (folder / "inside.csv").string() + "')").status, Status::kRows);
  for (const std::string& path : {folder.string() + "-beside.csv", (folder / "../weir-locked-folder-beside.csv").string()}) {
    EXPECT_EQ(duckdb.Query("SELECT a::VARCHAR FROM read_csv('" + path + "')").status, Status::kRefused) << path;
  }
}

// A query that never ends is ended; the next one finds a fresh process.
TEST_F(LockedDuckdbTest, EndsWhatTakesTooLong) {
  options_.timeout = std::chrono::milliseconds(1500);
  LockedDuckdb duckdb(options_);
  const LockedDuckdb::Answer answer =
      duckdb.Query("SELECT sum(a.range * b.range)::VARCHAR FROM range(10000000) a, range(10000000) b");
  EXPECT_EQ(answer.status, Status::kDied);
  EXPECT_EQ(answer.problem, "reading took longer than 1500 ms");
  EXPECT_EQ(duckdb.Query("SELECT 'alive'").status, Status::kRows);
}

TEST_F(LockedDuckdbTest, GivesUpOnWhatDiesAgainAndAgain) {
  options_.program = "/bin/true";
  LockedDuckdb duckdb(options_);
  for (int i = 0; i < LockedDuckdb::kMaxStarts; ++i) EXPECT_EQ(duckdb.Query("SELECT 'x'").status, Status::kDied);
  const LockedDuckdb::Answer answer = duckdb.Query("SELECT 'x'");
  EXPECT_EQ(answer.status, Status::kUnavailable);
  EXPECT_EQ(answer.problem, "the process that reads it died too often");
}

TEST_F(LockedDuckdbTest, HoldsMemoryAndSize) {
  LockedDuckdb duckdb(options_);
  EXPECT_NE(duckdb.Query("SELECT repeat('x', 4000000000)").status, Status::kRows);
  EXPECT_NE(duckdb.Query("SELECT list(range)::VARCHAR FROM range(500000000)").status, Status::kRows);
  EXPECT_EQ(duckdb.Query("SELECT '" + std::string(LockedDuckdb::kMaxQueryBytes, 'x') + "'").status, Status::kRefused);
  EXPECT_EQ(duckdb.Query("SELECT 'alive'").status, Status::kRows);
}

TEST(LockedDuckdb, SaysWhatIsMissing) {
  LockedDuckdb::Options options;
  options.library = "/nonexistent/libduckdb.so";
  const LockedDuckdb::Answer answer = LockedDuckdb(options).Query("SELECT 'x'");
  EXPECT_EQ(answer.status, Status::kUnavailable);
  EXPECT_NE(answer.problem.find("DuckDB's library is not at `/nonexistent/libduckdb.so`"), std::string::npos) << answer.problem;
}

TEST(LockedDuckdb, QuotesLiterals) {
  EXPECT_EQ(SqlLiteral("it's"), "'it''s'");
  EXPECT_EQ(SqlLiteral(std::string_view("a\0b", 3)), std::nullopt);
}

}  // namespace
}  // namespace weir::manifest
