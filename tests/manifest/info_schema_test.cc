#include "manifest/info_schema.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "audit/digest.h"
#include "manifest/artifacts.h"
#include "manifest/column_lineage.h"
#include "manifest/duckdb_api.h"
#include "manifest/duckdb_stream.h"
#include "tests/manifest/duckdb_for_tests.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

constexpr char kSql[] = "select c.email, upper(c.name) as label, 1 as one, o.total from raw.customers c join raw.orders o using (id)";

// A folder with an Information Schema as dbt 2.0 writes it: file names, columns and types are those of its published
// schema (dbt.project, dbt.models, dbt.node_columns, dbt.column_lineage, dbt.classifiers); the rows are ours.
class InfoSchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.library = DuckdbForTests();
    options_.program = std::string(WEIR_BINARY_DIR) + "/weir-duckdb";
    if (options_.library.empty()) GTEST_SKIP() << kNoDuckdb;
    target_ = std::filesystem::path(testing::TempDir()) /
              ("weir-info-schema-" + std::to_string(::getpid()) + "-" + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(target_);
    folder_ = target_ / "info_schema" / "v1";
    std::filesystem::create_directories(folder_);
    std::string problem;
    api_ = LoadDuckdb(options_.library, &problem);
    ASSERT_NE(api_, nullptr) << problem;
    DuckdbConfig* config = nullptr;
    ASSERT_EQ(api_->create_config(&config), kDuckdbSuccess);
    ASSERT_EQ(api_->set_config(config, "threads", "1"), kDuckdbSuccess);
    char* error = nullptr;
    ASSERT_EQ(api_->open_ext(":memory:", &database_, config, &error), kDuckdbSuccess);
    api_->destroy_config(&config);
    ASSERT_EQ(api_->connect(database_, &connection_), kDuckdbSuccess);
    WriteAll();
  }
  void TearDown() override {
    if (connection_ != nullptr) api_->disconnect(&connection_);
    if (database_ != nullptr) api_->close(&database_);
    std::filesystem::remove_all(target_);
  }

  void Write(const std::string& table, const std::string& select) {
    const std::string path = (folder_ / (table + ".parquet")).string();
    DuckdbStream done(*api_, connection_, "COPY (" + select + ") TO '" + path + "' (FORMAT parquet)");
    ASSERT_FALSE(done.failed()) << done.error();
    while (done.Advance() != nullptr) {
    }
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
  }

  void WriteAll() {
    Write("dbt.project", "SELECT 1::BIGINT AS schema_version, 'shop' AS project_name, '2.0.6' AS dbt_version");
    Write("dbt.models", "SELECT 'model.shop.people' AS unique_id, '" + std::string(kSql) + "' AS compiled_code");
    Write("dbt.node_columns",
          "SELECT * FROM (VALUES"
          " ('model.shop.people', 'EMAIL', 0::BIGINT, NULL, 'varchar', 'TEXT', 'TEXT', ['pii.email', 'pii']),"
          " ('model.shop.people', 'label', 1, NULL, 'varchar', NULL, NULL, []),"
          " ('model.shop.people', 'phone', 2, NULL, 'varchar', NULL, NULL, ['pii.phone']),"
          " ('model.shop.people', 'plain', 3, NULL, 'int', NULL, NULL, []),"
          " ('source.shop.raw.customers', 'email', 0, NULL, NULL, NULL, NULL, ['pii.email']),"
          " ('model.shop.gone', 'x', 0, NULL, NULL, NULL, NULL, ['pii'])) t(node_unique_id, column_name, column_index,"
          " data_type_declared, data_type_inferred, data_type_actual, data_type, classifiers)");
    WriteEdges(
        "('customers', 'Email', 'email', 'copy'), ('customers', 'id', 'email', 'scan'), ('customers', 'name', 'LABEL', 'mod'),"
        "('orders', 'id', 'total', 'scan'), ('orders', 'id', 'later', 'sum')");
    Write("dbt.classifiers", "SELECT 'pii' AS name, true AS propagate, ['email', 'phone'] AS labels, NULL AS description");
  }
  // Rows of (source table, its column, the model's column, evolution).
  void WriteEdges(const std::string& rows) {
    Write("dbt.column_lineage",
          "SELECT 'source.shop.raw.' || p AS parent_node_unique_id, pc AS parent_column_name, 'model.shop.people' AS "
          "child_node_unique_id, cc AS child_column_name, e AS evolution, now() AS ingested_at FROM (VALUES " +
              rows + ") t(p, pc, cc, e)");
  }

  static Project ShopProject(const std::string& sql = kSql) {
    return ReadProjectFrom(AsFile(ManifestWith(
        R"("model.shop.people": {"resource_type": "model", "name": "people", "depends_on":
           {"nodes": ["source.shop.raw.customers", "source.shop.raw.orders"]}, "compiled_code": ")" +
            sql + R"(", "columns": {"email": {"name": "email", "classifiers": ["own"]}, "label": {"name": "label"}}})",
        "",
        R"("source.shop.raw.customers": {"source_name": "raw", "name": "customers", "relation_name": "\"db\".\"raw\".\"customers\"",
           "columns": {"EMAIL": {"name": "EMAIL"}}},
           "source.shop.raw.orders": {"source_name": "raw", "name": "orders", "relation_name": "\"db\".\"raw\".\"orders\""})")));
  }

  std::optional<InfoSchema> Read() {
    diagnostics_ = Diagnostics();
    return ReadInfoSchema(target_.string(), options_, &diagnostics_);
  }
  // The warnings, with the folder left out.
  std::string Warnings() const {
    std::string out;
    for (const Diagnostic& one : diagnostics_.Sorted()) {
      EXPECT_EQ(one.code, "W-ART-006");
      EXPECT_TRUE(one.file.starts_with(folder_.string() + "/")) << one.file;
      out += (out.empty() ? "" : "\n") + one.file.substr(folder_.string().size() + 1) + ": " + one.message;
    }
    return out;
  }

  static std::string Shown(const ColumnLineage& lineage) {
    std::string out = std::string(Name(lineage.proof)) + ":" + (lineage.copied ? " =" : "");
    for (const ColumnSource& source : lineage.from) out += " " + source.node.substr(source.node.rfind('.') + 1) + "." + source.column;
    return out;
  }

  LockedDuckdb::Options options_;
  std::filesystem::path target_, folder_;
  Diagnostics diagnostics_;
  const DuckdbApi* api_ = nullptr;
  DuckdbDatabase* database_ = nullptr;
  DuckdbConnection* connection_ = nullptr;
};

TEST_F(InfoSchemaTest, HoldsColumnsLineageAndClassifiers) {
  const std::optional<InfoSchema> read = Read();
  EXPECT_EQ(Warnings(), "");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->dbt_version, "2.0.6");
  ASSERT_EQ(read->columns.size(), 6u);
  EXPECT_EQ(read->edges.size(), 5u);
  ASSERT_EQ(read->classifiers.size(), 1u);
  EXPECT_EQ(read->classifiers[0].labels, (std::vector<std::string>{"email", "phone"}));
  EXPECT_TRUE(read->classifiers[0].propagates);
  EXPECT_EQ(read->code_digests.at("model.shop.people"), audit::Hex(audit::Sha256(kSql)));
}

TEST_F(InfoSchemaTest, AddsClassifiersAndNeverTakesOneAway) {
  const std::optional<InfoSchema> read = Read();
  ASSERT_TRUE(read.has_value());
  Project project = ShopProject();
  JoinInfoSchema(*read, &project);
  const std::vector<Column>& columns = project.nodes.at(0).columns;
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[0].classifiers, (std::vector<Text>{"own", "pii", "pii.email"}));
  EXPECT_EQ(columns[0].catalog_type, "TEXT");
  EXPECT_EQ(columns[1].classifiers, std::vector<Text>());
  EXPECT_EQ(columns[1].catalog_type, "varchar");
  // Nobody documented it, and dbt's propagation has marked it.
  EXPECT_EQ(columns[2].name, "phone");
  EXPECT_EQ(columns[2].classifiers, std::vector<Text>{"pii.phone"});
  EXPECT_EQ(project.sources.at(0).columns.at(0).classifiers, std::vector<Text>{"pii.email"});
}

TEST_F(InfoSchemaTest, ComesFirstInLineage) {
  const std::optional<InfoSchema> read = Read();
  ASSERT_TRUE(read.has_value());
  const Project project = ShopProject();
  const ProjectLineage lineage = ProjectLineage::Trace(project, options_, &*read);
  const std::vector<std::pair<std::string, std::string>> table = {
      {"email", "information schema: = customers.EMAIL"},  // a scan is no part of the value
      {"Label", "information schema: customers.name"},
      {"total", "information schema: orders.id"},           // nothing else is named: never less
      {"later", "information schema: orders.id"},           // an unknown word
      {"one", "sql:"},                                      // no edge is no proof of a constant: its SQL is
      {"*", "sql: customers.EMAIL customers.name orders.total"},
      {"other", "conservative: customers.* orders.*"}};
  for (const auto& [column, expected] : table) EXPECT_EQ(Shown(lineage.Of(project, project.nodes[0], column)), expected) << column;
  const LineageCounts counts = lineage.Count(project);
  EXPECT_EQ(counts.of, 2u);
  EXPECT_EQ(counts.info_schema, 2u);
  EXPECT_EQ(counts.proven(), 2u);
}

// dbt keeps what earlier runs analyzed: edges of other SQL say nothing of this one.
TEST_F(InfoSchemaTest, IsOfTheManifestsSqlOnly) {
  const std::optional<InfoSchema> read = Read();
  ASSERT_TRUE(read.has_value());
  const Project other = ShopProject("select c.ssn as email from raw.customers c");
  EXPECT_EQ(Shown(ProjectLineage::Trace(other, options_, &*read).Of(other, other.nodes[0], "email")), "sql: = customers.ssn");
  const Project not_compiled = ShopProject("");
  EXPECT_EQ(Shown(ProjectLineage::Trace(not_compiled, options_, &*read).Of(not_compiled, not_compiled.nodes[0], "email")),
            "conservative: customers.* orders.*");
}

TEST_F(InfoSchemaTest, EdgesThatNameNoNodeProveNothing) {
  const Project project = ShopProject();
  const std::vector<std::pair<std::string, std::string>> table = {
      {"('elsewhere', 'a', 'email', 'copy')", "sql: = customers.EMAIL"},
      {"('customers', 'a', 'email', 'copy'), (NULL, 'a', 'label', 'copy')", "sql: = customers.EMAIL"},
      {"('customers', 'a', 'email', 'copy'), ('customers', 'b', NULL, 'copy')", "sql: = customers.EMAIL"},
      {"('customers', NULL, 'email', 'copy')", "information schema: customers.*"},
      {"('customers', 'a', 'email', 'copy'), ('orders', 'b', 'email', 'copy')", "information schema: customers.a orders.b"},
      {"('customers', 'a', 'email', 'copy'), ('customers', 'a', 'email', 'mod')", "information schema: customers.a"}};
  for (const auto& [edges, expected] : table) {
    WriteEdges(edges);
    const std::optional<InfoSchema> read = Read();
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(Shown(ProjectLineage::Trace(project, options_, &*read).Of(project, project.nodes[0], "email")), expected) << edges;
  }
}

TEST_F(InfoSchemaTest, WhatCannotBeReadIsNamedAndLeftOut) {
  struct Case {
    std::string name;
    std::function<void()> damage;
    std::string warning;
    bool read;
    std::size_t columns, edges;
  };
  const std::string tail = "; columns are traced without it";
  const auto truncate = [&](const char* table) {
    const auto path = folder_ / (std::string(table) + ".parquet");
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  };
  const std::vector<Case> cases = {
      {"no project", [&] { std::filesystem::remove(folder_ / "dbt.project.parquet"); },
       "dbt.project.parquet: cannot be read: No such file or directory" + tail, false, 0, 0},
      {"another version", [&] { Write("dbt.project", "SELECT 2::BIGINT AS schema_version"); },
       "dbt.project.parquet: is version `2` of the Information Schema; this program reads version 1" + tail, false, 0, 0},
      {"no rows", [&] { Write("dbt.project", "SELECT 1 AS schema_version WHERE false"); }, "dbt.project.parquet: is empty" + tail, false, 0, 0},
      {"no lineage", [&] { std::filesystem::remove(folder_ / "dbt.column_lineage.parquet"); },
       "dbt.column_lineage.parquet: cannot be read: No such file or directory" + tail, true, 6, 0},
      {"another shape", [&] { Write("dbt.column_lineage", "SELECT 'x' AS child_node_unique_id"); },
       "dbt.column_lineage.parquet: has no column `child_column_name`" + tail, true, 6, 0},
      {"another type", [&] { Write("dbt.node_columns", "SELECT 'a' AS node_unique_id, 'b' AS column_name, 'pii' AS classifiers"); },
       "dbt.node_columns.parquet: its column `classifiers` is of another type" + tail, true, 0, 5},
      {"a link",
       [&] {
         std::filesystem::rename(folder_ / "dbt.node_columns.parquet", target_ / "elsewhere.parquet");
         std::filesystem::create_symlink(target_ / "elsewhere.parquet", folder_ / "dbt.node_columns.parquet");
       },
       "dbt.node_columns.parquet: is not read: it is a link or no file" + tail, true, 0, 5},
      {"no models", [&] { std::filesystem::remove(folder_ / "dbt.models.parquet"); },
       "dbt.models.parquet: cannot be read: No such file or directory" + tail, true, 6, 5},
      {"too many rows",
       [&] {
         Write("dbt.column_lineage",
               "SELECT 'a' AS parent_node_unique_id, 'b' AS parent_column_name, 'c' AS child_node_unique_id, 'd' AS "
               "child_column_name, 'copy' AS evolution FROM range(500001)");
       },
       "dbt.column_lineage.parquet: has more than 500000 rows" + tail, true, 6, 0},
  };
  for (const Case& one : cases) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    WriteAll();
    one.damage();
    const std::optional<InfoSchema> read = Read();
    EXPECT_EQ(Warnings(), one.warning) << one.name;
    ASSERT_EQ(read.has_value(), one.read) << one.name;
    if (!read) continue;
    EXPECT_EQ(read->columns.size(), one.columns) << one.name;
    EXPECT_EQ(read->edges.size(), one.edges) << one.name;
  }
  for (const char* table : {"dbt.project", "dbt.models", "dbt.node_columns", "dbt.column_lineage", "dbt.classifiers"}) {
    WriteAll();
    truncate(table);
    const Project project = ShopProject();
    const std::optional<InfoSchema> read = Read();
    EXPECT_TRUE(Warnings().starts_with(std::string(table) + ".parquet: cannot be read: ")) << Warnings();
    // Never less than the other two ways.
    const ProjectLineage lineage = ProjectLineage::Trace(project, options_, read ? &*read : nullptr);
    const std::string email = Shown(lineage.Of(project, project.nodes[0], "email"));
    EXPECT_TRUE(email == "sql: = customers.EMAIL" || email == "information schema: = customers.EMAIL") << table << " " << email;
  }
}

TEST_F(InfoSchemaTest, AbsentOnesNeedNoWord) {
  std::filesystem::remove_all(target_ / "info_schema");
  EXPECT_FALSE(Read().has_value());
  EXPECT_EQ(Warnings(), "");
}

TEST_F(InfoSchemaTest, WithoutDuckdbItSaysSo) {
  options_.program = "/no/such/program";
  EXPECT_FALSE(Read().has_value());
  EXPECT_NE(Warnings().find("dbt.project.parquet: cannot be read: "), std::string::npos) << Warnings();
}

// Many rows, all of one column or all of others: whatever looked for each among all would take hours.
TEST(InfoSchema, IsJoinedInLinearTime) {
  for (const bool one_column : {true, false}) {
    InfoSchema schema;
    for (std::size_t i = 0; i < InfoSchema::kMaxRows / 20; ++i) {
      const std::string name = "c" + std::to_string(i);
      schema.columns.push_back({"model.shop.people", one_column ? "email" : name, "", {name}});
      schema.edges.push_back({"model.shop.people", "email", "source.shop.raw.customers", name, ColumnUse::kCopied});
    }
    schema.code_digests["model.shop.people"] = audit::Hex(audit::Sha256("select 1"));
    Project project = ReadProjectFrom(AsFile(ManifestWith(
        R"("model.shop.people": {"resource_type": "model", "name": "people", "compiled_code": "select 1", "columns": {"email": {}}})", "",
        R"("source.shop.raw.customers": {"source_name": "raw", "name": "customers"})")));
    LockedDuckdb::Options nowhere;
    nowhere.program = "/no/such/program";
    const auto begin = std::chrono::steady_clock::now();
    JoinInfoSchema(schema, &project);
    const ProjectLineage lineage = ProjectLineage::Trace(project, nowhere, &schema);
    EXPECT_EQ(lineage.Of(project, project.nodes.at(0), "email").from.size(), InfoSchema::kMaxRows / 20);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
    EXPECT_EQ(project.nodes[0].columns.size(), one_column ? 1 : 1 + InfoSchema::kMaxRows / 20);
    EXPECT_EQ(project.nodes[0].columns[0].classifiers.size(), one_column ? InfoSchema::kMaxRows / 20 : 0);
  }
}

// The process that reads the files may have been taken over by them.
TEST_F(InfoSchemaTest, AnswersOfAnotherShapeAreAWarning) {
  struct Case {
    std::string name;
    LockedDuckdb::Row row;  // of dbt.node_columns
    std::string warning;
  };
  const std::string shape = "dbt.node_columns.parquet: cannot be read: the answer has rows of another shape; columns are traced without it";
  const std::vector<Case> cases = {{"no cell", {}, shape},
                                   {"one short", {"model.shop.people", "email", "text", "text", "text"}, shape},
                                   {"one more", {"model.shop.people", "email", "text", "text", "text", "pii", "more"}, shape},
                                   {"as it should be", {"model.shop.people", "email", "text", "text", "text", "pii"}, ""}};
  for (const Case& one : cases) {
    LockedDuckdb duckdb([&] {
      LockedDuckdb::Options options = options_;
      options.folder = folder_.string();
      return options;
    }());
    diagnostics_ = Diagnostics();
    const std::optional<InfoSchema> read = ReadInfoSchemaWith(target_.string(), [&](const std::string& sql) {
      LockedDuckdb::Answer answer = duckdb.Query(sql);
      if (sql.find("node_columns") != std::string::npos && sql.find("DESCRIBE") == std::string::npos) answer.rows = {one.row};
      return answer;
    }, &diagnostics_);
    EXPECT_EQ(Warnings(), one.warning) << one.name;
    ASSERT_TRUE(read.has_value()) << one.name;
    EXPECT_EQ(read->columns.size(), one.warning.empty() ? 1u : 0u) << one.name;
    EXPECT_EQ(read->edges.size(), 5u) << one.name;
  }
}

// Every column of every table as every other kind of type: an answer, or a warning that names the file.
TEST_F(InfoSchemaTest, ColumnsOfOtherTypesAreAWarningOrAnAnswer) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> tables = {
      {"dbt.project", {"schema_version", "dbt_version"}},
      {"dbt.models", {"unique_id", "compiled_code"}},
      {"dbt.node_columns", {"node_unique_id", "column_name", "data_type", "classifiers"}},
      {"dbt.column_lineage",
       {"child_node_unique_id", "child_column_name", "parent_node_unique_id", "parent_column_name", "evolution"}},
      {"dbt.classifiers", {"name", "labels", "propagate"}}};
  const std::vector<std::string> types = {"7::BIGINT", "NULL::VARCHAR", "'\\x01\\xFF'::BLOB", "{'a': 1}", "['a', NULL]", "[['a']]"};
  for (const auto& [table, columns] : tables) {
    for (const std::string& changed : columns) {
      for (const std::string& type : types) {
        std::string select;
        for (const std::string& column : columns) {
          const bool list = column == "classifiers" || column == "labels";
          const std::string plain = list ? "['pii']" : column == "schema_version" ? "1" : "'model.shop.people'";
          select += (select.empty() ? "SELECT " : ", ") + (column == changed ? type : plain) + " AS " + column;
        }
        Write(table, select);
        const std::optional<InfoSchema> read = Read();
        const std::string warnings = Warnings();
        EXPECT_TRUE(warnings.empty() || warnings.starts_with(table + ".parquet: ")) << warnings;
        EXPECT_EQ(warnings.find('\n'), std::string::npos) << warnings;
        EXPECT_TRUE(read.has_value() || !warnings.empty()) << changed << " " << type;
      }
    }
    WriteAll();
  }
}

// Bytes of strangers: whatever they are, an answer or a warning that names the file. Cut files are never an answer, since
// what Parquet needs first stands at the end. `--gtest_shuffle --gtest_repeat=N` tries others each time.
TEST_F(InfoSchemaTest, DamagedBytesAreAWarningOrAnAnswer) {
  std::mt19937_64 random(static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed()) + 1);
  std::size_t answers = 0, warnings = 0;
  for (const char* name : {"dbt.project", "dbt.models", "dbt.node_columns", "dbt.column_lineage", "dbt.classifiers"}) {
    const std::string table = std::string(name) + ".parquet";
    const std::string whole = ReadText(folder_ / table);
    for (int i = 0; i < 15; ++i) {
      std::string damaged = whole;
      const bool cut = i % 3 == 0;
      if (cut) damaged.resize(random() % whole.size());
      if (i % 3 == 1) damaged[random() % whole.size()] ^= static_cast<char>(1U << (random() % 8));
      if (i % 3 == 2) {
        for (int j = 0; j < 8; ++j) damaged[random() % whole.size()] = static_cast<char>(random());
      }
      std::ofstream(folder_ / table, std::ios::binary) << damaged;
      const std::optional<InfoSchema> read = Read();
      const std::string said = Warnings();
      EXPECT_TRUE(said.empty() || said.starts_with(table + ": ")) << said;
      EXPECT_TRUE(!cut || !said.empty()) << table << " cut at " << damaged.size();
      EXPECT_TRUE(read.has_value() || !said.empty()) << table;
      ++(said.empty() ? answers : warnings);
    }
    std::ofstream(folder_ / table, std::ios::binary) << whole;
  }
  EXPECT_GT(warnings, 25u);
  EXPECT_GT(answers, 0u) << "or else only what no reader would take was tried";
}

}  // namespace
}  // namespace weir::manifest
