#include "manifest/declarations.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "manifest/artifacts.h"
#include "manifest/yaml_document.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

namespace fs = std::filesystem;

class DeclarationsTest : public testing::Test {
 protected:
  DeclarationsTest() : folder_(fs::temp_directory_path() / ("weir-declarations-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "shop");
  }
  ~DeclarationsTest() override { fs::remove_all(folder_); }

  void Write(const std::string& path, const std::string& text) const {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << text;
  }

  static std::string Shown(const std::optional<DeclaredAt>& at) {
    if (!at) return "-";
    return at->file + ":" + std::to_string(at->position.line) + ":" + std::to_string(at->position.column);
  }

  std::string Of(const Project& project, const std::string& unique_id, const std::string& column = "") const {
    Declarations declarations((folder_ / "shop").string(), project);
    return Shown(column.empty() ? declarations.Of(unique_id) : declarations.OfColumn(unique_id, column));
  }

  const fs::path folder_;
};

std::string Test(const std::string& id, const std::string& name, const std::string& column, const std::string& kwargs = "{}",
                 const std::string& node = "model.shop.a") {
  return "\"test.shop." + id + R"(": {"resource_type": "test", "name": "x", "package_name": "shop", "original_file_path": "models/_m.yml",
      "test_metadata": {"name": ")" + name + R"(", "kwargs": )" + kwargs + R"(}, "column_name": )" +
         (column.empty() ? "null" : "\"" + column + "\"") + R"(, "attached_node": ")" + node + "\"}";
}

Project Shop() {
  const auto model = [](const std::string& id, const std::string& name, const std::string& more) {
    return "\"model.shop." + id + R"(": {"resource_type": "model", "name": ")" + name + R"(", "package_name": "shop", "original_file_path": "models/)" +
           id + R"(.sql")" + more + "}";
  };
  const std::string patched = R"(, "patch_path": "shop://models/_m.yml")";
  return ReadProjectFrom(AsFile(ManifestWith(
      model("a", "a", patched) + "," + model("plain", "plain", "") + "," + model("missing", "missing", R"(, "patch_path": "shop://models/_none.yml")") + "," +
          model("up", "up", R"(, "patch_path": "shop://../secret.yml")") + "," + model("root", "root", R"(, "patch_path": "shop:///etc/passwd")") + "," +
          model("link", "link", R"(, "patch_path": "shop://models/link.yml")") + "," +
          model("folder", "folder", R"(, "patch_path": "shop://models/folder.yml")") + "," +
          model("broken", "broken", R"(, "patch_path": "shop://models/_broken.yml")") + "," +
          model("v.v1", "v", R"(, "version": 1, "latest_version": 2)" + patched) + "," + model("v.v2", "v", R"(, "version": 2, "latest_version": 2)" + patched) + "," +
          R"("model.pkg.p": {"resource_type": "model", "name": "p", "package_name": "pkg", "original_file_path": "models/p.sql", "patch_path": "pkg://models/_p.yml"},)" +
          R"("test.shop.single": {"resource_type": "test", "name": "single", "package_name": "shop", "original_file_path": "tests/single.sql"},)" +
          Test("unique_a_id.1", "unique", "id") + "," + Test("mine.2", "not_null", "id") + "," + Test("not_null_a_id.3", "not_null", "id") + "," +
          Test("av1.4", "accepted_values", "plan", R"({"values": ["x"], "column_name": "plan"})") + "," +
          Test("av2.5", "accepted_values", "plan", R"({"values": ["y", "z"], "column_name": "plan"})") + "," +
          Test("av3.6", "accepted_values", "plan", R"({"values": ["q"]})") + "," +
          R"("test.shop.combo.7": {"resource_type": "test", "name": "x", "package_name": "shop", "original_file_path": "models/_m.yml",
      "test_metadata": {"name": "combo", "namespace": "dbt_utils", "kwargs": {}}, "attached_node": "model.shop.a"},)" +
          Test("unknown.8", "unknown", "plan") + "," + Test("unique_v_k.9", "unique", "k", "{}", "model.shop.v.v2") + "," +
          R"("test.shop.src.10": {"resource_type": "test", "name": "x", "package_name": "shop", "original_file_path": "models/_m.yml",
      "test_metadata": {"name": "not_null", "kwargs": {"column_name": "ssn"}}, "attached_node": null, "depends_on": {"nodes": ["source.shop.raw.x"]}})",
      R"(, "groups": {"group.shop.core": {"unique_id": "group.shop.core", "name": "core", "package_name": "shop", "original_file_path": "models/_m.yml"}},
      "unit_tests": {"unit_test.shop.a.counts": {"resource_type": "unit_test", "name": "counts", "package_name": "shop", "original_file_path": "models/_m.yml"}})",
      R"("source.shop.raw.x": {"resource_type": "source", "name": "x", "source_name": "raw", "package_name": "shop", "original_file_path": "models/_m.yml"})",
      R"("exposure.shop.crm": {"resource_type": "exposure", "name": "crm", "package_name": "shop", "original_file_path": "models/_m.yml"})")));
}

constexpr const char* kYaml = R"(version: 2
defaults: &defaults {materialized: {{ var('how') }}}
models:
  - name: a
    description: "{{ doc('a') }}"
    config: *defaults
    data_tests:
      - dbt_utils.combo:
          arguments: {columns: [id]}
    columns:
      - name: id
        data_tests:
          - unique
          - not_null: {name: mine, where: {{ var('x') }}}
          - not_null
      - {name: Email, data_type: "{{ 'te' ~ 'xt' }}"}
      - description: the name comes last
        tests:
          - accepted_values: {values: [x]}
          - accepted_values:
              arguments: {values: [y, z]}
        name: plan
  - {% if true %}
  - name: v
    latest_version: 2
    columns: [{name: k}]
    versions:
      - v: 1
      - v: 2
        columns:
          - name: k
            data_tests: [unique]
sources:
  - name: other
    tables: [{name: x}]
  - name: raw
    tables:
      - name: x
        columns: [{name: ssn, data_tests: [not_null]}]
exposures: [{name: crm}]
groups:
  - name: core
unit_tests:
  - name: counts
)";

TEST_F(DeclarationsTest, FindsWhereADeclarationStands) {
  Write("shop/models/_m.yml", kYaml);
  Write("shop/models/plain.sql", "select 1");
  Write("shop/tests/single.sql", "select 1");
  Write("shop/dbt_packages/pkg/models/_p.yml", "models:\n  - name: p\n");
  struct Row {
    std::string unique_id, column, expected;
  };
  const std::vector<Row> table = {
      {"model.shop.a", "", "models/_m.yml:4:11"},
      {"model.shop.a", "id", "models/_m.yml:11:15"},
      {"model.shop.a", "email", "models/_m.yml:16:16"},
      {"model.shop.a", "plan", "models/_m.yml:22:15"},
      {"model.shop.a", "nobody", "-"},
      {"model.shop.plain", "", "models/plain.sql:1:1"},
      {"model.shop.plain", "id", "-"},
      {"model.shop.v.v1", "", "models/_m.yml:28:12"},
      {"model.shop.v.v2", "", "models/_m.yml:29:12"},
      {"model.shop.v.v1", "k", "models/_m.yml:26:22"},
      {"model.shop.v.v2", "k", "models/_m.yml:31:19"},
      {"model.pkg.p", "", "dbt_packages/pkg/models/_p.yml:2:11"},
      {"test.shop.unique_a_id.1", "", "models/_m.yml:13:13"},
      {"test.shop.mine.2", "", "models/_m.yml:14:13"},
      {"test.shop.not_null_a_id.3", "", "models/_m.yml:15:13"},
      {"test.shop.av1.4", "", "models/_m.yml:19:13"},
      {"test.shop.av2.5", "", "models/_m.yml:20:13"},
      {"test.shop.av3.6", "", "models/_m.yml:22:15"},  // none is it: its column
      {"test.shop.combo.7", "", "models/_m.yml:8:9"},
      {"test.shop.unknown.8", "", "models/_m.yml:22:15"},
      {"test.shop.unique_v_k.9", "", "models/_m.yml:32:26"},
      {"test.shop.src.10", "", "models/_m.yml:39:44"},
      {"test.shop.single", "", "tests/single.sql:1:1"},
      {"source.shop.raw.x", "", "models/_m.yml:38:15"},
      {"source.shop.raw.x", "ssn", "models/_m.yml:39:26"},
      {"exposure.shop.crm", "", "models/_m.yml:40:20"},
      {"group.shop.core", "", "models/_m.yml:42:11"},
      {"unit_test.shop.a.counts", "", "models/_m.yml:44:11"},
      {"model.shop.nobody", "", "-"},
  };
  const Project project = Shop();
  for (const Row& row : table) EXPECT_EQ(Of(project, row.unique_id, row.column), row.expected) << row.unique_id << " " << row.column;
}

TEST_F(DeclarationsTest, ReadsNothingOutsideOfTheProjectAndNeverFails) {
  const std::string names = "models: [{name: up}, {name: root}, {name: link}, {name: folder}, {name: inside}]\n";
  Write("secret.yml", names);
  fs::create_directories(folder_ / "shop/models/folder.yml");
  fs::create_symlink(folder_ / "secret.yml", folder_ / "shop/models/link.yml");
  Write("shop/models/_broken.yml", "models:\n  - name: broken\n    columns:\n      - name: id\n     x: [\n  \t- }\n");
  const Project project = Shop();
  EXPECT_EQ(Of(project, "model.shop.up"), "-");
  EXPECT_EQ(Of(project, "model.shop.root"), "-");
  EXPECT_EQ(Of(project, "model.shop.link"), "-");
  EXPECT_EQ(Of(project, "model.shop.folder"), "-");
  EXPECT_EQ(Of(project, "model.shop.missing"), "-");
  EXPECT_EQ(Of(project, "model.shop.a"), "-");
  EXPECT_EQ(Of(project, "test.shop.unique_a_id.1"), "-");
  EXPECT_EQ(Of(project, "test.shop.single"), "-");
  EXPECT_EQ(Of(project, "model.shop.broken"), "models/_broken.yml:2:11") << "what precedes the damage stands";
  EXPECT_EQ(Of(project, "model.shop.broken", "id"), "models/_broken.yml:4:15");
  // The same, reached from within: a link to a file of the project is one of its files.
  fs::remove(folder_ / "shop/models/link.yml");
  Write("shop/other.yml", names);
  fs::create_symlink("../other.yml", folder_ / "shop/models/link.yml");
  EXPECT_EQ(Of(project, "model.shop.link"), "models/link.yml:1:43");
  // Too large, and not text.
  Write("shop/other.yml", names + std::string(5u << 20, ' '));
  EXPECT_EQ(Of(project, "model.shop.link"), "-");
  Write("shop/other.yml", std::string("models: [{name: link}]\0\x04\xff", 25));
  EXPECT_EQ(Of(project, "model.shop.link"), "-");
  Declarations nowhere((folder_ / "no such folder").string(), project);
  EXPECT_EQ(Shown(nowhere.Of("model.shop.a")), "-");
}

TEST_F(DeclarationsTest, LenientReadingEndsWellForEveryPrefix) {
  const std::string text = kYaml;
  for (std::size_t size = 0; size <= text.size(); ++size) (void)ReadYamlLeniently(std::string_view(text).substr(0, size));
  EXPECT_TRUE(ReadYamlLeniently(text)->Find("unit_tests"));
}

// Whatever the shop's manifest holds is found, and the name stands there.
TEST_F(DeclarationsTest, FindsEverythingOfTheShop) {
  const std::string root = WEIR_SOURCE_DIR "/examples/shop";
  const Project project = ReadProject(root + "/target/manifest.json");
  EXPECT_EQ(ProjectFolderOf(root + "/target"), fs::canonical(root).string());
  EXPECT_EQ(ProjectFolderOf(root), std::nullopt);
  Declarations declarations(root, project);
  std::size_t found = 0;
  const auto check = [&](const std::optional<DeclaredAt>& at, const std::string& id, const std::string& name) {
    ASSERT_TRUE(at) << id;
    std::istringstream text(ReadText(fs::path(root) / at->file));
    std::string line;
    for (std::uint32_t i = 0; i < at->position.line; ++i) std::getline(text, line);
    EXPECT_EQ(line.substr(at->position.column - 1, name.size()), name) << id << " " << Shown(at);
    ++found;
  };
  const auto check_columns = [&](const std::string& id, const std::vector<Column>& columns) {
    for (const Column& column : columns) check(declarations.OfColumn(id, column.name), id, column.name);
  };
  for (const Node& node : project.nodes) {
    if (node.type == ResourceType::kOther) continue;
    check(declarations.Of(node.unique_id), node.unique_id, node.name);
    check_columns(node.unique_id, node.columns);
  }
  for (const Source& source : project.sources) {
    check(declarations.Of(source.unique_id), source.unique_id, source.name);
    check_columns(source.unique_id, source.columns);
  }
  for (const manifest::Test& test : project.tests) {
    check(declarations.Of(test.unique_id), test.unique_id, test.generic || test.unit ? test.name : "");
  }
  for (const Exposure& exposure : project.exposures) check(declarations.Of(exposure.unique_id), exposure.unique_id, exposure.name);
  EXPECT_GT(found, 90u);
}

}  // namespace
}  // namespace weir::manifest
