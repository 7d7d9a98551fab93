// Whoever opens a pull request can write everything in it. Each attack is refused by name, or stands in the report as a
// finding that is new; none turns a finding into an existing one.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "policies/baseline.h"
#include "policies/check.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes:\n"
    "  pii.email: {meta: {contains: email}}\n"
    "  pii.ssn: {name: ssn}\n"
    "  public: {permissive: true, columns: [dim.id, dim.plan, dim.email]}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}, seller: {}}\n"
    "destinations:\n"
    "  crm: {origin: 'file:', readers: [marketer], trust: internal}\n"
    "  ads: {origin: 'https://ads.example', readers: [seller], trust: external}\n"
    "  bi: {origin: 'https://bi.example', readers: [marketer], trust: internal}\n"
    "purposes: {support: {syncs: ['exposure:contacts']}, adverts: {syncs: ['exposure:ads_*']}}\n"
    "rules:\n"
    "  - {id: N1, never: pii.ssn, to: any}\n"
    "  - {id: K1, give: public, to: {destination: crm}, as: unchanged}\n"
    "  - {id: P1, give: pii.email, to: {destination: crm, purpose: support}, as: hash}\n";

const char kSync[] = "{destination: crm, purpose: support, match: id, columns: [plan, email]}";

manifest::Project Shop() {
  manifest::Project project;
  project.digest = "base";
  project.nodes = {Model("dim", {Col("id"), Col("plan"), Col("email", "{contains: email}"), Col("ssn")})};
  project.tests = {GenericTest("unique", "dim", "id")};
  project.exposures = {ExposureOf("contacts", kSync, {"dim"})};
  Close(&project);
  return project;
}

struct Attack {
  const char* name;
  std::function<void(manifest::Project* head, manifest::Project* base)> edit;
  const char* rule;  // of the finding that names it
  const char* says;  // a part of its message
};

void SetWeir(manifest::Project* project, const std::string& text) {
  project->exposures[0].meta = Yaml("{weir: " + text + "}");
}

TEST(CheckAttacks, EachIsNamed) {
  const std::vector<Attack> attacks = {
      {"permits himself by meta", [](auto* head, auto*) { head->nodes[0].columns[3].meta = Yaml("{contains: public}"); SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [ssn]}"); },
       "N1", "`ssn`"},
      {"takes the mark off a column", [](auto* head, auto*) { head->nodes[0].columns[2].meta = manifest::Value(); }, "class-lost",
       "no longer `pii.email`"},
      {"renames a column", [](auto* head, auto*) { head->nodes[0].columns[3].name = "s"; SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [s]}"); },
       "column-denied", "`s`"},
      {"picks another destination", [](auto* head, auto*) { SetWeir(head, "{destination: ads, purpose: support, match: id, columns: [plan]}"); },
       "destination-changed", "from `crm` to `ads`"},
      {"picks another destination, and is refused", [](auto* head, auto*) { SetWeir(head, "{destination: ads, purpose: support, match: id, columns: [plan]}"); },
       "sync-refused", "match key `id` is denied"},
      {"picks another purpose", [](auto* head, auto*) { SetWeir(head, "{destination: crm, purpose: adverts, match: id, columns: [plan]}"); },
       "sync-refused", "purpose `adverts` is not open to `exposure:contacts`"},
      {"names no purpose", [](auto* head, auto*) { SetWeir(head, "{destination: crm, match: id, columns: [plan]}"); }, "sync-refused",
       "declares no purpose"},
      {"matches by a denied column", [](auto* head, auto*) { SetWeir(head, "{destination: crm, purpose: support, match: ssn, columns: [plan]}"); },
       "sync-refused", "match key `ssn` is denied"},
      {"opens the gate", [](auto* head, auto*) { head->tests[0].severity = "warn"; }, "gate-weakened", "downgraded to warn"},
      {"shows it on a dashboard", [](auto* head, auto*) { head->exposures.push_back(ExposureOf("board", "{audience: bi, purpose: support}", {"dim"})); Close(head); },
       "audience-refused", "purpose `support` is not open to `exposure:board`"},
      {"says that a dashboard is elsewhere", [](auto* head, auto*) { head->exposures.push_back(ExposureOf("board", "{audience: crm, purpose: support}", {"dim"})); head->exposures.back().url = "https://bi.example/7"; Close(head); },
       "audience-refused", "which is `bi` and not `crm`"},
      {"gives the head as the base", [](auto* head, auto* base) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [ssn]}"); *base = *head; },
       "base-untrusted", "the head's own"},
      {"gives another project as the base", [](auto*, auto* base) { base->metadata.project_name = "another"; }, "base-untrusted",
       "of project `another`"},
  };
  const Policy policy = GoodPolicy(kPolicy);
  for (const Attack& attack : attacks) {
    manifest::Project base = Shop(), head = Shop();
    head.digest = "head";
    attack.edit(&head, &base);
    const auto before = GoodSyncs(base), after = GoodSyncs(head);
    const CheckSide base_side{&policy, &base, &before};
    const CheckReport report = Check({&policy, &head, &after}, &base_side);
    bool named = false;
    for (const Finding& finding : report.findings) {
      named = named || (finding.rule == attack.rule && finding.status == FindingStatus::kNew &&
                        finding.message.find(attack.says) != std::string::npos);
    }
    EXPECT_TRUE(named) << attack.name << "\n" << ::testing::PrintToString(report.findings.size());
    if (std::string(attack.rule) != "base-untrusted") continue;
    EXPECT_FALSE(report.has_base) << attack.name;
    for (const Finding& finding : report.findings) EXPECT_EQ(finding.status, FindingStatus::kNew) << attack.name;
  }
}

TEST(CheckAttacks, TheHarmlessPullRequestHasNoNewFinding) {
  const Policy policy = GoodPolicy(kPolicy);
  const manifest::Project base = Shop();
  manifest::Project head = Shop();
  head.digest = "head";
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const CheckSide base_side{&policy, &base, &before};
  const CheckReport report = Check({&policy, &head, &after}, &base_side);
  EXPECT_TRUE(report.has_base);
  EXPECT_EQ(report.Count(FindingStatus::kNew, FindingLevel::kError) + report.Count(FindingStatus::kNew, FindingLevel::kWarning), 0u);
}

TEST(CheckAttacks, APolicyEditedInTheSamePullRequestPermitsNothing) {
  const Policy policy = GoodPolicy(kPolicy);
  std::string text = kPolicy;
  text.replace(text.find("  - {id: N1, never: pii.ssn, to: any}\n"), 39, "  - {id: S1, give: pii.ssn, to: any, as: unchanged}\n ");
  const Policy proposed = GoodPolicy(text);
  const manifest::Project base = Shop();
  manifest::Project head = Shop();
  head.digest = "head";
  SetWeir(&head, "{destination: crm, purpose: support, match: id, columns: [plan, email, ssn]}");
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const CheckSide base_side{&policy, &base, &before};
  CheckReport report = Check({&policy, &head, &after}, &base_side, &proposed);
  std::vector<std::string> found;
  for (const Finding& finding : report.findings) {
    if (finding.status == FindingStatus::kNew) found.push_back(finding.rule + ": " + finding.message);
  }
  EXPECT_EQ(found, std::vector<std::string>(
                       {"N1: column `ssn` may not leave to `crm`: `pii.ssn` (by name), N1 never lets it leave",
                        "policy-loosened: under the pull request's policy column `ssn` would leave as `unchanged`; it is `denied` under the base's",
                        "policy-changed: the pull request changes the policy, which therefore permits nothing yet: everything was judged by the "
                        "base's; it takes away `N1`; it adds `S1`"}));
  // A baseline of the pull request's own excuses neither.
  const std::string baseline = RenderBaseline(report);
  manifest::Diagnostics diagnostics;
  ASSERT_TRUE(ApplyBaseline(baseline, "b.json", &report, &diagnostics));
  for (const Finding& finding : report.findings) {
    EXPECT_TRUE(!finding.rule.starts_with("policy-") || finding.status == FindingStatus::kNew) << finding.rule;
  }
}

TEST(CheckAttacks, AStricterPolicyIsToldAndNothingIsLoosened) {
  const Policy policy = GoodPolicy(kPolicy);
  const Policy proposed = GoodPolicy(std::string(kPolicy) + "  - {id: P2, give: pii.email, to: any, as: redact}\n");
  const manifest::Project project = Shop();
  const auto syncs = GoodSyncs(project);
  const CheckReport report = Check({&policy, &project, &syncs}, nullptr, &proposed);
  std::vector<std::string> rules;
  for (const Finding& finding : report.findings) {
    if (finding.rule.starts_with("policy-")) rules.push_back(finding.rule);
  }
  EXPECT_EQ(rules, std::vector<std::string>({"policy-changed"}));
}

}  // namespace
}  // namespace weir::policies
