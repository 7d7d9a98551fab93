#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "policies/baseline.h"
#include "policies/check.h"
#include "policies/report.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes: {pii: {tags: [pii]}, key: {permissive: true, columns: [dim.id]}}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'file:', readers: [marketer], trust: external}}\n"
    "rules: [{id: K1, give: key, to: any, as: unchanged}, {id: P1, give: pii, to: any, as: hash}]\n";

const audit::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(12);

// A sync of `dim`, and a dashboard that shows `dim` and `fct`, both made from one source.
manifest::Project Shop() {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("email", "", {"pii"})}, {"source.shop.raw.customers"}),
                   Model("fct", {Col("total")}, {"source.shop.raw.customers"})};
  project.nodes[0].contract_enforced = true;
  manifest::Source source;
  source.unique_id = "source.shop.raw.customers";
  source.source_name = "raw", source.name = "customers", source.package = "shop";
  project.sources = {source};
  project.tests = {GenericTest("unique", "dim", "id"), GenericTest("not_null", "dim", "id")};
  project.exposures = {ExposureOf("crm_contacts", "{destination: crm, match: id, columns: [email]}", {"dim"}),
                       ExposureOf("board", "", {"dim", "fct"})};
  project.exposures[1].type = "dashboard";
  Close(&project);
  return project;
}

CheckReport CheckOne(const std::string& more, const manifest::Project& project, const manifest::Project* base = nullptr) {
  static std::vector<std::unique_ptr<Policy>> kept;
  kept.push_back(std::make_unique<Policy>(GoodPolicy(kPolicy + more)));
  const auto syncs = GoodSyncs(project);
  CheckSide head{kept.back().get(), &project, &syncs};
  head.now = kNow;
  if (base == nullptr) return Check(head, nullptr);
  const auto base_syncs = GoodSyncs(*base);
  CheckSide before{kept.back().get(), base, &base_syncs};
  before.now = kNow;
  return Check(head, &before);
}

std::string Told(const CheckReport& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    if (finding.rule.starts_with("audience-")) continue;
    out += std::string(Name(finding.status)) + " " + std::string(Name(finding.level)) + " " + finding.rule + " " +
           finding.target + ": " + finding.message + (finding.suppressed_by.empty() ? "" : " [" + finding.suppressed_by + "]") +
           "\n";
  }
  return out;
}

std::string Waiver(const std::string& target, const std::string& expires = "2026-11-22") {
  return "waivers: [{id: W1, rule: Q1, target: '" + target +
         "', reason: replaced in Q1, approver: dpo@acme.com, expires: " + expires + "}]\n";
}

std::string Bound(const std::string& by) {
  std::string out = Waiver("exposure:board");
  return out.insert(out.rfind('}'), ", " + by);
}

TEST(CheckRequirementsTest, SyncsExposuresModelsAndSources) {
  const std::string contract = "has no enforced contract; set `contract: {enforced: true}` in its `config`\n";
  const struct {
    const char* name;
    std::string require;
    std::string expected;
  } cases[] = {
      {"syncs only", "{id: Q1, select: '*', contract: enforced}", ""},
      {"every exposure", "{id: Q1, select: 'exposure:*', for: exposure, contract: enforced}",
       "new error Q1 exposure:board: model `fct` " + contract},
      {"an exposure that is selected", "{id: Q1, select: 'exposure:crm_*', for: exposure, contract: enforced}", ""},
      {"models that are used", "{id: Q1, select: '*', for: model, contract: enforced}",
       "new error Q1 model:fct: model `fct` " + contract},
      {"maturity of every exposure", "{id: Q1, select: 'exposure:*', for: exposure, maturity: low}",
       "new error Q1 exposure:board: exposure `board` has no `maturity`, and at least `low` is required; set `maturity: low` "
       "when it is\n"
       "new error Q1 exposure:crm_contacts: exposure `crm_contacts` has no `maturity`, and at least `low` is required; set "
       "`maturity: low` when it is\n"},
      {"sources", "{id: Q1, select: 'source:raw', for: source, fresh: {max_age: 6h}, owner: {email: '@acme'}}",
       "new error Q1 source:raw.customers: source `raw.customers`: dbt checks no freshness of it; give it `loaded_at_field` "
       "and `freshness`\n"
       "new error Q1 source:raw.customers: source `raw.customers` has no owner whose email matches `@acme`; set `meta: "
       "{owner: ...}`\n"},
      {"tests of what a dashboard shows", "{id: Q1, select: 'exposure:board', for: exposure, tests: {primary_key: true}}",
       "new error Q1 exposure:board: model `fct` has no test, so nothing shows that its data is good; add `unique` and "
       "`not_null` to its key, run `dbt build`\n"
       "new error Q1 exposure:board: model `fct` has no key: no column has `unique` and `not_null` tests over all rows; add "
       "them and run `dbt build`\n"},
      {"tests by class of what a dashboard shows",
       "{id: Q1, select: dim, for: model, tests: {by_class: {pii: [not_null]}}}",
       "new error Q1 exposure:crm_contacts: column `email` is `pii` and has no `not_null` test over all rows; add it to model "
       "`dim` and run `dbt build`\n"
       "new error Q1 model:dim: column `email` is `pii` and has no `not_null` test over all rows; add it to model `dim` and "
       "run `dbt build`\n"},
      {"observed", "{id: Q1, select: '*', for: model, contract: enforced, mode: observe}",
       "new warning Q1 model:fct: model `fct` has no enforced contract; set `contract: {enforced: true}` in its `config`; "
       "observed: it would hold the sync without `mode: observe`\n"},
      {"a column nobody has", "{id: Q1, select: '*', k_anonymity: {columns: [emial], k: 5}}",
       "new error policy-unmatched policy: requirement `Q1` counts by column `emial`, which no model of the project "
       "documents; did you mean `email`?\n"},
      {"one column right and one wrong", "{id: Q1, select: '*', k_anonymity: {columns: [EMAIL, emial], k: 5}}",
       "new error policy-unmatched policy: requirement `Q1` counts by column `emial`, which no model of the project "
       "documents; did you mean `email`?\n"},
      {"a column nobody has, observed", "{id: Q1, select: '*', k_anonymity: {columns: [emial], k: 5}, mode: observe}",
       "new warning policy-unmatched policy: requirement `Q1` counts by column `emial`, which no model of the project "
       "documents; did you mean `email`?\n"},
      {"a group nobody has", "{id: Q1, select: 'exposure:none*', groups: growth}",
       "new warning policy-unmatched policy: requirement `Q1` is about no exposure: `select: exposure:none*` picks none of the "
       "project's\n"
       "new warning policy-unmatched policy: requirement `Q1` names group `growth`, which the project does not have\n"},
      {"a model nobody has", "{id: Q1, select: dam, for: model, contract: enforced}",
       "new error policy-unmatched policy: requirement `Q1` selects `dam`, which the project does not have; did you mean "
       "`dim`?\n"},
      {"a source nobody has", "{id: Q1, select: 'source:raw.customer', for: source, fresh: {max_age: 6h}, severity: warn}",
       "new warning policy-unmatched policy: requirement `Q1` selects `source:raw.customer`, which the project does not have; "
       "did you mean `raw.customers`?\n"},
      {"a model, for exposures", "{id: Q1, select: dim, maturity: low}",
       "new warning policy-unmatched policy: requirement `Q1` is about no exposure: `select: dim` picks none of the project's\n"},
  };
  for (const auto& one : cases) EXPECT_EQ(Told(CheckOne("require: [" + one.require + "]\n", Shop())), one.expected) << one.name;
}

// A requirement that was not met in the base is no excuse for what a pull request takes away on top.
TEST(CheckRequirementsTest, OneMoreMissingTestIsNew) {
  const std::string more = "require: [{id: Q1, select: 'exposure:*', tests: {primary_key: true, by_class: {pii: [not_null]}}}]\n";
  manifest::Project base = Shop(), head = Shop();
  base.tests = {GenericTest("unique", "dim", "id")};
  head.tests.clear();
  head.tests.push_back(GenericTest("accepted_values", "dim", "email"));
  Close(&base);
  Close(&head);
  const auto of_key = [](const CheckReport& report) {
    std::string out;
    for (const Finding& finding : report.findings) {
      if (finding.rule == "Q1") out += std::string(Name(finding.status)) + " " + finding.message + "\n";
    }
    return out;
  };
  EXPECT_EQ(of_key(CheckOne(more, head, &base)),
            "new match column `id` has no `not_null` test over all rows; add the test to model `dim` and run `dbt build`; match column `id` "
            "has no `unique` test over all rows; add the test to model `dim` and run `dbt build`; column `email` is `pii` and has no "
            "`not_null` test over all rows; add it to model `dim` and run `dbt build`; not in the base: `unique(id)`\n");
  EXPECT_EQ(of_key(CheckOne(more, base, &head)).substr(0, 9), "existing ");
}

// Nor is a warning of the base for an error.
TEST(CheckRequirementsTest, AnErrorThatWasAWarningIsNew) {
  const auto shared = [](const std::string& mode) {
    manifest::Project project = Shop();
    project.exposures.clear();
    for (const char* name : {"crm_a", "crm_b"}) {
      project.exposures.push_back(
          ExposureOf(name, "{destination: crm, match: id, object: people, columns: [email], mode: " + mode + "}", {"dim"}));
    }
    Close(&project);
    return project;
  };
  const manifest::Project base = shared("upsert"), head = shared("mirror");
  const auto told = [](const CheckReport& report) {
    for (const Finding& finding : report.findings) {
      if (finding.rule == "object-shared") return std::string(Name(finding.status)) + " " + std::string(Name(finding.level));
    }
    return std::string();
  };
  EXPECT_EQ(told(CheckOne("", head, &base)), "new error");
  EXPECT_EQ(told(CheckOne("", base, &head)), "existing warning");
  CheckReport then = CheckOne("", base), now = CheckOne("", head);
  manifest::Diagnostics diagnostics;
  ASSERT_TRUE(ApplyBaseline(RenderBaseline(then), "b", &now, &diagnostics));
  EXPECT_EQ(told(now), "new error");
  ASSERT_TRUE(ApplyBaseline(RenderBaseline(CheckOne("", head)), "b", &then, &diagnostics));
  EXPECT_EQ(told(then), "existing warning");
}

TEST(CheckRequirementsTest, SyncsThatShareAnObject) {
  const struct {
    const char* name;
    const char *object, *mode;
    std::string expected;
  } cases[] = {
      {"another object", "people", "upsert", ""},
      {"the same", "crm_contacts", "upsert",
       "new warning object-shared exposure:crm_mails: sync `exposure:crm_contacts` writes to object `crm_contacts` of "
       "destination `crm`, too: a row that both have is sent twice; remove one of the two, or give it another `object`\n"},
      {"two mirrors", "crm_contacts", "mirror",
       "new error object-shared exposure:crm_mails: sync `exposure:crm_contacts` writes to object `crm_contacts` of "
       "destination `crm`, too: a row that both have is sent twice, and each deletes what the other may still have (`mode: "
       "mirror`); remove one of the two, or give it another `object`\n"},
  };
  for (const auto& one : cases) {
    manifest::Project project = Shop();
    const std::string mode = std::string(", mode: ") + one.mode + ", match: id, columns: [email]}";
    project.exposures = {ExposureOf("crm_contacts", "{destination: crm, object: crm_contacts" + mode, {"dim"}),
                         ExposureOf("crm_mails", std::string("{destination: crm, object: ") + one.object + mode, {"dim"})};
    Close(&project);
    EXPECT_EQ(Told(CheckOne("", project)), one.expected) << one.name;
  }
}

TEST(CheckRequirementsTest, Waivers) {
  const std::string require = "require: [{id: Q1, select: '*', for: model, contract: enforced}]\n";
  const std::string finding =
      "model:fct: model `fct` has no enforced contract; set `contract: {enforced: true}` in its `config`";
  const struct {
    const char* name;
    std::string waivers;
    std::string expected;
    std::size_t failing;
  } cases[] = {
      {"the model", Waiver("model:fct"), "new error Q1 " + finding + " [W1]\n", 0},
      {"the dashboard that uses it", Waiver("exposure:board"), "new error Q1 " + finding + " [W1]\n", 0},
      {"expired", Waiver("model:fct", "2026-11-21"),
       "new error Q1 " + finding +
           "\nnew error waiver-expired model:fct: waiver `W1` of requirement `Q1` expired on 2026-11-21; meet the "
           "requirement, or have the waiver approved anew\n",
       2},
      {"expired, and nothing is wrong", Waiver("model:dim", "2026-11-21"),
       "new error Q1 " + finding +
           "\nnew warning waiver-expired model:dim: waiver `W1` of requirement `Q1` expired on 2026-11-21 and lifts nothing; "
           "remove it\n",
       1},
      {"unused", Waiver("model:dim"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused model:dim: waiver `W1` of requirement `Q1` lifts nothing: nothing is wrong with "
           "`model:dim`; remove it\n",
       1},
      {"of nothing", Waiver("model:fat"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused model:fat: waiver `W1` of requirement `Q1` lifts nothing: the project has no model "
           "`fat`; did you mean `fct`?\n",
       1},
      {"of no sync of weir.yml", Waiver("sync:nightly"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused sync:nightly: waiver `W1` of requirement `Q1` lifts nothing: weir.yml has no sync "
           "`nightly`; correct or remove it\n",
       1},
      {"of an exposure as if it were a sync of weir.yml", Waiver("sync:crm_contacts"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused sync:crm_contacts: waiver `W1` of requirement `Q1` lifts nothing: `crm_contacts` is "
           "declared by an exposure; write `exposure:crm_contacts`\n",
       1},
      {"of a misspelt exposure", Waiver("exposure:baord"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused exposure:baord: waiver `W1` of requirement `Q1` lifts nothing: the project has no "
           "exposure `baord`; did you mean `board`?\n",
       1},
      {"bound to what it shows", Bound("models: [dim, fct]"), "new error Q1 " + finding + " [W1]\n", 0},
      {"bound to what it does not show", Bound("models: [fct]"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused exposure:board: waiver `W1` of requirement `Q1` lifts nothing: `exposure:board` depends "
           "on `model.shop.dim`, which is not among its `models`\n",
       1},
      {"bound to a destination that it does not name", Bound("destination: crm"),
       "new error Q1 " + finding +
           "\nnew warning waiver-unused exposure:board: waiver `W1` of requirement `Q1` lifts nothing: `exposure:board` names no "
           "destination, and its `destination` is `crm`\n",
       1},
  };
  for (const auto& one : cases) {
    const CheckReport report = CheckOne(require + one.waivers, Shop());
    EXPECT_EQ(Told(report), one.expected) << one.name;
    EXPECT_EQ(static_cast<std::size_t>(std::count_if(report.findings.begin(), report.findings.end(),
                                                     [](const Finding& each) { return Fails(each, FailOn::kNew); })),
              one.failing)
        << one.name;
  }
}

TEST(CheckRequirementsTest, WhatOnlyARunCanTellKeepsAWaiverInUse) {
  EXPECT_EQ(Told(CheckOne("require: [{id: Q1, select: '*', guards: {max_deletes: 2%}}]\n" + Waiver("exposure:crm_contacts"),
                          Shop())),
            "");
}

TEST(CheckRequirementsTest, AWaiverForAPartExcusesThePartAlone) {
  // Two reasons of one requirement, one target and one fingerprint: neither of them has a detail.
  manifest::Project project = Shop();
  project.tests.clear();
  const std::string require = "require: [{id: Q1, select: '*', tests: {primary_key: true}, owner: {email: '@nobody'}}]\n";
  const CheckReport report = CheckOne(require + Waiver("model:dim"), project);
  const auto found = std::find_if(report.findings.begin(), report.findings.end(),
                                  [](const Finding& one) { return one.rule == "Q1"; });
  ASSERT_NE(found, report.findings.end());
  EXPECT_EQ(found->suppressed_by, "");
  EXPECT_NE(found->message.find("no owner"), std::string::npos);
}

TEST(CheckRequirementsTest, SuppressedFindingsStayVisibleInEveryFormat) {
  const CheckReport report =
      CheckOne("require: [{id: Q1, select: '*', for: model, contract: enforced}]\n" + Waiver("model:fct"), Shop());
  EXPECT_EQ(report.Suppressed(), 1u);
  EXPECT_EQ(report.Count(FindingStatus::kNew, FindingLevel::kError), 0u);
  ReportSettings settings;
  settings.otherwise_path = "weir.yml";
  const struct {
    ReportFormat format;
    const char* expected;
  } cases[] = {
      {ReportFormat::kText, "\nWaived\n  error    Q1  model:fct\n"},
      {ReportFormat::kText, "waiver `W1` of dpo@acme.com until 2026-11-22: replaced in Q1\n"},
      {ReportFormat::kText, "0 errors, 1 warning, 1 waived\n"},
      {ReportFormat::kJson, "\"suppressed\":1}"},
      {ReportFormat::kJson, "\"suppressed_by\":\"W1\",\"suppression\":\"waiver `W1` of dpo@acme.com until 2026-11-22: "},
      {ReportFormat::kSarif, "\"suppressions\":[{\"kind\":\"external\",\"status\":\"accepted\",\"justification\":\"waiver `W1` "},
      {ReportFormat::kSarif, "\"suppressions\":[],"},
      {ReportFormat::kJunit, "<skipped message=\"suppressed by waiver `W1` of dpo@acme.com until 2026-11-22: replaced in Q1; "},
      {ReportFormat::kGithub, "1 waived\n  waived: Q1 model:fct: model `fct` has no enforced contract"},
      {ReportFormat::kGitlab, "\"severity\":\"info\""},
      {ReportFormat::kMarkdown, "<details><summary>1 waived</summary>"},
      {ReportFormat::kRdjsonl, "\"severity\":\"INFO\""},
  };
  for (const auto& one : cases) {
    const std::string text = Render(one.format, report, settings);
    EXPECT_NE(text.find(one.expected), std::string::npos) << one.expected << "\n" << text;
  }
  EXPECT_EQ(RenderBaseline(report).find("Q1"), std::string::npos)
      << "a baseline would hide the finding after its waiver has expired";
}

TEST(CheckRequirementsTest, AWaiverInThePullRequestCountsAfterTheMerge) {
  const std::string require = "require: [{id: Q1, select: '*', for: model, contract: enforced}]\n";
  const Policy base = GoodPolicy(kPolicy + require), proposed = GoodPolicy(kPolicy + require + Waiver("model:fct"));
  const manifest::Project project = Shop();
  const auto syncs = GoodSyncs(project);
  CheckSide head{&base, &project, &syncs};
  head.now = kNow;
  const CheckReport report = Check(head, nullptr, &proposed);
  std::string changed;
  bool unlifted = false;
  for (const Finding& finding : report.findings) {
    if (finding.rule == "policy-changed") changed = finding.message;
    if (finding.rule == "Q1") unlifted = finding.suppressed_by.empty() && Fails(finding, FailOn::kNew);
  }
  EXPECT_TRUE(unlifted);
  EXPECT_NE(changed.find("it adds `W1`"), std::string::npos) << changed;
}

TEST(CheckRequirementsTest, APolicyThatOnlyObservesIsLooser) {
  const Policy base = GoodPolicy(kPolicy + std::string("require: [{id: Q1, select: '*', contract: enforced}]\n"));
  const Policy proposed =
      GoodPolicy(kPolicy + std::string("require: [{id: Q1, select: '*', contract: enforced, mode: observe}]\n"));
  const manifest::Project project = Shop();
  const auto syncs = GoodSyncs(project);
  const CheckReport report = Check({&base, &project, &syncs}, nullptr, &proposed);
  const auto found = std::find_if(report.findings.begin(), report.findings.end(),
                                  [](const Finding& one) { return one.rule == "policy-loosened"; });
  ASSERT_NE(found, report.findings.end());
  EXPECT_EQ(found->message, "under the pull request's policy requirement `Q1` would hold nothing (`mode: observe`)");
}

TEST(CheckRequirementsTest, ReportSaysWhatAPullRequestShows) {
  const auto require = [](const std::string& report) {
    return "require: [{id: Q1, select: '*', for: model, contract: enforced, report: " + report + "}]\n";
  };
  const manifest::Project base = Shop();
  manifest::Project worse = Shop(), touched = Shop(), other = Shop(), better = Shop();
  worse.nodes[0].contract_enforced = false;
  touched.nodes[1].access = "public";
  other.exposures[0].description = other.exposures[0].maturity = "high";
  better.nodes[1].contract_enforced = true;
  const auto lines = [&](const std::string& report, const manifest::Project& head) {
    std::string out;
    for (const Finding& finding : CheckOne(require(report), head, &base).findings) {
      if (finding.rule == "Q1") out += std::string(Name(finding.status)) + " " + finding.target + "\n";
    }
    return out;
  };
  EXPECT_EQ(lines("all", worse), "new model:dim\nexisting model:fct\n");
  EXPECT_EQ(lines("all", better), "fixed model:fct\n");
  EXPECT_EQ(lines("new", worse), "new model:dim\n");
  EXPECT_EQ(lines("new", better), "");
  EXPECT_EQ(lines("changed", worse), "new model:dim\n");
  EXPECT_EQ(lines("changed", touched), "existing model:fct\n");
  EXPECT_EQ(lines("changed", better), "fixed model:fct\n");
  EXPECT_EQ(Told(CheckOne(require("new"), base)).find("new error Q1"), 0u) << "without a base everything is new";
}

}  // namespace
}  // namespace weir::policies
