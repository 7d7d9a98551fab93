#include "policies/check_gate_tests.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "manifest/sql_spacing.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes: {key: {permissive: true, columns: [dim.id, dim.plan]}}\n"
    "roles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'file:', readers: [marketer], trust: external}}\n"
    "rules: [{id: K1, give: key, to: any, as: unchanged}]\n";

constexpr char kUnique[] = "select id from \"shop\".\"main\".\"dim\"\ngroup by id having count(*) > 1";

manifest::Macro MacroOf(const std::string& package, const std::string& name, const std::string& sql,
                        std::vector<manifest::Text> depends_on = {}) {
  manifest::Macro macro;
  macro.unique_id = "macro." + package + "." + name;
  macro.package = package;
  macro.name = name;
  macro.digest = audit::Sha256(manifest::WithoutSpacing(sql));
  macro.depends_on = std::move(depends_on);
  return macro;
}

manifest::Text Runs(const std::string& ids) { return ids; }

void SetMacros(manifest::Project* project, std::vector<manifest::Macro> macros) {
  project->macros = std::move(macros);
  std::sort(project->macros.begin(), project->macros.end(),
            [](const auto& a, const auto& b) { return a.unique_id < b.unique_id; });
}

manifest::Test* TestNamed(manifest::Project* project, const std::string& name) {
  for (manifest::Test& test : project->tests) {
    if (test.name == name) return &test;
  }
  return nullptr;
}

manifest::Project Shop() {
  manifest::Project project;
  project.metadata.adapter_type = "duckdb";
  project.metadata.dbt_version = "1.10.2";
  project.nodes = {Model("dim", {Col("id"), Col("plan")}), Model("other", {Col("id")})};
  SetMacros(&project, {MacroOf("dbt", "materialization_test_default", "run it", {"macro.dbt.statement"}), MacroOf("dbt", "statement", "state"),
                       MacroOf("dbt", "test_unique", "dispatch", {"macro.dbt.default__test_unique"}),
                       MacroOf("dbt", "default__test_unique", "count ( * )"), MacroOf("shop", "test_adult", "age >= 18", {"macro.shop.age"}),
                       MacroOf("shop", "age", "today - born"), MacroOf("shop", "cents", "/ 100")});
  manifest::Test unique = GenericTest("unique", "dim", "id"), adult = GenericTest("adult", "dim", "id");
  unique.macros = Runs("macro.dbt.test_unique\nmacro.dbt.statement\n");
  unique.compiled_code = kUnique;
  adult.macros = Runs("macro.shop.test_adult\nmacro.dbt.statement\n");
  manifest::Test singular = GenericTest("paid", "dim", "");
  singular.unique_id = "test.shop.paid";
  singular.generic = false;
  singular.raw_code = "select * from {{ ref('dim') }} where amount < 0";
  singular.checksum = "a";
  manifest::Test unit = singular;
  unit.unit = true;
  unit.raw_code = "";
  unit.name = "value_counts_what_was_paid";
  unit.unique_id = "unit_test.shop.dim.value_counts_what_was_paid";
  project.tests = {unique, adult, singular, unit};
  project.exposures = {ExposureOf("contacts", "{destination: crm, model: dim, match: id, columns: [plan]}", {"dim", "other"})};
  Close(&project);
  return project;
}

std::string WeakenedIn(const manifest::Project& base, const manifest::Project& head) {
  static const Policy policy = GoodPolicy(kPolicy);
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const manifest::ProjectDiff diff = manifest::DiffProjects({&base, nullptr}, {&head, nullptr});
  std::string out;
  for (const Finding& finding : FindWeakenedTests({&policy, &head, &after}, {&policy, &base, &before}, diff)) {
    EXPECT_EQ(finding.rule, "gate-weakened");
    EXPECT_FALSE(finding.detail.empty());
    const std::string end = ": the gate of `contacts` ";
    EXPECT_NE(finding.message.find(end), std::string::npos) << finding.message;
    out += (out.empty() ? "" : "; ") + finding.message.substr(0, finding.message.find(end));
  }
  return out;
}

using Edit = std::function<void(manifest::Project* head, manifest::Project* base)>;

struct Case {
  const char* name;
  Edit edit;
  const char* told;  // empty: nothing
};

void Expect(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    manifest::Project base = Shop(), head = Shop();
    one.edit(&head, &base);
    EXPECT_EQ(WeakenedIn(base, head), one.told) << one.name;
  }
}

TEST(CheckGateTests, ATestOfSomethingElseUnderTheSameName) {
  Expect({
      {"its macro is edited", [](auto* head, auto*) { for (auto& one : head->macros) if (one.name == "test_adult") one.digest = audit::Sha256("false"); },
       "test `adult_dim_id` tests something else (macro `shop.test_adult` is another)"},
      {"a macro below its own", [](auto* head, auto*) { for (auto& one : head->macros) if (one.name == "age") one.digest = audit::Sha256("99"); },
       "test `adult_dim_id` tests something else (macro `shop.age` is another)"},
      {"a macro that no test runs", [](auto* head, auto*) { for (auto& one : head->macros) if (one.name == "cents") one.digest = audit::Sha256("1"); }, ""},
      {"dbt's own macro is replaced", [](auto* head, auto*) { for (auto& one : head->macros) if (one.name == "test_unique") one.digest = audit::Sha256("1"); },
       "test `unique_dim_id` tests something else (macro `test_unique` is another)"},
      {"the project takes the name", [](auto* head, auto*) { head->macros.push_back(MacroOf("shop", "test_unique", "false")); TestNamed(head, "unique")->macros = Runs("macro.shop.test_unique\nmacro.dbt.statement\n"); SetMacros(head, head->macros); },
       "test `unique_dim_id` tests something else (macros `default__test_unique`, `test_unique`, `shop.test_unique` are others)"},
      {"the project takes what is dispatched", [](auto* head, auto*) { head->macros.push_back(MacroOf("shop", "duckdb__test_unique", "false")); SetMacros(head, head->macros); for (auto& one : head->macros) if (one.name == "test_unique") one.depends_on.push_back("macro.shop.duckdb__test_unique"); },
       "test `unique_dim_id` tests something else (macro `shop.duckdb__test_unique` is another)"},
      {"points to another macro", [](auto* head, auto*) { TestNamed(head, "adult")->macros = Runs("macro.shop.cents\nmacro.dbt.statement\n"); },
       "test `adult_dim_id` tests something else (macros `shop.age`, `shop.cents`, `shop.test_adult` are others)"},
      {"compiles to something else", [](auto* head, auto*) { TestNamed(head, "unique")->compiled_code = "select 1 where false"; },
       "test `unique_dim_id` tests something else (its compiled SQL is another)"},
      {"reads another table", [](auto* head, auto*) { TestNamed(head, "unique")->compiled_code = "select id from \"shop\".\"main\".\"other\" group by id having count(*) > 1"; },
       "test `unique_dim_id` tests something else (its compiled SQL is another)"},
      {"other SQL of a test of its own", [](auto* head, auto*) { TestNamed(head, "paid")->raw_code = "select 1 where false"; TestNamed(head, "paid")->checksum = "b"; },
       "test `paid` tests something else (its SQL is another)"},
      {"the same, of which only the checksum is known", [](auto* head, auto* base) { for (auto* side : {head, base}) TestNamed(side, "paid")->raw_code = ""; TestNamed(head, "paid")->checksum = "b"; },
       "test `paid` tests something else (its SQL is another)"},
      {"a unit test expects something else", [](auto* head, auto*) { TestNamed(head, "value_counts_what_was_paid")->checksum = "b"; },
       "unit test `value_counts_what_was_paid` tests something else (its rows or arguments changed)"},
      {"a unit test is gone", [](auto* head, auto*) { std::erase_if(head->tests, [](const auto& one) { return one.unit; }); },
       "unit test `value_counts_what_was_paid` is gone"},
      {"all tests run by a materialization of one's own", [](auto* head, auto*) { head->macros.push_back(MacroOf("shop", "materialization_test_duckdb", "pass")); SetMacros(head, head->macros); },
       "tests are run in another way (macro `shop.materialization_test_duckdb` is another)"},
      {"all tests run by another statement", [](auto* head, auto*) { for (auto& one : head->macros) if (one.name == "statement") one.digest = audit::Sha256("pass"); },
       "tests are run in another way (macro `statement` is another)"},
      {"a limit of nothing", [](auto* head, auto*) { TestNamed(head, "unique")->limit = 0; }, "test `unique_dim_id` has another `limit`, which hides failures from its thresholds"},
      {"a limit below the threshold", [](auto* head, auto* base) { for (auto* side : {head, base}) TestNamed(side, "unique")->error_if = ">10"; TestNamed(head, "unique")->limit = 5; },
       "test `unique_dim_id` has another `limit`, which hides failures from its thresholds"},
      {"a limit of a sum", [](auto* head, auto* base) { for (auto* side : {head, base}) TestNamed(side, "unique")->fail_calc = "sum(n)"; TestNamed(head, "unique")->limit = 5; },
       "test `unique_dim_id` has another `limit`, which hides failures from its thresholds"},
  });
}

TEST(CheckGateTests, WhatTestsNoLess) {
  Expect({
      {"nothing", [](auto*, auto*) {}, ""},
      {"its failures are kept", [](auto* head, auto*) { for (auto& test : head->tests) test.stores_failures = true, test.store_failures_as = "view"; }, ""},
      {"so many of them", [](auto* head, auto*) { for (auto& test : head->tests) test.limit = 500; }, ""},
      {"no limit any more", [](auto*, auto* base) { TestNamed(base, "unique")->limit = 0; }, ""},
      {"another spacing", [](auto* head, auto*) { TestNamed(head, "unique")->compiled_code = "\n select id\n from \"shop\".\"main\".\"dim\" group by id having count( * ) > 1\n"; TestNamed(head, "paid")->raw_code = "select *\nfrom {{ ref('dim') }}\nwhere amount < 0\n"; TestNamed(head, "paid")->checksum = "b"; }, ""},
      {"another spacing of a condition", [](auto* head, auto* base) { TestNamed(base, "unique")->where = "a = 1"; TestNamed(head, "unique")->where = "a  = 1 "; }, ""},
      {"another schema of the target", [](auto* head, auto*) { head->nodes[0].relation_name = "\"ci\".\"pr_7\".\"dim\""; TestNamed(head, "unique")->compiled_code = "select id from \"ci\".\"pr_7\".\"dim\" group by id having count(*) > 1"; }, ""},
      {"reads the protected branch's tables", [](auto* head, auto*) { head->nodes[0].relation_name = "\"ci\".\"pr_7\".\"dim\""; }, ""},
      {"compiled on one side alone", [](auto* head, auto*) { TestNamed(head, "unique")->compiled_code = ""; }, ""},
      {"another version of dbt", [](auto* head, auto*) { head->metadata.dbt_version = "1.11.0"; for (auto& one : head->macros) if (one.package == "dbt") one.digest = audit::Sha256("later"); }, ""},
      {"run on one side alone", [](auto* head, auto*) { TestNamed(head, "adult")->macros = Runs("macro.shop.test_adult\n"); }, ""},
      {"macros that nobody read", [](auto* head, auto*) { head->macros.clear(); }, ""},
      {"a test of another model", [](auto* head, auto* base) { for (auto* side : {head, base}) side->tests.push_back(GenericTest("unique", "other", "id")), Close(side); head->tests.back().compiled_code = "x"; base->tests.back().compiled_code = "y"; }, ""},
  });
}

// With another version of dbt the project's own macros are compared all the same.
TEST(CheckGateTests, AVersionOfDbtHidesNothing) {
  Expect({
      {"its macro is edited", [](auto* head, auto*) { head->metadata.dbt_version = "1.11.0"; for (auto& one : head->macros) if (one.name == "age") one.digest = audit::Sha256("99"); },
       "test `adult_dim_id` tests something else (macro `shop.age` is another)"},
      {"the project takes the name", [](auto* head, auto*) { head->metadata.dbt_version = "1.11.0"; head->macros.push_back(MacroOf("shop", "test_unique", "false")); TestNamed(head, "unique")->macros = Runs("macro.shop.test_unique\n"); SetMacros(head, head->macros); },
       "test `unique_dim_id` tests something else (macro `shop.test_unique` is another)"},
      {"another engine", [](auto* head, auto*) { head->metadata.dbt_version = "2.0.0"; for (auto& one : head->macros) if (one.name == "age") one.digest = audit::Sha256("99"); },
       "test `adult_dim_id` tests something else (macro `shop.age` is another)"},
  });
}

}  // namespace
}  // namespace weir::policies
