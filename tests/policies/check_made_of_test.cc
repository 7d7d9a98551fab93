// SQL that makes something else of a column which is sent: source `people` -> `stg` -> `dim`; nothing is marked.
#include "policies/check_made_of.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\ninherit: lineage\n"
    "classes:\n  pii.ssn: {meta: {contains: ssn}}\n  public: {permissive: true, columns: [dim.id, dim.s, dim.t]}\n"
    "subjects: {customer: {dim: id}}\nroles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'file:', readers: [marketer], trust: internal}}\n"
    "rules:\n  - {id: P1, give: pii, to: any, as: hash}\n  - {id: K1, give: public, to: any, as: unchanged}\n";

const char kStg[] = "select id, name as s from shop.raw.people";
const char kDim[] = "select id, s from shop.main.stg";
const char kPlain[] = "; make sure that it may still leave as `unchanged`";

TEST(CheckMadeOf, WhatIsSentIsMadeOfSomethingElse) {
  struct Case {
    const char* name;
    std::string stg_before, dim_before, stg, dim;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"nothing", kStg, kDim, kStg, kDim, {}},
      {"another column", kStg, kDim, "select id, email as s from shop.raw.people", kDim,
       {std::string("dim.s: column `s` is made of `people.email`, and of `people.name` in the base") + kPlain}},
      {"one that is marked", kStg, kDim, "select id, ssn as s from shop.raw.people", kDim,
       {"dim.s: column `s` is made of `people.ssn`, and of `people.name` in the base; make sure that it may still leave as `hash`"}},
      {"one more column", kStg, kDim, "select id, name || email as s from shop.raw.people", kDim,
       {std::string("dim.s: column `s` is made of `people.email`, `people.name`, and of `people.name` in the base") + kPlain}},
      {"one column less", "select id, coalesce(name, email) as s from shop.raw.people", kDim, "select id, email as s from shop.raw.people", kDim,
       {std::string("dim.s: column `s` is made of `people.email`, and of `people.email`, `people.name` in the base") + kPlain}},
      {"what was digested, as it is", "select id, md5(email) as s from shop.raw.people", kDim, "select id, email as s from shop.raw.people", kDim,
       {std::string("dim.s: column `s` is `people.email` as it is, and something was made of that in the base") + kPlain}},
      {"what was digested further down, as it is", "select id, email as s from shop.raw.people", "select id, md5(s) as s from shop.main.stg", "select id, email as s from shop.raw.people", kDim,
       {std::string("dim.s: column `s` is `people.email` as it is, and something was made of that in the base") + kPlain}},
      {"a constant", kStg, kDim, "select id, 'x' as s from shop.raw.people", kDim,
       {std::string("dim.s: column `s` is made of a constant, and of `people.name` in the base") + kPlain}},
      {"the identity", kStg, kDim, "select email as id, name as s from shop.raw.people", kDim,
       {std::string("dim.id: column `id` is made of `people.email`, and of `people.id` in the base") + kPlain}},
      {"by another way", kStg, kDim, "with a as (select * from shop.raw.people) select id, s from (select id, name as s from a)", "select stg.* from shop.main.stg", {}},
      {"rows alone", kStg, kDim, std::string(kStg) + " where id > 7", kDim, {}},
      {"something of what was passed on", kStg, kDim, "select id, upper(name) as s from shop.raw.people", kDim, {}},
      {"SQL that nobody parses any more", kStg, kDim, "select id, {{ x }} as s", kDim,
       {"dim.id: column `id` is made of every column of `people`, and of `people.id` in the base; make sure that it may still leave as `hash`",
        "dim.s: column `s` is made of every column of `people`, and of `people.name` in the base; make sure that it may still leave as `hash`"}},
      {"SQL that nobody could parse", "select id, {{ x }} as s", kDim, "select id, {{ y }} as s", kDim,
       {": the SQL of `stg` is another than in the base, and nothing proves what its columns are made of: its SQL is not understood by "
        "DuckDB's parser; make sure that what is sent of them may still leave"}},
      {"the same SQL that nobody could parse", "select id, {{ x }} as s", kDim, "select id, {{ x }} as s", kDim, {}},
  };
  const Policy policy = GoodPolicy(kPolicy);
  for (const Case& one : cases) {
    manifest::Project base = Chain(one.stg_before, one.dim_before), head = Chain(one.stg, one.dim);
    base.digest = "base";
    head.digest = "head";
    for (manifest::Project* project : {&base, &head}) {
      project->exposures = {ExposureOf("contacts", "{destination: crm, match: id, columns: [s]}", {"dim"})};
      Close(project);
      if (!Trace(project)) GTEST_SKIP() << manifest::kNoDuckdb;
    }
    const auto before = GoodSyncs(base), after = GoodSyncs(head);
    const CheckSide base_side{&policy, &base, &before};
    std::vector<std::string> found;
    for (const Finding& finding : Check({&policy, &head, &after}, &base_side).findings) {
      if (finding.rule != "column-changed") continue;
      EXPECT_EQ(finding.status, FindingStatus::kNew);
      found.push_back(finding.column + ": " + finding.message);
    }
    EXPECT_EQ(found, one.expected) << one.name;
  }
}

// A sync that the base does not have sends what the policy's owners permitted of another column.
TEST(CheckMadeOf, UnderASyncThatIsNew) {
  const Policy policy = GoodPolicy(kPolicy);
  manifest::Project base = Chain(kStg, kDim), head = Chain("select id, email as s from shop.raw.people", kDim);
  base.digest = "base";
  head.digest = "head";
  head.exposures = {ExposureOf("contacts", "{destination: crm, match: id, columns: [s]}", {"dim"})};
  for (manifest::Project* project : {&base, &head}) {
    Close(project);
    if (!Trace(project)) GTEST_SKIP() << manifest::kNoDuckdb;
  }
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const CheckSide base_side{&policy, &base, &before};
  const CheckReport report = Check({&policy, &head, &after}, &base_side);
  EXPECT_TRUE(std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return finding.rule == "column-changed" && finding.column == "dim.s";
  }));
}

}  // namespace
}  // namespace weir::policies
