#include "manifest/evidence.h"

#include <gtest/gtest.h>

#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

// The model was built at 10:00:02 and tested at 10:00:03, all by the invocation `run-1`, whose manifest this
// is.
struct Story {
  std::string which = "build";
  std::string run_invocation = "run-1";
  std::string run_written = "2026-05-01T10:00:05.000000Z";
  std::string manifest_written = "2026-05-01T10:00:00.000000Z";
  std::string model_result =
      R"({"unique_id": "model.shop.a", "status": "success", "relation_name": "\"d\".\"prod\".\"a\"", "compiled_code": "select 1",
          "timing": [{"name": "execute", "completed_at": "2026-05-01T10:00:02.123456Z"}]})";
  std::string status = "pass";
  std::string message = "null";
  std::string failures = "0";
  std::string tested_at = "2026-05-01T10:00:03.123456789Z";
  std::string test_sql = R"(select id from \"d\".\"prod\".\"a\")";
  std::string parsed_at = "1777629590.5";  // 2026-05-01T09:59:50.5Z
  std::string model_in_manifest = "";      // further fields
  std::string test_in_manifest = "";
  std::string relation = "";
  std::string args = "";  // further ones
};

Artifacts Told(const Story& story) {
  std::string text = ManifestWith(
      R"("model.shop.a": {"resource_type": "model", "name": "a", "relation_name": "\"d\".\"prod\".\"a\"", "created_at": )" +
          story.parsed_at + story.model_in_manifest +
          R"(}, "test.shop.t": {"resource_type": "test", "name": "t", "attached_node": "model.shop.a", "created_at": )" +
          story.parsed_at + story.test_in_manifest + "}",
      R"(, "unit_tests": {"unit_test.shop.a.u": {"resource_type": "unit_test", "depends_on": {"nodes": ["model.shop.a"]}}})");
  const std::string written = "2026-05-01T10:00:10.000000Z";
  text.replace(text.find(written), written.size(), story.manifest_written);
  const std::string results =
      R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "generated_at": ")" +
      story.run_written + R"(", "invocation_id": ")" + story.run_invocation + R"("}, "args": {"which": ")" +
      story.which + R"(")" + story.args + R"(}, "results": [)" + story.model_result + (story.model_result.empty() ? "" : ", ") +
      R"({"unique_id": "test.shop.t", "status": ")" + story.status + R"(", "message": )" + story.message +
      R"(, "failures": )" + story.failures + R"(, "compiled_code": ")" + story.test_sql +
      R"(", "timing": [{"completed_at": "2026-05-01T09:00:00Z"}, {"completed_at": ")" + story.tested_at +
      R"("}]},
      {"unique_id": "unit_test.shop.a.u", "status": "pass", "timing": [{"completed_at": "2026-05-01T10:00:01Z"}]}]})";
  Artifacts artifacts;
  artifacts.project = ReadProjectFrom(AsFile(text));
  artifacts.run_results = ReadRunResultsFrom(AsFile(results, "target/run_results.json"));
  return artifacts;
}

std::string Evidence(const Story& story) {
  const Artifacts artifacts = Told(story);
  const TestEvidence evidence =
      EvidenceOf(artifacts, *artifacts.project.FindTest("test.shop.t"), story.relation);
  return std::string(Name(evidence.verdict)) + ": " + evidence.reason;
}

std::string Build(const Story& story) {
  const Artifacts artifacts = Told(story);
  const BuildEvidence evidence = BuildOf(artifacts, *artifacts.project.FindNode("model.shop.a"));
  return std::string(evidence.known ? evidence.succeeded ? "good" : "bad" : "unknown") + ": " +
         evidence.reason;
}

struct Row {
  std::string name;
  Story story;
  std::string expected;
};

TEST(Evidence, FollowsTheStatus) {
  const std::vector<Row> table = {
      {"pass", {}, "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"test command",
       {.which = "test", .model_result = ""},
       "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"retry", {.which = "retry"}, "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"warn",
       {.status = "warn", .failures = "2"},
       "warned: warned with 2 failures at 2026-05-01T10:00:03.123456789Z"},
      {"fail",
       {.status = "fail", .failures = "1"},
       "failed: failed with 1 failure at 2026-05-01T10:00:03.123456789Z"},
      {"error",
       {.status = "error", .failures = "null"},
       "errored: could not run: its SQL ended in an error at 2026-05-01T10:00:03.123456789Z"},
      {"runtime error",
       {.status = "runtime error", .failures = "null"},
       "errored: could not run: its SQL ended in an error at 2026-05-01T10:00:03.123456789Z"},
      {"skipped", {.status = "skipped"}, "skipped: was skipped, because something that it depends on failed"},
      {"success",
       {.status = "success", .failures = "null"},
       "no evidence: has the status `success`, which means compiled, not run; run `dbt build` last"},
      {"reused",
       {.status = "reused"},
       "not run: was not run again (`reused`), and its earlier result is not here"},
      {"no-op", {.status = "no-op"}, "not run: was not run (`no-op`)"},
      {"unheard", {.status = "maybe"}, "unknown: has the status `maybe`, which weir does not know"},
      {"statically checked",
       {.message = R"("Statically checked")", .tested_at = ""},
       "passed: passed by static analysis (`Statically checked`): no SQL ran"},
      {"upper case", {.status = "PASS"}, "passed: passed at 2026-05-01T10:00:03.123456789Z"},
  };
  for (const Row& row : table) EXPECT_EQ(Evidence(row.story), row.expected) << row.name;
}

TEST(Evidence, NeedsACommandThatRunsTests) {
  const std::vector<Row> table = {
      {"docs generate",
       {.which = "generate"},
       "no evidence: `dbt docs generate` overwrote run_results.json: no test ran; run `dbt build` last"},
      {"compile",
       {.which = "compile"},
       "no evidence: `dbt compile` overwrote run_results.json: no test ran; run `dbt build` last"},
      {"run",
       {.which = "run"},
       "no evidence: `dbt run` overwrote run_results.json: no test ran; run `dbt build` last"},
      {"nothing",
       {.which = ""},
       "no evidence: run_results.json does not say which command wrote it; run `dbt build` last"},
  };
  for (const Row& row : table) EXPECT_EQ(Evidence(row.story), row.expected) << row.name;
}

TEST(Evidence, IsOfTheRelationThatIsRead) {
  const std::string ci =
      R"({"unique_id": "model.shop.a", "status": "success", "relation_name": "\"d\".\"ci\".\"a\"",
      "timing": [{"completed_at": "2026-05-01T10:00:02Z"}]})";
  const std::vector<Row> table = {
      {"built elsewhere",
       {.model_result = ci},
       R"(other environment: ran against `"d"."ci"."a"`, not `"d"."prod"."a"`)"},
      {"read elsewhere",
       {.relation = R"("d"."ci"."a")"},
       R"(other environment: ran against `"d"."prod"."a"`, not `"d"."ci"."a"`)"},
      {"read as built",
       {.model_result = ci, .relation = "d.ci.a"},
       "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"tests only, same run",
       {.which = "test", .model_result = "", .relation = R"("d"."ci"."a")"},
       R"(other environment: ran against `"d"."prod"."a"`, not `"d"."ci"."a"`)"},
      {"tests only, other run, by its SQL",
       {.which = "test",
        .run_invocation = "run-0",
        .manifest_written = "2026-05-01T11:00:00Z",
        .model_result = ""},
       "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"tests only, other run, other SQL",
       {.which = "test",
        .run_invocation = "run-0",
        .manifest_written = "2026-05-01T11:00:00Z",
        .model_result = "",
        .test_sql = "select 1"},
       R"(other environment: nothing shows that it ran against `"d"."prod"."a"`; run `dbt build` last)"},
      {"tests only, other run, a longer name in its SQL",
       {.which = "test",
        .run_invocation = "run-0",
        .manifest_written = "2026-05-01T11:00:00Z",
        .model_result = "",
        .test_sql = R"(select id from \"x\".\"d\".\"prod\".\"a\")"},
       R"(other environment: nothing shows that it ran against `"d"."prod"."a"`; run `dbt build` last)"},
      {"tests only, same run, deferred, by its SQL",
       {.which = "test", .model_result = "", .args = R"(, "defer": true)"},
       "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"tests only, same run, deferred to another target",
       {.which = "test", .model_result = "", .test_sql = R"(select id from \"d\".\"ci\".\"a\")", .args = R"(, "defer": true)"},
       R"(other environment: nothing shows that it ran against `"d"."prod"."a"`; run `dbt build` last)"},
      {"built and tested, deferred above",
       {.test_sql = "select 1", .args = R"(, "defer": true)"},
       "passed: passed at 2026-05-01T10:00:03.123456789Z"},
  };
  for (const Row& row : table) EXPECT_EQ(Evidence(row.story), row.expected) << row.name;
}

TEST(Evidence, IsOfAllRows) {
  const std::string empty = "no evidence: ran with `--empty`, over no rows; run `dbt build` last without it";
  const std::string sample = "no evidence: ran with `--sample`, over a part of the rows; run `dbt build` last without it";
  const std::string passed = "passed: passed at 2026-05-01T10:00:03.123456789Z";
  const std::string limited = R"(select id from (select * from \"d\".\"prod\".\"a\" where false limit 0))";
  const std::vector<Row> table = {
      {"empty", {.args = R"(, "empty": true)"}, empty},
      {"of anything that is not known", {.args = R"(, "empty": "yes")"}, empty},
      {"whatever it found", {.status = "fail", .failures = "1", .args = R"(, "empty": true)"}, empty},
      {"not empty", {.args = R"(, "empty": false)"}, passed},
      {"null", {.args = R"(, "empty": null, "sample": null, "defer": null)"}, passed},
      {"empty by its SQL, as of dbt 2", {.test_sql = limited}, empty},
      {"a test of such SQL", {.test_sql = limited, .args = R"(, "empty": false)"}, passed},
      {"sampled", {.args = R"(, "sample": {"start": "2026-04-30T00:00:00+00:00", "end": "2026-05-01T00:00:00+00:00"})"}, sample},
      {"sampled, as text", {.args = R"(, "empty": false, "sample": "3 days")"}, sample},
  };
  for (const Row& row : table) EXPECT_EQ(Evidence(row.story), row.expected) << row.name;
  const Artifacts artifacts = Told({.args = R"(, "empty": true)"});
  EXPECT_EQ(EvidenceOf(artifacts, *artifacts.project.FindTest("unit_test.shop.a.u"), "").verdict, TestVerdict::kPassed)
      << "a unit test has rows of its own";
}

// Tests over no rows touch nothing: what was found before stands, as after `dbt compile`.
TEST(Evidence, OverNoRowsTakesNothingsPlace) {
  Artifacts artifacts = Told({.status = "fail"});
  artifacts.earlier_runs.push_back(*artifacts.run_results);
  RunResults& later = *artifacts.run_results;
  later = *Told({.run_invocation = "run-2", .model_result = "", .tested_at = "2026-05-01T10:00:09Z", .args = R"(, "empty": true)"}).run_results;
  const manifest::Test& test = *artifacts.project.FindTest("test.shop.t");
  EXPECT_EQ(EvidenceOf(artifacts, test, "").verdict, TestVerdict::kFailed);
  artifacts.earlier_runs.clear();
  EXPECT_EQ(EvidenceOf(artifacts, test, "").verdict, TestVerdict::kNoEvidence);
}

TEST(Evidence, IsNewerThanTheData) {
  const std::vector<Row> table = {
      {"tested before it was built",
       {.tested_at = "2026-05-01T10:00:01Z"},
       "stale: ran at 2026-05-01T10:00:01Z, before `model.shop.a` was built at 2026-05-01T10:00:02.123456Z"},
      {"unknown time",
       {.tested_at = ""},
       "stale: nothing shows that it ran after `model.shop.a` was built; run `dbt build` last"},
      {"same moment, other digits",
       {.tested_at = "2026-05-01T10:00:02.123456000Z"},
       "passed: passed at 2026-05-01T10:00:02.123456000Z"},
  };
  for (const Row& row : table) EXPECT_EQ(Evidence(row.story), row.expected) << row.name;
}

TEST(Evidence, IsOfTheManifestsCode) {
  Story later;  // `dbt source freshness` wrote the manifest again, an hour after the build
  later.run_invocation = "run-0";
  later.manifest_written = "2026-05-01T11:00:00.000000Z";
  Story parsed_again = later;
  parsed_again.parsed_at = "1777633190.5";
  Story unknown = later;
  unknown.parsed_at = "null";
  Story older = later;
  older.manifest_written = "2026-05-01T09:00:00.000000Z";
  Story compiled_same = parsed_again;
  compiled_same.model_in_manifest = R"(, "compiled_code": "select 1")";
  compiled_same.test_in_manifest = R"(, "compiled_code": "select id from \"d\".\"prod\".\"a\"")";
  Story compiled_other = compiled_same;
  compiled_other.model_in_manifest = R"(, "compiled_code": "select 2")";
  Story no_invocation = older;
  no_invocation.run_invocation = "";
  const std::vector<Row> table = {
      {"kept as parsed before", later, "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"parsed again", parsed_again,
       "stale: manifest.json is of a later invocation, which parsed `test.shop.t` again after it ran; run "
       "`dbt build` last"},
      {"dbt 2 does not say", unknown,
       "stale: manifest.json is of another invocation than run_results.json, and nothing shows that the code "
       "of "
       "`test.shop.t` is the same; run `dbt build` last"},
      {"manifest of before", older,
       "stale: manifest.json is older than run_results.json and of another invocation; run `dbt build` last"},
      {"no invocation", no_invocation,
       "stale: manifest.json is older than run_results.json and of another invocation; run `dbt build` last"},
      {"compiles to the same", compiled_same, "passed: passed at 2026-05-01T10:00:03.123456789Z"},
      {"compiles to other SQL", compiled_other,
       "stale: manifest.json is of a later invocation, in which `model.shop.a` compiles to other SQL; run "
       "`dbt build` last"},
  };
  for (const Row& row : table) EXPECT_EQ(Evidence(row.story), row.expected) << row.name;
}

TEST(Evidence, AnAbsentResultIsNotRun) {
  Artifacts artifacts = Told({});
  const manifest::Test& test = *artifacts.project.FindTest("test.shop.t");
  std::erase_if(artifacts.run_results->results,
                [](const TestResult& result) { return result.unique_id == "test.shop.t"; });
  EXPECT_EQ(EvidenceOf(artifacts, test, "").reason,
            "is not in run_results.json: the last `dbt build` left it out");
  EXPECT_EQ(EvidenceOf(artifacts, test, "").verdict, TestVerdict::kNotRun);
  artifacts.run_results.reset();
  EXPECT_EQ(EvidenceOf(artifacts, test, "").reason, "there is no run_results.json; run `dbt build`");
  EXPECT_EQ(EvidenceOf(artifacts, test, "").verdict, TestVerdict::kNoEvidence);
}

TEST(Evidence, TwoResultsOfOneTestAreNoAnswer) {
  Artifacts artifacts = Told({});
  std::vector<TestResult>& results = artifacts.run_results->results;
  const auto at = std::find_if(results.begin(), results.end(),
                               [](const TestResult& r) { return r.unique_id == "test.shop.t"; });
  results.insert(at, *at);
  EXPECT_EQ(EvidenceOf(artifacts, *artifacts.project.FindTest("test.shop.t"), "").verdict,
            TestVerdict::kUnknown);
}

TEST(Evidence, AUnitTestRunsBeforeItsModelAndOnNoRelation) {
  const Artifacts artifacts = Told({});
  const TestEvidence evidence =
      EvidenceOf(artifacts, *artifacts.project.FindTest("unit_test.shop.a.u"), "other.relation.a");
  EXPECT_EQ(evidence.verdict, TestVerdict::kPassed) << evidence.reason;
}

TEST(BuildEvidence, SaysHowTheLastBuildEnded) {
  const auto ended = [](const std::string& status) {
    Story story;
    story.model_result = R"({"unique_id": "model.shop.a", "status": ")" + status +
                         R"(", "timing": [{"completed_at": "2026-05-01T10:00:02Z"}]})";
    return story;
  };
  Story ci;
  ci.model_result =
      R"({"unique_id": "model.shop.a", "status": "success", "relation_name": "\"d\".\"ci\".\"a\""})";
  const std::vector<Row> table = {
      {"success", ended("success"), "good: built at 2026-05-01T10:00:02Z"},
      {"reused", ended("reused"), "good: was not built again (`reused`): dbt found nothing to have changed"},
      {"warn", ended("warn"), "good: built with warnings at 2026-05-01T10:00:02Z"},
      {"error", ended("error"), "bad: its last build ended with `error`"},
      {"skipped", ended("skipped"), "bad: its last build ended with `skipped`"},
      {"partial success", ended("partial success"), "bad: its last build ended with `partial success`"},
      {"other relation", ci, R"(bad: was built as `"d"."ci"."a"`, not `"d"."prod"."a"`)"},
      {"compile",
       {.which = "compile"},
       "unknown: `dbt compile` wrote run_results.json: nothing was built; run `dbt build` last"},
      {"test",
       {.which = "test"},
       "unknown: `dbt test` wrote run_results.json: nothing was built; run `dbt build` last"},
      {"left out",
       {.model_result = ""},
       "unknown: is not in run_results.json: the last `dbt build` left it out"},
      {"empty", {.args = R"(, "empty": true)"}, "bad: ran with `--empty`, over no rows; run `dbt build` last without it"},
      {"not empty", {.args = R"(, "empty": false)"}, "good: built at 2026-05-01T10:00:02.123456Z"},
      {"sampled", {.args = R"(, "sample": {})"}, "bad: ran with `--sample`, over a part of the rows; run `dbt build` last without it"},
      {"other code",
       {.run_invocation = "run-0", .manifest_written = "2026-05-01T09:00:00Z"},
       "bad: manifest.json is older than run_results.json and of another invocation; run `dbt build` last"},
  };
  for (const Row& row : table) EXPECT_EQ(Build(row.story), row.expected) << row.name;
}

TEST(FreshnessEvidence, MissingIsNotFresh) {
  Artifacts artifacts;
  artifacts.project = ReadProjectFrom(AsFile(ManifestWith(
      "", "",
      R"("source.shop.raw.x": {"freshness": {"warn_after": {"count": 1, "period": "hour"}}}, "source.shop.raw.y": {})")));
  const Source& checked = *artifacts.project.FindSource("source.shop.raw.x");
  const Source& free = *artifacts.project.FindSource("source.shop.raw.y");
  const auto shown = [&](const Source& source) {
    const FreshnessEvidence evidence = FreshnessOf(artifacts, source);
    return std::string(Name(evidence.verdict)) + ": " + evidence.reason;
  };
  EXPECT_EQ(shown(checked), "missing: there is no sources.json; run `dbt source freshness`");
  EXPECT_EQ(shown(free), "not checked: has no `freshness` in dbt");
  artifacts.freshness.emplace();
  EXPECT_EQ(shown(checked), "missing: is not in sources.json: its check crashed, or was not selected");
  struct Status {
    std::string status, expected;
  };
  const std::vector<Status> table = {
      {"pass", "fresh: fresh, last loaded at 2026-05-01T10:00:00Z"},
      {"warn", "warned: older than `warn_after`, last loaded at 2026-05-01T10:00:00Z"},
      {"error", "stale: older than `error_after`, last loaded at 2026-05-01T10:00:00Z"},
      {"runtime error", "missing: its check ended in an error"},
      {"maybe", "missing: has the status `maybe`, which weir does not know"}};
  for (const Status& row : table) {
    artifacts.freshness->results = {{"source.shop.raw.x", row.status, "2026-05-01T10:00:00Z", ""}};
    EXPECT_EQ(shown(checked), row.expected);
  }
  for (const bool bad_first : {true, false}) {
    artifacts.freshness->results = {{"source.shop.raw.x", bad_first ? "error" : "pass", "", ""},
                                    {"source.shop.raw.x", bad_first ? "pass" : "error", "", ""}};
    EXPECT_EQ(shown(checked), "missing: is in sources.json twice");
  }
}

// dbt-bouncer's fixtures: with dbt 1.12 `docs generate` overwrote the results, with dbt 2.0 they are of a
// build.
TEST(Evidence, OfRealProjects) {
  const std::filesystem::path folder = SampleFolder();
  if (folder.empty()) GTEST_SKIP() << "no samples";
  const auto passed = [](const Artifacts& artifacts) {
    std::size_t count = 0;
    for (const manifest::Test& test : artifacts.project.tests) {
      count += EvidenceOf(artifacts, test, "").verdict == TestVerdict::kPassed ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(passed(ReadArtifacts((folder / "dbt-bouncer/dbt_112").string())), 0u);
  EXPECT_EQ(passed(ReadArtifacts((folder / "dbt-bouncer/dbt_20").string())), 44u);
}

}  // namespace
}  // namespace weir::manifest
