#include "manifest/earlier_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

constexpr std::string_view kNow = "2026-05-02T00:00:00Z";
constexpr std::string_view kProd = R"("d"."prod"."a")";
constexpr std::string_view kCi = R"("d"."ci"."a")";

// Of 2026-05-01, `minute` after ten.
std::string At(int minute) { return "2026-05-01T10:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) + ":00Z"; }

TestResult Model(std::string status, int minute, std::string_view relation = kProd) {
  TestResult result;
  result.unique_id = "model.shop.a";
  result.status = std::move(status);
  result.completed_at = At(minute);
  result.relation_name = relation;
  return result;
}
TestResult Tested(std::string id, std::string status, int minute) {
  TestResult result;
  result.unique_id = "test.shop." + std::move(id);
  result.status = std::move(status);
  if (minute >= 0) result.completed_at = At(minute);
  result.compiled_code = "select id from " + std::string(kProd);
  return result;
}
TestResult TestedIn(std::string id, std::string status, int minute, std::string_view relation) {
  TestResult result = Tested(std::move(id), std::move(status), minute);
  result.compiled_code = "select id from " + std::string(relation);
  return result;
}

RunResults RunOf(std::string which, int minute, std::vector<TestResult> results, std::string invocation = "") {
  RunResults run;
  run.schema = "v6";
  run.which = std::move(which);
  run.generated_at = At(minute);
  run.invocation_id = invocation.empty() ? "run-" + std::to_string(minute) : std::move(invocation);
  run.path = run.invocation_id + ".json";
  run.digest = "digest of " + run.invocation_id;
  run.results = std::move(results);
  std::stable_sort(run.results.begin(), run.results.end(),
                   [](const TestResult& a, const TestResult& b) { return a.unique_id < b.unique_id; });
  return run;
}

// Two tests on one model, parsed at 09:59:50; the manifest is of a `dbt parse` at 11:00, after all runs.
Project Shop() {
  const std::string parsed = R"(, "created_at": 1777629590.5})";
  const std::string test = R"({"resource_type": "test", "attached_node": "model.shop.a", "name": )";
  std::string text = ManifestWith(
      R"("model.shop.a": {"resource_type": "model", "name": "a", "relation_name": "\"d\".\"prod\".\"a\"")" + parsed +
      R"(, "test.shop.t": )" + test + R"("t")" + parsed + R"(, "test.shop.u": )" + test + R"("u")" + parsed);
  const std::string written = "2026-05-01T10:00:10.000000Z", invocation = "run-1";
  text.replace(text.find(written), written.size(), "2026-05-01T11:00:00.000000Z");
  return ReadProjectFrom(AsFile(text));
}

// The first run is that of the folder.
Artifacts Merged(const std::vector<RunResults>& runs) {
  Artifacts artifacts;
  artifacts.project = Shop();
  artifacts.project.metadata.invocation_id = "parse";
  if (!runs.empty()) artifacts.run_results = runs.front();
  if (runs.size() > 1) MergeRuns(std::span(runs).subspan(1), kNow, &artifacts);
  return artifacts;
}

std::string Verdict(const Artifacts& artifacts, const std::string& id) {
  const TestEvidence evidence = EvidenceOf(artifacts, *artifacts.project.FindTest("test.shop." + id), "");
  return std::string(Name(evidence.verdict)) + " in " + evidence.invocation_id;
}
std::string Build(const Artifacts& artifacts) {
  const BuildEvidence evidence = BuildOf(artifacts, *artifacts.project.FindNode("model.shop.a"));
  return std::string(evidence.succeeded ? "good" : evidence.known ? "bad" : "unknown") +
         (evidence.run == nullptr ? "" : " in " + evidence.run->invocation_id);
}

struct Row {
  std::string name;
  std::vector<RunResults> runs;  // that of the folder, then earlier ones
  std::string t, u, build;
};

const RunResults kBuilt = RunOf("build", 10, {Model("success", 5), Tested("t", "pass", 6), Tested("u", "pass", 7)});

TEST(EarlierRuns, TheLatestResultCounts) {
  const std::vector<Row> table = {
      {"one test ran again",
       {RunOf("test", 20, {Tested("t", "pass", 19)}), kBuilt},
       "passed in run-20", "passed in run-10", "good in run-10"},
      {"one test ran again, and failed",
       {RunOf("test", 20, {Tested("t", "fail", 19)}), kBuilt},
       "failed in run-20", "passed in run-10", "good in run-10"},
      {"docs generate overwrote the results",
       {RunOf("generate", 20, {Model("success", 19), Tested("t", "success", 19)}), kBuilt},
       "passed in run-10", "passed in run-10", "good in run-10"},
      {"retry of a test that failed",
       {RunOf("build", 20, {Tested("t", "pass", 19)}),
        RunOf("build", 10, {Model("success", 5), Tested("t", "fail", 6), Tested("u", "pass", 7)})},
       "passed in run-20", "passed in run-10", "good in run-10"},
      {"retry of a model that failed, with the tests that were skipped",
       {RunOf("build", 20, {Model("success", 17), Tested("t", "pass", 18), Tested("u", "pass", 19)}),
        RunOf("build", 10, {Model("error", 5), Tested("t", "skipped", -1), Tested("u", "skipped", -1)})},
       "passed in run-20", "passed in run-20", "good in run-20"},
      {"retry that says so itself",
       {RunOf("retry", 20, {Tested("u", "pass", 19)}),
        RunOf("build", 10, {Model("success", 5), Tested("t", "pass", 6), Tested("u", "error", 7)})},
       "passed in run-10", "passed in run-20", "good in run-10"},
      {"built again, and not tested",
       {RunOf("run", 20, {Model("success", 19)}), kBuilt},
       "stale in run-10", "stale in run-10", "good in run-20"},
      {"built again, and one tested",
       {RunOf("test", 30, {Tested("u", "pass", 29)}), RunOf("run", 20, {Model("success", 19)}), kBuilt},
       "stale in run-10", "passed in run-30", "good in run-20"},
      {"a build that failed may have changed the table",
       {RunOf("run", 20, {Model("error", 19)}), kBuilt},
       "stale in run-10", "stale in run-10", "bad in run-20"},
      {"cloned over",
       {RunOf("clone", 20, {Model("success", 19)}), kBuilt},
       "stale in run-10", "stale in run-10", "unknown in run-20"},
      {"skipped later",
       {RunOf("build", 20, {Model("skipped", 19), Tested("t", "skipped", -1)}), kBuilt},
       "skipped in run-20", "passed in run-10", "bad in run-20"},
      {"reused: the result before counts",
       {RunOf("build", 20, {Model("reused", 19), Tested("t", "reused", 19)}), kBuilt},
       "passed in run-10", "passed in run-10", "good in run-20"},
      {"reused: the build before failed",
       {RunOf("build", 20, {Model("reused", 19)}), RunOf("run", 10, {Model("error", 5)})},
       "not run in run-20", "not run in run-20", "bad in run-10"},
      {"another relation: neither shadows nor opens",
       {RunOf("build", 20, {Model("success", 17, kCi), TestedIn("t", "fail", 18, kCi), TestedIn("u", "fail", 19, kCi)}), kBuilt},
       "passed in run-10", "passed in run-10", "good in run-10"},
      {"only another relation",
       {RunOf("test", 20, {TestedIn("t", "pass", 18, kCi)}), RunOf("build", 10, {Model("success", 5, kCi), TestedIn("u", "pass", 6, kCi)})},
       "other environment in run-20", "other environment in run-10", "bad in run-10"},
      {"nobody knows what the command was",
       {RunOf("", 20, {Tested("t", "pass", 19)}), kBuilt},
       "no evidence in run-20", "passed in run-10", "good in run-10"},
      {"no run in the folder", {}, "no evidence in ", "no evidence in ", "unknown"},
  };
  for (const Row& row : table) {
    const Artifacts artifacts = Merged(row.runs);
    EXPECT_EQ(Verdict(artifacts, "t"), row.t) << row.name;
    EXPECT_EQ(Verdict(artifacts, "u"), row.u) << row.name;
    EXPECT_EQ(Build(artifacts), row.build) << row.name;
  }
}

TEST(EarlierRuns, OfOtherCodeDoNotCount) {
  Artifacts artifacts = Merged({RunOf("test", 20, {Tested("t", "pass", 19)}), kBuilt});
  // Parsed again at 10:15, after the build and before the test.
  for (manifest::Test& test : artifacts.project.tests) test.created_at = 1777630500;
  EXPECT_EQ(Verdict(artifacts, "t"), "passed in run-20");
  EXPECT_EQ(Verdict(artifacts, "u"), "stale in run-10");
  for (Node& node : artifacts.project.nodes) node.created_at = 1777630500;
  EXPECT_EQ(Verdict(artifacts, "t"), "stale in run-20") << "the model was built of other code";
  EXPECT_EQ(Build(artifacts), "bad in run-10");
}

TEST(EarlierRuns, WhatWasForgottenMayHaveSaidOtherwise) {
  Artifacts artifacts = Merged({RunOf("test", 20, {Tested("t", "pass", 19)}), kBuilt});
  artifacts.forgotten_until = At(6);
  EXPECT_EQ(Verdict(artifacts, "t"), "passed in run-20");
  EXPECT_EQ(Verdict(artifacts, "u"), "passed in run-10");
  EXPECT_EQ(Build(artifacts), "unknown");
  artifacts.forgotten_until = At(7);
  EXPECT_EQ(Verdict(artifacts, "u"), "not run in run-20");
}

TEST(EarlierRuns, ThatCannotBePutInOrderAreRefused) {
  const auto changed = [](auto change) {
    RunResults run = kBuilt;
    change(&run);
    return run;
  };
  struct Bad {
    std::string name;
    RunResults run;
    std::string expected;
  };
  const std::vector<Bad> table = {
      {"dbt before 1.8", changed([](RunResults* run) { run->schema = "v5"; }),
       "schema v5 does not say as what a model was built; runs of dbt 1.8 and later are merged"},
      {"no invocation", changed([](RunResults* run) { run->invocation_id.clear(); }),
       "has no `invocation_id`, and cannot be told from other runs"},
      {"no time", changed([](RunResults* run) { run->generated_at = "yesterday"; }),
       "nothing shows when it was written (`generated_at`), and so not which run was the last"},
      {"the future", changed([](RunResults* run) { run->generated_at = "2026-05-02T00:02:00Z"; }),
       "was written at 2026-05-02T00:02:00Z, which is yet to come; set the clocks of this machine and of dbt's"},
      {"the clock was set back", changed([](RunResults* run) { run->generated_at = At(6); }),
       "`test.shop.u` ended at 2026-05-01T10:07:00Z, after the run itself was written at 2026-05-01T10:06:00Z: the clock "
       "was set meanwhile; run `dbt build`"},
      {"a result of no time", changed([](RunResults* run) { run->results[0].completed_at = "soon"; }),
       "`model.shop.a` ended at soon, after the run itself was written at 2026-05-01T10:10:00Z: the clock was set "
       "meanwhile; run `dbt build`"},
      {"one id, two contents", changed([](RunResults* run) { run->invocation_id = "run-20"; }),
       "has the invocation_id of run-20.json and other contents; run `dbt build`"},
  };
  for (const Bad& bad : table) {
    try {
      Merged({RunOf("test", 20, {Tested("t", "pass", 19)}), bad.run});
      ADD_FAILURE() << bad.name << ": merged";
    } catch (const ArtifactError& error) {
      EXPECT_EQ(error.code(), "W-ART-007") << bad.name;
      EXPECT_EQ(error.what(), "run-10.json: " + bad.expected) << bad.name;
    }
  }
  EXPECT_THROW(Merged({table.front().run, kBuilt}), ArtifactError) << "that of the folder, too";
}

TEST(EarlierRuns, ARepeatCountsOnce) {
  const Artifacts artifacts = Merged({kBuilt, kBuilt, kBuilt});
  EXPECT_TRUE(artifacts.earlier_runs.empty());
}

// Runs as they come in life: every command, some results left out, statuses and relations at random.
std::vector<RunResults> AnyRuns(std::mt19937_64* random) {
  const auto of = [random](std::vector<std::string> choices) { return choices[(*random)() % choices.size()]; };
  std::vector<RunResults> runs;
  int minute = 1;
  for (std::size_t i = 2 + (*random)() % 6; i > 0; --i) {
    const std::string which = of({"build", "build", "run", "test", "test", "retry", "generate", "clone", ""});
    const std::string_view relation = (*random)() % 6 == 0 ? kCi : kProd;
    std::vector<TestResult> results;
    if (which != "test" && (*random)() % 3 != 0) {
      results.push_back(Model(of({"success", "success", "success", "error", "skipped", "reused"}), minute++, relation));
    }
    for (const char* id : {"t", "u"}) {
      if (which == "run" || (*random)() % 3 == 0) continue;
      results.push_back(TestedIn(id, of({"pass", "pass", "pass", "warn", "fail", "skipped", "reused"}), minute, relation));
      minute += static_cast<int>((*random)() % 2);  // two at one moment, at times
    }
    runs.push_back(RunOf(which, minute, std::move(results), "run-" + std::to_string(i)));
    minute += 1;
  }
  return runs;
}

bool Open(const Artifacts& artifacts) {
  const auto good = [&](const char* id) {
    const TestVerdict verdict = EvidenceOf(artifacts, *artifacts.project.FindTest(id), "").verdict;
    return verdict == TestVerdict::kPassed || verdict == TestVerdict::kWarned;
  };
  return good("test.shop.t") && good("test.shop.u") && BuildOf(artifacts, *artifacts.project.FindNode("model.shop.a")).succeeded;
}

std::string Everything(const Artifacts& artifacts) {
  return Verdict(artifacts, "t") + ", " + Verdict(artifacts, "u") + ", " + Build(artifacts);
}

TEST(EarlierRuns, TheirOrderDecidesNothing) {
  std::size_t open = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<RunResults> runs = AnyRuns(&random);
    const Artifacts first = Merged(runs);
    const std::string expected = Everything(first);
    open += Open(first) ? 1 : 0;
    for (int i = 0; i < 4; ++i) {
      std::shuffle(runs.begin() + 1, runs.end(), random);
      EXPECT_EQ(Everything(Merged(runs)), expected) << "seed " << seed;
    }
  }
  EXPECT_GT(open, 20u) << "or else nothing was tried";
}

// What is forgotten is the oldest, and time with it; then fewer runs never prove more.
TEST(EarlierRuns, ForgettingNeverOpens) {
  std::size_t closed = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<RunResults> runs = AnyRuns(&random);
    std::sort(runs.begin(), runs.end(), [](const RunResults& a, const RunResults& b) { return a.generated_at > b.generated_at; });
    const bool open = Open(Merged(runs));
    for (std::size_t keep = runs.size() - 1; keep >= 1; --keep) {
      Artifacts fewer = Merged({runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(keep)});
      fewer.forgotten_until = runs[keep].generated_at;
      const bool still = Open(fewer);
      EXPECT_TRUE(open || !still) << "seed " << seed << ", " << keep << " kept: " << Everything(Merged(runs)) << " became "
                                  << Everything(fewer);
      closed += open && !still ? 1 : 0;
    }
  }
  EXPECT_GT(closed, 20u) << "or else nothing was tried";
}

}  // namespace
}  // namespace weir::manifest
