#include "policies/gate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "tests/policies/gate_samples.h"

namespace weir::policies {
namespace {

TEST(GateTest, Table) {
  using Change = std::function<void(manifest::Artifacts*)>;
  const auto status = [](std::size_t index, const char* word) -> Change {
    return [=](manifest::Artifacts* artifacts) { artifacts->run_results->results[index].status = word; };
  };
  const Change nothing = [](manifest::Artifacts*) {};
  const struct {
    const char* name;
    const char* require;
    Change change;
    std::string expected;
  } cases[] = {
      {"all is well", "", nothing, "open\n"},
      {"a required key", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}", nothing, "open\n"},
      {"no run", "", [](manifest::Artifacts* artifacts) { artifacts->run_results.reset(); },
       "held\nW-GATE-001 holds: model `dim`: there is no run_results.json; run `dbt build`\n"
       "W-GATE-003 holds: test `not_null(id)`: there is no run_results.json; run `dbt build`\n"
       "W-GATE-003 holds: test `unique(id)`: there is no run_results.json; run `dbt build`\n"},
      {"docs generate", "",
       [](manifest::Artifacts* artifacts) { artifacts->run_results->which = "generate"; },
       "held\nW-GATE-001 holds: model `dim`: `dbt docs generate` wrote run_results.json: nothing was built; "
       "run `dbt build` last\n"
       "W-GATE-003 holds: test `not_null(id)`: `dbt docs generate` overwrote run_results.json: no test ran; "
       "run `dbt build` last\n"
       "W-GATE-003 holds: test `unique(id)`: `dbt docs generate` overwrote run_results.json: no test ran; "
       "run `dbt build` last\n"},
      {"build failed", "", status(0, "error"),
       "held\nW-GATE-001 holds: model `dim`: its last build ended with `error`\n"},
      {"test failed", "", status(2, "fail"),
       "held\nW-GATE-002 holds: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the data or "
       "the model, run `dbt build`\n"},
      {"test failed, policy sends", "{id: Q1, select: 'exposure:*', tests: {fail: send}}", status(2, "fail"),
       "open\nW-GATE-002 told Q1: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the data or "
       "the model, run `dbt build`\n"},
      {"another requirement does not excuse",
       "{id: Q1, select: 'exposure:*', tests: {fail: send}}, {id: Q2, select: 'exposure:crm_*', tests: {}}",
       status(2, "fail"),
       "held\nW-GATE-002 holds Q2: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the data "
       "or the model, run `dbt build`\n"},
      {"two that ask the same",
       "{id: Q2, select: 'exposure:*', tests: {}}, {id: Q1, select: 'exposure:*', tests: {}}, {id: Q3, select: "
       "'exposure:*', tests: {}, severity: warn}",
       status(2, "fail"),
       "held\nW-GATE-002 holds Q1,Q2: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the data or "
       "the model, run `dbt build`\n"},
      {"two that ask the same, one observed",
       "{id: Q1, select: 'exposure:*', tests: {}, mode: observe}, {id: Q2, select: 'exposure:*', tests: {}}",
       status(2, "fail"),
       "held\nW-GATE-002 holds Q2: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the data or "
       "the model, run `dbt build`\nW-GATE-002 told Q1: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the "
       "data or the model, run `dbt build`; observed: it would hold the sync without `mode: observe`\n"},
      {"test warned", "", status(2, "warn"),
       "open\nW-GATE-004 told: test `unique(id)`: warned at 2026-11-22T11:00:00.000000Z\n"},
      {"test warned, policy holds", "{id: Q1, select: 'exposure:*', tests: {warn: hold}}", status(2, "warn"),
       "held\nW-GATE-004 holds Q1: test `unique(id)`: warned at 2026-11-22T11:00:00.000000Z\n"},
      {"test skipped", "", status(1, "skipped"),
       "held\nW-GATE-003 holds: test `not_null(id)`: was skipped, because something that it depends on "
       "failed\n"},
      {"missing, policy sends", "{id: Q1, select: 'exposure:*', tests: {missing: send}}",
       status(1, "skipped"),
       "open\nW-GATE-003 told Q1: test `not_null(id)`: was skipped, because something that it depends on "
       "failed\n"},
      {"selects another", "{id: Q1, select: 'exposure:desk_*', tests: {missing: send}}", status(1, "skipped"),
       "held\nW-GATE-003 holds: test `not_null(id)`: was skipped, because something that it depends on "
       "failed\n"},
      {"only warns", "{id: Q1, select: 'exposure:*', tests: {missing: send}, severity: warn}",
       status(1, "skipped"),
       "held\nW-GATE-003 holds: test `not_null(id)`: was skipped, because something that it depends on "
       "failed\n"},
      {"too old", "{id: Q1, select: 'exposure:*', tests: {within: 30m}}", nothing,
       "held\nW-GATE-007 holds Q1: test `not_null(id)`: ran longer ago than 1800 seconds; run `dbt build`\n"
       "W-GATE-007 holds Q1: test `unique(id)`: ran longer ago than 1800 seconds; run `dbt build`\n"},
      {"young enough", "{id: Q1, select: 'exposure:*', tests: {within: 1h}}", nothing, "open\n"},
      {"no test at all", "", [](manifest::Artifacts* artifacts) { artifacts->project.tests.clear(); },
       "held\nW-GATE-012 holds: model `dim` has no test, so nothing shows that its data is good; add "
       "`unique` and `not_null` to its key, "
       "run `dbt build`\n"},
      {"no unique test", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) { artifacts->project.tests.pop_back(); },
       "held\nW-GATE-005 holds Q1: match column `id` has no `unique` test over all rows; add the test to "
       "model `dim` and run `dbt build`\n"},
      {"a unique test of some rows", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) { artifacts->project.tests[1].where = "id > 5"; },
       "held\nW-GATE-005 holds Q1: match column `id` has no `unique` test over all rows; add the test to "
       "model `dim` and run `dbt build`\n"},
      {"a unique test that counts its failures otherwise", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) { artifacts->project.tests[1].fail_calc = "0"; },
       "held\nW-GATE-005 holds Q1: match column `id` has no `unique` test over all rows; add the test to "
       "model `dim` and run `dbt build`\n"},
      {"a unique test that looks at no failure", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) { artifacts->project.tests[1].limit = 0; },
       "held\nW-GATE-005 holds Q1: match column `id` has no `unique` test over all rows; add the test to "
       "model `dim` and run `dbt build`\n"},
      {"a unique test that only warned", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}", status(2, "warn"),
       "held\nW-GATE-005 holds Q1: test `unique(id)` of the match columns warned, so that two rows may share a key; mend the "
       "data or the model, run `dbt build`\nW-GATE-004 told Q1: test `unique(id)`: warned at 2026-11-22T11:00:00.000000Z\n"},
      {"tests by dbt's own macros", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) {
         for (manifest::Test& test : artifacts->project.tests) {
           test.macros = "macro.dbt.get_where_subquery\nmacro.dbt.test_" + test.name + "\n";
         }
       },
       "open\n"},
      {"a unique test by the project's own macro", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) {
         artifacts->project.tests[1].macros = "macro.shop.test_unique\n";
       },
       "held\nW-GATE-005 holds Q1: match column `id` has no `unique` test over all rows by dbt's own macro `test_unique`; add the "
       "test to model `dim` and run `dbt build`\n"},
      {"a unique test by the project's own macro, as dbt lists it", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) {
         artifacts->project.tests[1].macros =
             "macro.dbt.test_unique\nmacro.dbt.get_where_subquery\nmacro.shop.test_unique\n";
       },
       "held\nW-GATE-005 holds Q1: match column `id` has no `unique` test over all rows by dbt's own macro `test_unique`; add the "
       "test to model `dim` and run `dbt build`\n"},
      {"a not_null test by a macro of another name", "{id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
       [](manifest::Artifacts* artifacts) {
         for (manifest::Test& test : artifacts->project.tests) {
           if (test.name == "not_null") test.macros = "macro.dbt.test_not_null_at_all\n";
         }
       },
       "held\nW-GATE-005 holds Q1: match column `id` has no `not_null` test over all rows by dbt's own macro `test_not_null`; add "
       "the test to model `dim` and run `dbt build`\n"},
      {"a test of the project by its own macro", "{id: Q1, select: 'exposure:*', tests: {by_class: {pii: [is_email]}}}",
       [](manifest::Artifacts* artifacts) {
         artifacts->project.tests.push_back(GenericTest("is_email", "dim", "email"));
         artifacts->project.tests.back().macros = "macro.shop.test_is_email\n";
         Close(&artifacts->project);
         std::vector<manifest::TestResult>& results = artifacts->run_results->results;  // sorted
         results.insert(results.begin() + 1, Result("test.shop.is_email_dim_email", "pass", "2026-11-22T11:00:00.000000Z"));
       },
       "open\n"},
      {"a unique test that failed, and may", "{id: Q1, select: 'exposure:*', tests: {primary_key: true, fail: send}}",
       status(2, "fail"),
       "held\nW-GATE-005 holds Q1: test `unique(id)` of the match columns did not pass, so that two rows may share a key; mend "
       "the data or the model, run `dbt build`\nW-GATE-002 told Q1: test `unique(id)`: failed at "
       "2026-11-22T11:00:00.000000Z; mend the data or the model, run `dbt build`\n"},
      {"a key's test that ended in an error, and may", "{id: Q1, select: 'exposure:*', tests: {primary_key: true, fail: send}}",
       status(1, "error"),
       "held\nW-GATE-005 holds Q1: test `not_null(id)` of the match columns did not pass, so that two rows may share a key; "
       "mend the data or the model, run `dbt build`\nW-GATE-002 told Q1: test `not_null(id)`: could not run: its SQL ended in "
       "an error at 2026-11-22T11:00:00.000000Z; mend the data or the model, run `dbt build`\n"},
      {"a unique test that was skipped, and may", "{id: Q1, select: 'exposure:*', tests: {primary_key: true, missing: send}}",
       status(2, "skipped"),
       "held\nW-GATE-005 holds Q1: test `unique(id)` of the match columns is not known to have passed, so that two rows may "
       "share a key; mend the data or the model, run `dbt build`\nW-GATE-003 told Q1: test `unique(id)`: was skipped, because "
       "something that it depends on failed\n"},
      {"a unique test that failed, and only warns", "{id: Q1, select: 'exposure:*', tests: {primary_key: true, fail: send}, "
       "severity: warn}, {id: Q2, select: 'exposure:*', tests: {fail: send}}",
       status(2, "fail"),
       "open\nW-GATE-002 told Q1: test `unique(id)`: failed at 2026-11-22T11:00:00.000000Z; mend the data or the model, run "
       "`dbt build`\nW-GATE-005 told Q1: test `unique(id)` of the match columns did not pass, so that two rows may share a "
       "key; mend the data or the model, run `dbt build`\n"},
      {"another test that failed, and may", "{id: Q1, select: 'exposure:*', tests: {primary_key: true, fail: send}}",
       [](manifest::Artifacts* artifacts) {
         artifacts->project.tests.push_back(GenericTest("unique", "dim", "email"));
         Close(&artifacts->project);
         std::vector<manifest::TestResult>& results = artifacts->run_results->results;  // sorted
         results.insert(results.begin() + 2, Result("test.shop.unique_dim_email", "fail", "2026-11-22T11:00:00.000000Z"));
       },
       "open\nW-GATE-002 told Q1: test `unique(email)`: failed at 2026-11-22T11:00:00.000000Z; mend the data or the model, run "
       "`dbt build`\n"},
      {"by class", "{id: Q1, select: 'exposure:*', tests: {by_class: {pii: [not_null]}}}", nothing,
       "held\nW-GATE-006 holds Q1: column `email` is `pii` and has no `not_null` test over all rows; add it "
       "to model `dim` and run `dbt build`\n"},
      {"fresh", "{id: Q1, select: 'exposure:*', fresh: {max_age: 6h}}", nothing, "open\n"},
      {"loaded too long ago", "{id: Q1, select: 'exposure:*', fresh: {max_age: 3h}}", nothing,
       "held\nW-GATE-009 holds Q1: source `raw.customers`: last loaded at 2026-11-22T08:00:00Z, longer ago "
       "than 10800 seconds; load it, run "
       "`dbt source freshness` and `dbt build`\n"},
      {"stale", "{id: Q1, select: 'exposure:*', fresh: {max_age: 6h}}",
       [](manifest::Artifacts* artifacts) { artifacts->freshness->results[0].status = "error"; },
       "held\nW-GATE-008 holds Q1: source `raw.customers`: older than `error_after`, last loaded at "
       "2026-11-22T08:00:00Z; load it, run "
       "`dbt source freshness` and `dbt build`\n"},
      {"freshness missing", "{id: Q1, select: 'exposure:*', fresh: {max_age: 6h}}",
       [](manifest::Artifacts* artifacts) { artifacts->freshness.reset(); },
       "held\nW-GATE-008 holds Q1: source `raw.customers`: there is no sources.json; run `dbt source "
       "freshness`; load it, run `dbt source "
       "freshness` and `dbt build`\n"},
      {"for the source", "{id: Q1, select: 'source:raw', for: source, fresh: {max_age: 3h}}", nothing,
       "held\nW-GATE-009 holds Q1: source `raw.customers`: last loaded at 2026-11-22T08:00:00Z, longer ago "
       "than 10800 seconds; load it, run "
       "`dbt source freshness` and `dbt build`\n"},
      {"for another source", "{id: Q1, select: 'source:web*', for: source, fresh: {max_age: 3h}}", nothing,
       "open\n"},
      {"owner", "{id: Q1, select: 'exposure:*', owner: {email: '@acme\\.com$'}}", nothing, "open\n"},
      {"another owner", "{id: Q1, select: 'exposure:*', owner: {email: '@corp\\.com$'}}", nothing,
       "held\nW-GATE-010 holds Q1: exposure `crm_contacts` has no owner whose email matches `@corp\\.com$`; "
       "set `owner: {email: ...}`\n"},
      {"another owner, told",
       "{id: Q1, select: 'exposure:*', owner: {email: '@corp\\.com$'}, severity: warn}", nothing,
       "open\nW-GATE-010 told Q1: exposure `crm_contacts` has no owner whose email matches `@corp\\.com$`; "
       "set `owner: {email: ...}`\n"},
  };
  for (const auto& one : cases) {
    manifest::Artifacts artifacts = Good();
    one.change(&artifacts);
    EXPECT_EQ(Told(Evaluate(one.require, artifacts)), one.expected) << one.name;
  }
}

TEST(GateTest, TheStrictestGuardsHold) {
  const GateVerdict verdict = Evaluate(
      "{id: Q1, select: 'exposure:*', guards: {max_deletes: 5%, min_rows: 10}}, {id: Q2, select: "
      "'exposure:*', guards: {max_deletes: "
      "2%, max_changes: 100, min_rows: 50}}, {id: Q3, select: 'exposure:*', guards: {max_deletes: 1%}, "
      "severity: warn}",
      Good());
  EXPECT_TRUE(verdict.open);
  EXPECT_EQ(verdict.guards.max_deletes->value, 2);
  EXPECT_EQ(verdict.guards.max_changes->value, 100);
  EXPECT_EQ(verdict.guards.min_rows, 50);
  EXPECT_EQ(Told(Evaluate("{id: Q1, select: 'exposure:*', guards: {max_deletes: 2%}}, {id: Q2, select: "
                          "'exposure:*', guards: {max_deletes: 10}}",
                          Good())),
            "held\nW-GATE-013 holds Q2: requirement Q2 and another one write `max_deletes` once as a count "
            "and once as a share; write both alike\n");
}

TEST(GateTest, AnEndedTransferHolds) {
  EXPECT_EQ(Told(Evaluate("{id: Q1, select: 'exposure:*', owner: {email: '@'}}", Good(),
                          kNow + std::chrono::days(221))),
            "held\nW-GATE-011 holds: the transfer mechanism `SCC` of destination `crm` ended on 2027-06-30; "
            "renew it and `until` in the policy\n");
  EXPECT_TRUE(Evaluate("", Good(), kNow + std::chrono::days(220)).open) << "good through its last day";
}

TEST(GateTest, TheDigestFollowsTheEvidenceAndNotTheClock) {
  const std::string before = Evaluate("", Good()).digest;
  EXPECT_EQ(Evaluate("", Good(), kNow + std::chrono::minutes(5)).digest, before);
  manifest::Artifacts again = Good();
  again.run_results->digest = "r1";
  EXPECT_NE(Evaluate("", again).digest, before);
  manifest::Artifacts failed = Good();
  failed.run_results->results[1].status = "fail";
  EXPECT_NE(Evaluate("", failed).digest, before);
}

TEST(GateTest, ASyncOfWeirYmlEscapesNoRequirement) {
  const manifest::Artifacts artifacts = Good();
  const Policy policy = GoodPolicy(
      std::string(kFacts) + "require: [{id: Q1, select: 'exposure:desk_*', owner: {email: '@acme'}}]\n");
  const manifest::Value extra =
      Yaml("[{name: x, model: dim, destination: crm, match: id, columns: [email]}]");
  manifest::Diagnostics diagnostics;
  const auto syncs = ReadSyncs(artifacts.project, &extra, "weir.yml", &diagnostics);
  ASSERT_EQ(syncs.size(), 2u);
  EXPECT_EQ(Told(EvaluateGate(policy, artifacts, Decide(policy, artifacts.project, syncs[1]), kNow)),
            "held\nW-GATE-010 holds Q1: a sync of weir.yml has no exposure and so no owner; declare it in an "
            "exposure\n");
}

}  // namespace
}  // namespace weir::policies
