// Where dbt's artifacts mislead a reader that trusts their schema. Others of these traps stand beside what they concern:
// columns, owners, disabled resources, catalogs and old manifests in read_project_test, statuses in evidence_test,
// relation names in relation_test, digits of seconds in timestamp_test.
#include <gtest/gtest.h>

#include "manifest/artifacts.h"
#include "manifest/evidence.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

Project Read(const std::string& text) { return ReadProjectFrom(AsFile(text)); }

std::string Joined(const std::vector<Text>& texts) {
  std::string out;
  for (const Text& text : texts) out += (out.empty() ? "" : " ") + text;
  return out;
}

// dbt 1.9 has it at the top, 1.10 in `config` as well, and a column has it in two places of its own.
TEST(DbtTraps, MetaStandsInThreePlaces) {
  const std::string both = R"("meta": {"a": 1, "b": 1}, "config": {"meta": {"b": 2, "c": 3}, "tags": ["y"]}, "tags": ["x"])";
  const std::string column = R"(, "columns": {"id": {"name": "id", "meta": {"own": 1}, "config": {"meta": {"own": 2}}}})";
  const Project project =
      Read(ManifestWith(R"("model.s.m": {"resource_type": "model", "name": "m", )" + both + column +
                            R"(}, "test.s.t": {"resource_type": "test", "name": "t", )" + both + "}",
                        "", R"("source.s.r.x": {"resource_type": "source", "name": "x", )" + both + column + "}",
                        R"("exposure.s.e": {"resource_type": "exposure", "name": "e", )" + both + "}"));
  const std::string merged = R"({"a":1,"b":2,"c":3})";
  EXPECT_EQ(project.nodes.at(0).meta.CanonicalJson(), merged);
  EXPECT_EQ(project.sources.at(0).meta.CanonicalJson(), merged);
  EXPECT_EQ(project.tests.at(0).meta.CanonicalJson(), merged);
  EXPECT_EQ(project.exposures.at(0).meta.CanonicalJson(), merged);
  for (const auto* tags : {&project.nodes[0].tags, &project.sources[0].tags, &project.tests[0].tags, &project.exposures[0].tags}) {
    std::vector<Text> sorted = *tags;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(Joined(sorted), "x y");
  }
  // A node's meta is none of its columns'.
  EXPECT_EQ(project.nodes[0].columns.at(0).meta.CanonicalJson(), R"({"own":2})");
  EXPECT_EQ(project.sources[0].columns.at(0).meta.CanonicalJson(), R"({"own":2})");
}

TEST(DbtTraps, MetaThatWasCopiedFromTheNode) {
  std::string text = ManifestWith(
      R"("model.s.m": {"resource_type": "model", "name": "m", "meta": {"owner": "x", "tier": 1}, "columns": {
        "a": {"name": "a", "meta": {"tier": 1, "owner": "x"}}, "b": {"name": "b", "meta": {"tier": 2, "owner": "x"}},
        "c": {"name": "c", "meta": {}}}})");
  EXPECT_FALSE(Read(text).nodes.at(0).columns.at(0).meta_copied_from_node);  // dbt 1: somebody wrote it
  text.replace(text.find("1.11.2"), 6, "2.0.0");
  const Project project = Read(text);
  ASSERT_EQ(project.nodes.at(0).columns.size(), 3u);
  EXPECT_TRUE(project.nodes[0].columns[0].meta_copied_from_node);
  EXPECT_FALSE(project.nodes[0].columns[1].meta_copied_from_node);
  EXPECT_FALSE(project.nodes[0].columns[2].meta_copied_from_node);
}

TEST(DbtTraps, SeverityIsWrittenInAnyCase) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"severity": "warn"})", "warn"},   {R"({"severity": "WARN"})", "warn"}, {R"({"severity": "Warn"})", "warn"},
      {R"({"severity": "ERROR"})", "error"}, {R"({"severity": "error"})", "error"}, {R"({"severity": null})", "error"},
      {"{}", "error"},                       {"null", "error"}};
  for (const auto& [config, severity] : table) {
    const Project project = Read(ManifestWith(R"("test.s.t": {"resource_type": "test", "name": "t", "config": )" + config + "}"));
    EXPECT_EQ(project.tests.at(0).severity, severity) << config;
  }
}

TEST(DbtTraps, DependsOnMayBeAbsent) {
  for (const std::string more : {"", R"(, "depends_on": null)", R"(, "depends_on": {})", R"(, "depends_on": {"macros": []})",
                                 R"(, "depends_on": {"nodes": null})"}) {
    const Project project = Read(ManifestWith(
        R"("seed.s.a": {"resource_type": "seed", "name": "a")" + more + R"(}, "test.s.t": {"resource_type": "test", "name": "t")" + more + "}",
        "", "", R"("exposure.s.e": {"resource_type": "exposure", "name": "e")" + more + "}"));
    EXPECT_TRUE(project.nodes.at(0).depends_on.empty()) << more;
    EXPECT_EQ(project.tests.at(0).attached_node, "") << more;
    EXPECT_TRUE(project.exposures.at(0).depends_on.empty()) << more;
  }
}

TEST(DbtTraps, VersionedIdsAreNamesWithAnEnding) {
  const auto model = [](const std::string& version, const std::string& written) {
    return R"("model.s.dim.v)" + version + R"(": {"resource_type": "model", "package_name": "s", "name": "dim", "version": )" + written +
           R"(, "latest_version": )" + written + "}";
  };
  // An integer, a text, a fraction, and a text with a dot of its own.
  const std::vector<std::pair<std::string, std::string>> table = {{"2", "2"}, {"2", R"("2")"}, {"1.5", "1.5"}, {"2.beta", R"("2.beta")"}};
  for (const auto& [version, written] : table) {
    const Project project = Read(ManifestWith(model(version, written)));
    const Node& node = project.nodes.at(0);
    EXPECT_EQ(node.version, version);
    EXPECT_EQ(node.latest_version, version);
    for (const std::string& name : {std::string("dim"), "dim.v" + version, "s.dim.v" + version, "model.s.dim.v" + version}) {
      EXPECT_EQ(project.FindModel(name), &node) << name;
    }
    EXPECT_EQ(project.FindModel("dim.v9"), nullptr);
  }
}

TEST(DbtTraps, TextHoldsEscapesOfEveryKind) {
  struct Row {
    std::string written, read;  // empty: refused
  };
  const std::vector<Row> table = {{R"(\ud83d\ude00)", "\xf0\x9f\x98\x80"},
                                  {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
                                  {R"(\u00e9)", "\xc3\xa9"},
                                  {R"(a\/b\\c\"d\u0000e)", std::string("a/b\\c\"d\0e", 9)},
                                  {R"(\ud83d!)", ""},
                                  {R"(\ude00)", ""},
                                  {R"(\x)", ""},
                                  {"\xed\xa0\xbd", ""},
                                  {"\xff", ""}};
  for (const Row& row : table) {
    const std::string text = ManifestWith(R"("model.s.m": {"resource_type": "model", "name": ")" + row.written + R"(", "alias": "a"})");
    std::string read;
    try {
      read = Read(text).nodes.at(0).name;
    } catch (const ArtifactError& error) {
      EXPECT_EQ(error.code(), "W-ART-002") << row.written;
    }
    EXPECT_EQ(read, row.read) << row.written;
  }
}

// `dbt retry` runs what failed, and a selection what it names: results of the rest are of runs whose file is gone. What passed
// before is no evidence now, and a retried model makes the tests that passed on the earlier build old.
TEST(DbtTraps, ARetryOrAPartialRunProvesOnlyWhatItRan) {
  Artifacts artifacts;
  const auto test = [](const std::string& id) {
    return R"("test.s.)" + id + R"(": {"resource_type": "test", "name": ")" + id + R"(", "attached_node": "model.s.m"})";
  };
  artifacts.project = Read(ManifestWith(R"("model.s.m": {"resource_type": "model", "name": "m", "relation_name": "\"d\".\"p\".\"m\""}, )" +
                                        test("failed_then_passed") + ", " + test("passed_before") + ", " + test("skipped_again")));
  for (const char* which : {"retry", "build", "test"}) {
    artifacts.run_results = ReadRunResultsFrom(AsFile(
        R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
          "generated_at": "2026-05-01T10:00:05Z", "invocation_id": "run-1"}, "args": {"which": ")" +
            std::string(which) + R"("}, "results": [
          {"unique_id": "test.s.failed_then_passed", "status": "pass", "failures": 0, "timing": [{"completed_at": "2026-05-01T10:00:04Z"}]},
          {"unique_id": "test.s.skipped_again", "status": "skipped", "timing": []}]})",
        "target/run_results.json"));
    const auto verdict = [&](const std::string& id) {
      return EvidenceOf(artifacts, *artifacts.project.FindTest("test.s." + id), "").verdict;
    };
    EXPECT_EQ(verdict("failed_then_passed"), TestVerdict::kPassed) << which;
    EXPECT_EQ(verdict("passed_before"), TestVerdict::kNotRun) << which;
    EXPECT_EQ(verdict("skipped_again"), TestVerdict::kSkipped) << which;
    EXPECT_FALSE(BuildOf(artifacts, *artifacts.project.FindNode("model.s.m")).succeeded) << which;
  }
}

}  // namespace
}  // namespace weir::manifest
