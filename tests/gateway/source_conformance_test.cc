// What every kind of source does, whatever is behind it. A new kind gets a Warehouse here and passes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "gateway/config.h"
#include "gateway/source.h"
#include "tests/gateway/duckdb_database.h"
#include "tests/gateway/postgres_server.h"
#include "tests/gateway/scanned_rows.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

using policies::ColumnType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A database named `shop`, which SQL fills.
class Warehouse {
 public:
  virtual ~Warehouse() = default;
  virtual void Fill(const std::vector<std::string>& statements) = 0;
  virtual SourceConfig Config() const = 0;
  virtual std::string schema() const = 0;  // where tables go by default
};

class DuckdbWarehouse final : public Warehouse {
 public:
  void Fill(const std::vector<std::string>& statements) override {
    DuckdbDatabaseFile database(folder_ / "shop.duckdb");
    for (const std::string& sql : statements) database.Run(sql);
  }
  SourceConfig Config() const override {
    SourceConfig config;
    config.kind = "duckdb";
    config.path = folder_ / "shop.duckdb";
    config.library = DuckdbLibraryForTests();
    return config;
  }
  std::string schema() const override { return "main"; }

 private:
  TemporaryFolder folder_;
};

class PostgresWarehouse final : public Warehouse {
 public:
  explicit PostgresWarehouse(std::unique_ptr<PostgresServer> server) : server_(std::move(server)) {}
  void Fill(const std::vector<std::string>& statements) override {
    for (const std::string& sql : statements) server_->Run(sql);
  }
  SourceConfig Config() const override { return server_->Config(); }
  std::string schema() const override { return "public"; }

 private:
  const std::unique_ptr<PostgresServer> server_;
};

std::unique_ptr<Warehouse> MakeWarehouse(const std::string& kind) {
  if (kind == "duckdb") return DuckdbLibraryForTests().empty() ? nullptr : std::make_unique<DuckdbWarehouse>();
  std::unique_ptr<PostgresServer> server = PostgresServer::Start();
  return server ? std::make_unique<PostgresWarehouse>(std::move(server)) : nullptr;
}

class SourceConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    warehouse_ = MakeWarehouse(GetParam());
    if (!warehouse_) GTEST_SKIP() << GetParam() << " is not installed; tests/run.sh installs it";
  }
  std::unique_ptr<Source> Make() const { return MakeSource(warehouse_->Config()); }
  std::string Relation(const std::string& table) const {
    return "\"shop\".\"" + warehouse_->schema() + "\".\"" + table + "\"";
  }
  std::unique_ptr<Warehouse> warehouse_;
};

TEST_P(SourceConformanceTest, KeepsTheProtocol) {
  warehouse_->Fill({"CREATE TABLE numbers AS SELECT i AS id, i % 7 = 0 AS seventh FROM generate_series(1, 20001) t(i)",
                    "CREATE TABLE nothing (id INTEGER)", "CREATE VIEW seen AS SELECT id FROM numbers WHERE id <= 5"});
  const std::unique_ptr<Source> source = Make();
  policies::Batch batch;
  EXPECT_EQ(SourceProblem([&] { source->Next(&batch); }), "W-SRC-006 the scan has not been started");
  EXPECT_EQ(source->Columns(Relation("numbers")).size(), 2u);
  EXPECT_EQ(source->Columns(Relation("nothing")).size(), 1u);
  source->Start({Relation("numbers"), {"seventh", "id"}});
  // Leftovers of the caller's batch do not show.
  batch.columns.resize(5);
  batch.columns[3].AppendText("left over");
  batch.rows = 1;
  std::uint64_t rows = 0, sum = 0, sevenths = 0;
  while (source->Next(&batch)) {
    ASSERT_EQ(batch.columns.size(), 2u);
    ASSERT_LE(batch.rows, policies::Batch::kMaxRows);
    for (std::size_t row = 0; row < batch.rows; ++row) {
      ++rows;
      sum += std::stoull(std::string(batch.columns[1].Text(row)));
      sevenths += batch.columns[0].Text(row) == "true" ? 1 : 0;
    }
  }
  EXPECT_EQ(rows, 20001u);
  EXPECT_EQ(sum, 20001u * 20002u / 2);
  EXPECT_EQ(sevenths, 20001u / 7);
  EXPECT_EQ(batch.rows, 0u);
  EXPECT_FALSE(source->Next(&batch)) << "complete stays complete";
  EXPECT_THAT(ScanAll(*Make(), {Relation("nothing"), {"id"}}), testing::IsEmpty());
  EXPECT_EQ(ScanAll(*Make(), {Relation("seen"), {"id"}}).size(), 5u) << "views are relations too";
  const std::unique_ptr<Source> left = Make();
  left->Start({Relation("numbers"), {"id"}});
  EXPECT_TRUE(left->Next(&batch)) << "a scan may be left in the middle";
}

TEST_P(SourceConformanceTest, TextIsTheSameFromEverySource) {
  warehouse_->Fill({"CREATE TABLE t (id INTEGER, text VARCHAR, day DATE, moment TIMESTAMP, here TIMESTAMPTZ, price DECIMAL(12,2), "
                    "ratio DOUBLE PRECISION, yes BOOLEAN, code UUID)",
                    "INSERT INTO t VALUES (1, 'Łukasz 日本 😀', '2026-11-22', '2026-11-22 21:00:00.25', "
                    "'2026-11-22 21:00:00+02', 12.5, 0.1, true, '8C1D6D3A-0000-4000-8000-00000000ABCD'), "
                    "(2, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, NULL, '1999-12-31', '1999-12-31 23:59:59', "
                    "'1999-12-31 23:59:59+00', -0.05, -2, false, '00000000-0000-0000-0000-000000000000')"});
  const ScanRequest request{Relation("t"), {"id", "text", "day", "moment", "here", "price", "ratio", "yes", "code"}};
  const std::unique_ptr<Source> source = Make();
  std::vector<ColumnType> types;
  for (const policies::ColumnSchema& column : source->Columns(request.relation)) types.push_back(column.type);
  EXPECT_THAT(types, ElementsAre(ColumnType::kInteger, ColumnType::kText, ColumnType::kDate, ColumnType::kTimestamp,
                                 ColumnType::kTimestampTz, ColumnType::kDecimal, ColumnType::kFloat, ColumnType::kBoolean,
                                 ColumnType::kUuid));
  std::vector<ScannedRow> rows = ScanAll(*source, request);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0], ElementsAre("1", "Łukasz 日本 😀", "2026-11-22", "2026-11-22 21:00:00.25", "2026-11-22 19:00:00+00",
                                   "12.50", "0.1", "true", "8c1d6d3a-0000-4000-8000-00000000abcd"));
  const ScannedCell null;
  EXPECT_THAT(rows[1], ElementsAre("2", "", null, null, null, null, null, null, null)) << "empty is not null";
  // Whole floats are `-2` here and `-2.0` there: both are what the warehouse itself shows.
  EXPECT_THAT(rows[2][6], testing::AnyOf("-2", "-2.0"));
  rows[2].erase(rows[2].begin() + 6);
  EXPECT_THAT(rows[2], ElementsAre("3", null, "1999-12-31", "1999-12-31 23:59:59", "1999-12-31 23:59:59+00", "-0.05", "false",
                                   "00000000-0000-0000-0000-000000000000"));
}

TEST_P(SourceConformanceTest, QuotesNamesAndNamesWhatIsNotThere) {
  warehouse_->Fill({"CREATE TABLE \"Odd \"\"one\" (\"Select\" INTEGER, \"a\"\"b\" VARCHAR, \"a.b; --\" INTEGER)",
                    "INSERT INTO \"Odd \"\"one\" VALUES (1, 'x', 2)"});
  const std::string relation = Relation("Odd \"\"one");
  const std::unique_ptr<Source> source = Make();
  EXPECT_THAT(ScanAll(*source, {relation, {"a.b; --", "a\"b", "select"}}), ElementsAre(ElementsAre("2", "x", "1")));
  EXPECT_EQ(SourceProblem([&] { Make()->Start({relation, {"Select", "Selct", "phone"}}); }),
            "W-SRC-005 " + relation + " has no column `Selct`; did you mean `Select`?, `phone`; run `dbt build` so that the "
                                      "warehouse and the manifest agree");
  const std::string absent = SourceProblem([&] { Make()->Columns(Relation("orders")); });
  EXPECT_THAT(absent, StartsWith("W-SRC-004 "));
  EXPECT_THAT(absent, HasSubstr(Relation("orders")));
  EXPECT_THAT(absent, HasSubstr("; run `dbt build` against this "));
  EXPECT_THAT(SourceProblem([&] { Make()->Start({"t; DROP TABLE t", {"a"}}); }), StartsWith("W-SRC-004 "));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SourceConformanceTest, testing::Values("duckdb", "postgres"),
                         [](const auto& kind) { return kind.param; });

TEST(MakeSourceTest, RefusesAnUnknownKind) {
  SourceConfig config;
  config.kind = "oracle";
  EXPECT_EQ(SourceProblem([&] { MakeSource(config); }),
            "W-SRC-001 source: kind `oracle` is not known; there are `duckdb` and `postgres`");
}

}  // namespace
}  // namespace weir::gateway
