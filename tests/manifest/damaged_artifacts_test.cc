#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <regex>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

// "CODE what", or "read" when nothing was thrown.
std::string Outcome(const std::function<void()>& read) {
  try {
    read();
  } catch (const ArtifactError& error) {
    return error.code() + " " + error.what();
  }
  return "read";
}

std::string OutcomeOf(const std::string& text) {
  return Outcome([&text] { ReadProjectFrom(AsFile(text)); });
}

struct Bad {
  std::string name, input, expected;
};

TEST(DamagedManifest, IsRefusedWithAPosition) {
  const std::string v12 =
      R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}, )";
  const std::vector<Bad> table = {
      {"empty", "", "W-ART-002 target/manifest.json:1:1: the file is empty; run `dbt build` again"},
      {"blank", " \n ", "W-ART-002 target/manifest.json:1:1: the file is empty; run `dbt build` again"},
      {"not JSON", "version: 1\n", "W-ART-002 target/manifest.json:1:1: not JSON; run `dbt build` again"},
      {"HTML", "<html></html>", "W-ART-002 target/manifest.json:1:1: not JSON; run `dbt build` again"},
      {"a list", "[]", "W-ART-005 target/manifest.json:1:1: expected a map, not a list"},
      {"a number", "12", "W-ART-005 target/manifest.json:1:1: expected a map, not a number"},
      {"cut off", R"({"metadata": {"dbt_version")",
       "W-ART-002 target/manifest.json:1:28: the file ends too early: it is cut off or damaged; run `dbt "
       "build` again"},
      {"cut off in a string", R"({"metadata": {"dbt_ver)",
       "W-ART-002 target/manifest.json:1:23: the file ends inside of a string: it is cut off or damaged; run "
       "`dbt build` again"},
      {"not UTF-8", "{\"metadata\": {\n \"dbt_version\": \"\xff\"}}",
       "W-ART-002 target/manifest.json:2:18: not JSON: not UTF-8; run `dbt build` again"},
      {"control character", "{\"metadata\": {\"dbt_version\": \"1\n\"}}",
       "W-ART-002 target/manifest.json:1:32: not JSON: a control character inside of a string; run `dbt "
       "build` again"},
      {"text behind", ManifestWith("") + " {}",
       "W-ART-002 target/manifest.json:6:19: not JSON: text behind the end; run `dbt build` again"},
      {"no schema", R"({"metadata": {}, "nodes": {}})",
       "W-ART-003 target/manifest.json: has no `metadata.dbt_schema_version`; is it a dbt `manifest`?"},
      {"not dbt's", R"({"metadata": {"dbt_schema_version": "soon"}})",
       "W-ART-003 target/manifest.json:1:37: the schema `soon` is not one of dbt's"},
      {"v13", R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v13.json"}})",
       "W-ART-003 target/manifest.json:1:37: manifest `v13` is not known to this version of weir, which "
       "reads v4 to v12 and v20"},
      {"run results",
       R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"}})",
       "W-ART-003 target/manifest.json:1:37: this is a dbt `run-results`, not a `manifest`; give weir the "
       "target folder as dbt wrote it"},
      {"no nodes", v12 + R"("sources": {}, "exposures": {}})",
       "W-ART-005 target/manifest.json: has no `nodes`; is it a dbt manifest?"},
      {"no sources", v12 + R"("nodes": {}, "exposures": {}})",
       "W-ART-005 target/manifest.json: has no `sources`; is it a dbt manifest?"},
      {"nodes that are null", v12 + R"("nodes": null, "sources": {}, "exposures": {}})",
       "W-ART-005 target/manifest.json: has no `nodes`; is it a dbt manifest?"},
      {"exposures twice", v12 + R"("nodes": {}, "sources": {}, "exposures": {}, "exposures": {}})",
       "W-ART-005 target/manifest.json:1:148: the key `exposures` is there twice"},
      {"columns as a list", ManifestWith(R"("model.shop.a": {"name": "a", "columns": [{"name": "ssn"}]})"),
       "W-ART-005 target/manifest.json:4:54: `columns` must be a map of columns by name, not a list"},
      {"columns as a text", ManifestWith(R"("model.shop.a": {"name": "a", "columns": "ssn"})"),
       "W-ART-005 target/manifest.json:4:53: expected a map, not a string"},
      {"a node that is null", ManifestWith(R"("model.shop.a": null)"),
       "W-ART-005 target/manifest.json:4:28: expected a map, not null"},
      {"a byte order mark", "\xef\xbb\xbf" + ManifestWith(""),
       "W-ART-002 target/manifest.json:1:1: not JSON: the file begins with a byte order mark, which dbt does not write; run `dbt build` again"},
      {"not a number", ManifestWith(R"("model.shop.a": {"meta": {"x": NaN}})"),
       "W-ART-002 target/manifest.json:4:43: not JSON, which has no NaN and no Infinity: look for `.nan` and `.inf` in the project's YAML; run "
       "`dbt build` again"},
      {"a column that is null", ManifestWith(R"("model.shop.a": {"name": "a", "columns": {"b": null}})"),
       "W-ART-005 target/manifest.json:4:59: expected a map, not null"},
      {"meta as a text", ManifestWith(R"("model.shop.a": {"meta": "pii"})"),
       "W-ART-005 target/manifest.json:4:37: expected a map, not a string"},
      {"meta of a column as a list", ManifestWith(R"("model.shop.a": {"columns": {"b": {"config": {"meta": ["pii"]}}}})"),
       "W-ART-005 target/manifest.json:4:66: expected a map, not a list"},
      {"config as a text", ManifestWith(R"("model.shop.a": {"config": "table"})"),
       "W-ART-005 target/manifest.json:4:39: expected a map, not a string"},
      {"depends_on as a list", ManifestWith(R"("model.shop.a": {"depends_on": ["model.shop.b"]})"),
       "W-ART-005 target/manifest.json:4:43: expected a map, not a list"},
      {"nodes as a list", v12 + R"("nodes": []})",
       "W-ART-005 target/manifest.json:1:99: expected a map, not a list"},
      {"name as a map", ManifestWith(R"("model.shop.a": {"name": {}})"),
       "W-ART-005 target/manifest.json:4:37: expected a string, not a map"},
      {"unique_id of another", ManifestWith(R"("model.shop.a": {"unique_id": "model.shop.b"})"),
       "W-ART-005 target/manifest.json:4:28: `model.shop.a` holds the unique_id `model.shop.b`"},
      {"twice", ManifestWith(R"("model.shop.a": {"name": "x"}, "model.shop.a": {"name": "y"})"),
       "W-ART-005 target/manifest.json: holds `model.shop.a` twice"},
      {"half a surrogate pair", ManifestWith(R"("model.shop.a": {"name": "\ud83d"})"),
       "W-ART-002 target/manifest.json:4:37: not JSON: a wrong escape in a string; run `dbt build` again"},
      {"deep meta",
       ManifestWith(R"("model.shop.a": {"meta": {"a": )" + std::string(300, '[') + std::string(300, ']') + "}}"),
       "W-ART-004 target/manifest.json:4:243: nested deeper than 200 levels"},
  };
  for (const Bad& bad : table) EXPECT_EQ(OutcomeOf(bad.input), bad.expected) << bad.name;
}

TEST(DamagedManifest, DeepTextThatNobodyReadsIsSkipped) {
  EXPECT_EQ(
      OutcomeOf(ManifestWith("", R"(, "macros": )" + std::string(100'000, '[') + std::string(100'000, ']'))),
      "read");
}

// Brackets that nobody closed: the walk over them ends with the text.
TEST(DamagedManifest, DeepTextThatEndsIsCutOff) {
  EXPECT_EQ(OutcomeOf(R"({"macros": )" + std::string(1'000'000, '[')),
            "W-ART-002 target/manifest.json:1:1000012: the file ends too early: it is cut off or damaged; run `dbt "
            "build` again");
}

TEST(DamagedArtifacts, LimitsAreNamed) {
  const std::string deep = std::string(201, '[') + std::string(201, ']');
  EXPECT_EQ(Outcome([&] {
              ReadRunResultsFrom(AsFile(
                  R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"}, "args": {"vars": )" +
                      deep + "}}",
                  "t.json"));
            }).substr(0, 17),
            "W-ART-004 t.json:");
  EXPECT_EQ(OutcomeOf(ManifestWith(R"("model.shop.a": {"meta": {"a": )" + std::string(199, '[') + std::string(199, ']') + "}}")),
            "read");
  // A file of one byte more than the limit, which takes no room on the disk.
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "large-manifest.json";
  std::ofstream(path) << "{}";
  std::filesystem::resize_file(path, ArtifactFile::kMaxBytes + 1);
  for (const auto& read : std::vector<std::function<void()>>{
           [&] { ReadProject(path.string()); }, [&] { ReadRunResults(path.string()); },
           [&] { ReadSourceFreshness(path.string()); }, [&] { ReadCatalog(path.string()); }}) {
    EXPECT_EQ(Outcome(read),
              "W-ART-004 " + path.string() + ": 536870913 bytes are more than weir reads (536870912)");
  }
  std::filesystem::remove(path);
}

TEST(DamagedManifest, AbsentOnesAreNamed) {
  EXPECT_EQ(Outcome([] { ReadProject("absent/manifest.json"); }),
            "W-ART-001 absent/manifest.json: not found; run `dbt build` first, or name the folder that holds it "
            "(`projects` in weir.yml, `--target`, `--base`, `--head`)");
  EXPECT_EQ(Outcome([] { ReadProject("/"); }), "W-ART-001 /: cannot be read: it is not a file");
  EXPECT_EQ(ReadRunResults("absent/run_results.json"), std::nullopt);
}

// An error names the file, and where in it; anything else means that the text could be read.
void ExpectAnswer(const std::string& outcome, const std::string& what) {
  static const std::regex located("(read|W-ART-00[2345] t\\.json(:[0-9]+:[0-9]+)?: [^\n]+)");
  EXPECT_TRUE(std::regex_match(outcome, located)) << what << ": " << outcome;
}

std::string SmallManifest() {
  return ManifestWith(
      R"("model.shop.a": {"unique_id": "model.shop.a", "resource_type": "model", "name": "a", "columns": {"e": {"name": "e",
          "meta": {"pii": "email", "n": [1, -2.5e3, true, false, null]}, "tags": ["x"]}}, "raw_code": "select '\u00e9\\\"'",
          "depends_on": {"nodes": ["source.shop.raw.x"]}, "unread": {"deep": [[{}], "}{"]}},
        "test.shop.t": {"resource_type": "test", "attached_node": "model.shop.a", "config": {"severity": "warn", "limit": 3}})",
      R"(, "macros": {"macro.dbt.m": {"macro_sql": "{% macro %}"}}, "disabled": {"model.shop.b": [{"unique_id": "model.shop.b"}]})",
      R"("source.shop.raw.x": {"freshness": {"warn_after": {"count": 1, "period": "hour"}}})",
      R"("exposure.shop.crm": {"name": "crm", "owner": {"email": ["a@x.y"]}, "config": {"meta": {"weir": {"model": "a"}}}})");
}

constexpr char kResults[] =
    R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "invocation_id": "i"},
 "args": {"which": "build", "vars": {}}, "results": [{"unique_id": "model.shop.a", "status": "success", "failures": null,
 "timing": [{"name": "execute", "completed_at": "2026-05-01T10:00:01.5Z"}], "message": "OK \"x\""}], "elapsed_time": 1.5})";
constexpr char kSources[] =
    R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"}, "results":
 [{"unique_id": "source.shop.raw.x", "status": "pass", "max_loaded_at": "2026-05-01T10:00:01Z"}]})";
constexpr char kCatalog[] =
    R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}, "sources": {}, "nodes":
 {"model.shop.a": {"metadata": {"type": "BASE TABLE", "schema": "s", "name": "a"}, "columns": {"E": {"type": "text", "index": 1, "name": "E"}}}}})";

std::string ModelNamed(const std::string& name) { return R"("model.shop.)" + name + R"(": {"name": ")" + name + R"("})"; }

struct Reader {
  std::string text;
  std::function<void(const ArtifactFile&)> read;
};

std::vector<Reader> Readers() {
  return {{SmallManifest(), [](const ArtifactFile& file) { ReadProjectFrom(file); }},
          {kResults, [](const ArtifactFile& file) { ReadRunResultsFrom(file); }},
          {kSources, [](const ArtifactFile& file) { ReadSourceFreshnessFrom(file); }},
          {kCatalog, [](const ArtifactFile& file) { ReadCatalogFrom(file); }}};
}

// However little of it is in memory at a time, it is read, or refused with the same words.
TEST(DamagedArtifacts, EveryTruncationIsAnError) {
  for (const Reader& reader : Readers()) {
    for (std::size_t size = 0; size <= reader.text.size(); ++size) {
      const std::string text = reader.text.substr(0, size);
      const std::string outcome = Outcome([&] { reader.read(AsFile(text, "t.json")); });
      EXPECT_EQ(outcome == "read", size == reader.text.size()) << outcome;
      if (outcome != "read") ExpectAnswer(outcome, std::to_string(size));
      EXPECT_EQ(Outcome([&] { reader.read(AsFile(text, "t.json", 64)); }), outcome) << size;
    }
  }
}

TEST(DamagedArtifacts, AFileThatChangesMeanwhileIsRefused) {
  const std::string path = testing::TempDir() + "/changing-manifest.json";
  for (const std::string& after : {ManifestWith(ModelNamed("b")), ManifestWith(""), std::string()}) {
    std::ofstream(path) << ManifestWith(ModelNamed("a"));
    const auto file = ArtifactFile::Open(path);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(Outcome([&] { ReadProjectFrom(*file); }), "read");
    std::ofstream(path) << after;
    EXPECT_EQ(Outcome([&] { ReadProjectFrom(*file); }), "W-ART-001 " + path + ": has changed while it was read; try again when dbt is done");
  }
  std::filesystem::remove(path);
}

// What a stranger repeats takes no time by its square.
TEST(DamagedArtifacts, ManyLabelsAreReadInTime) {
  std::string tags, meta;
  for (int i = 0; i < 200'000; ++i) {
    tags += (i == 0 ? "" : ",") + ("\"" + std::to_string(i) + "\"");
    meta += (i == 0 ? "" : ",") + ("\"" + std::to_string(i) + "\":1");
  }
  const std::string labels = R"("tags": [)" + tags + R"(], "meta": {)" + meta + "}";
  const std::string both = labels + R"(, "config": {)" + labels + R"(, "x": 1})";
  const Project project = ReadProjectFrom(AsFile(ManifestWith(
      R"("model.shop.a": {)" + both + R"(, "columns": {"c": {)" + both + "}}}")));
  EXPECT_EQ(project.nodes.at(0).tags.size(), 200'000u);
  EXPECT_EQ(project.nodes[0].meta.members().size(), 200'000u);
  EXPECT_EQ(project.nodes[0].columns.at(0).tags.size(), 200'000u);
  EXPECT_EQ(project.nodes[0].columns[0].meta.members().size(), 200'000u);
}

TEST(DamagedArtifacts, AFlippedByteIsAnErrorOrAnAnswer) {
  std::mt19937 random(20260501);
  for (const Reader& reader : Readers()) {
    for (std::size_t at = 0; at < reader.text.size(); ++at) {
      for (int round = 0; round < 4; ++round) {
        std::string text = reader.text;
        text[at] =
            static_cast<char>(round < 2 ? text[at] ^ (1 << (random() % 8)) : "\"{}[],:\\ 0"[random() % 10]);
        ExpectAnswer(Outcome([&] { reader.read(AsFile(text, "t.json", round % 2 == 0 ? 64 : text.size())); }), std::to_string(at));
      }
    }
  }
}

}  // namespace
}  // namespace weir::manifest
