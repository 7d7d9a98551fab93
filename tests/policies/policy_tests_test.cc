#include "policies/policy_tests.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes:\n"
    "  pii.email: {name: '(?i)email'}\n"
    "  pii.ssn: {name: '(?i)ssn'}\n"
    "  consent: {name: '^consent$'}\n"
    "  public: {permissive: true, columns: [dim.country]}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}, agent: {}}\n"
    "destinations:\n"
    "  crm: {origin: 'https://crm.example', readers: [marketer], trust: external}\n"
    "  desk: {origin: 'file:', readers: [agent], trust: internal}\n"
    "purposes: {campaign: {syncs: ['exposure:crm_*']}, support: {syncs: ['exposure:desk_*']}}\n"
    "rules:\n"
    "  - {id: P1, never: pii.ssn, to: any}\n"
    "  - {id: P2, give: pii.email, to: {destination: crm, purpose: campaign}, as: hash}\n"
    "  - {id: P3, give: pii.email, to: {role: agent, purpose: support}, as: {mask: {keep: domain}}}\n"
    "  - {id: P4, give: public, to: any, as: unchanged}\n"
    "  - {id: P5, give: consent, to: any, as: filter}\n"
    "  - {id: R1, rows: dim, to: {trust: external}, send_if: {consent: true}}\n"
    "require:\n"
    "  - {id: Q1, select: 'exposure:crm_*', tests: {}}\n"
    "tests:\n"
    "  - ";  // line 23, column 5

manifest::Project Shop() {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("email"), Col("ssn"), Col("consent"), Col("country")}),
                   Model("old", {Col("ssn")})};
  manifest::Column seen = Col("email_seen");
  seen.data_type = "boolean";
  project.nodes[0].columns.push_back(seen);
  project.exposures = {
      ExposureOf("crm_a",
                 "{model: dim, destination: crm, object: c, purpose: campaign, match: {email: e}, columns: {country: c}}",
                 {"dim"}),
      ExposureOf("desk_a",
                 "{model: dim, destination: desk, object: c, purpose: support, match: {ssn: s}, columns: {country: c}}",
                 {"dim"})};
  Close(&project);
  return project;
}

struct Expectation {
  const char* test;
  const char* failures;  // one a line; empty: passes
  const char* exercised;
};

const Expectation kExpectations[] = {
    {"{name: t, column: dim.email, to: {destination: crm, purpose: campaign}, expect: hash, by: P2}", "", "P2"},
    {"{name: t, column: DIM.email, to: {destination: crm, purpose: campaign}, expect: hash}",
     "the project has no model `DIM`; did you mean `dim`?\n", ""},
    {"{name: t, column: dim.emial, to: any, expect: deny}",
     "model `dim` documents no column `emial`; did you mean `email`?\n", ""},
    {"{name: t, column: dim.email, to: {role: agent, purpose: support}, expect: {mask: {keep: domain}}, by: P3}", "",
     "P3"},
    {"{name: t, column: dim.email, to: {destination: crm, purpose: campaign}, expect: {mask: {keep: domain}}, by: P3}",
     "`dim.email` to crm (campaign): expected `mask: {keep: domain}` by `P3`; decided `hash` by `P2`: `pii.email` (by name), "
     "given by P2\n",
     "P2"},
    {"{name: t, column: dim.email, to: {destination: crm}, expect: hash}",
     "`dim.email` to crm (support): expected `hash`; decided `deny` by no rule: `pii.email` (by name), no rule gives it\n",
     "P2"},
    {"{name: t, column: dim.email_seen, to: {destination: crm, purpose: campaign}, expect: blank, by: P2}", "", "P2"},
    {"{name: t, column: dim.email_seen, to: {destination: crm, purpose: campaign}, expect: hash}",
     "`dim.email_seen` to crm (campaign): expected `hash`; decided `blank` by `P2`: `pii.email` (by name), given by P2; `hash` does not "
     "fit a column of type boolean: `blank` in its place\n",
     "P2"},
    {"{name: t, column: dim.email, to: {destination: crm, purpose: campaign}, expect: hash, by: [P2, P3]}",
     "`dim.email` to crm (campaign): expected `hash` by `P2`, `P3`; decided `hash` by `P2`: `pii.email` (by name), given by "
     "P2\n",
     "P2"},
    {"{name: t, for_all: {class: pii.ssn, to: any}, expect: deny, by: P1}", "", "P1"},
    {"{name: t, for_all: {class: public, to: any}, expect: unchanged, by: P4}", "", "P4"},
    {"{name: t, for_all: {class: pii, to: {trust: internal, purpose: campaign}}, expect: deny}", "", "P1"},
    {"{name: t, for_all: {class: public, to: {destination: crm, role: agent}}, expect: unchanged}",
     "no destination and purpose of the policy are {destination: crm, role: agent}\n", ""},
    {"{name: t, column: dim.consent, to: any, expect: filter, by: P5}", "", "P5"},
    {"{name: t, column: dim.ssn, to: {destination: crm, purpose: campaign}, use: filter, expect: deny, by: P1}", "", "P1"},
    {"{name: t, column: dim.country, to: {destination: crm, purpose: campaign}, expect: filter, by: P5}",
     "`dim.country` to crm (campaign): expected `filter` by `P5`; decided `filter` by no rule: read here by a rule about "
     "rows, not sent\n",
     ""},
    {"{name: t, sync: crm_a, rows: [R1], require: [Q1], refused: false}", "", "P5 Q1 R1"},
    {"{name: t, sync: 'exposure:desk_a', rows: [], require: [], refused: true}", "", ""},
    {"{name: t, sync: desk_a, rows: [R1], require: Q1}",
     "rows of `exposure:desk_a`: expected `R1`; decided by none\n"
     "requirements of `exposure:desk_a`: expected `Q1`; decided by none\n",
     ""},
    {"{name: t, sync: crm_a, refused: true}", "expected `exposure:crm_a` to be refused; it may run\n", ""},
    {"{name: t, sync: crm_b, rows: []}", "there is no sync `crm_b`\n", ""},
};

TEST(PolicyTestsTest, SaysWhatWasExpectedAndWhatWasDecided) {
  const manifest::Project project = Shop();
  const std::vector<SyncSpec> syncs = GoodSyncs(project);
  for (const Expectation& one : kExpectations) {
    const Policy policy = GoodPolicy(std::string(kPolicy) + one.test + "\n");
    const PolicyTestReport report = RunPolicyTests(policy, project, syncs);
    ASSERT_EQ(report.results.size(), 1u) << one.test;
    EXPECT_EQ(report.results[0].test->at.position.line, 23u);
    std::string failures;
    for (const std::string& failure : report.results[0].failures) failures += failure + "\n";
    EXPECT_EQ(failures, one.failures) << one.test;
    EXPECT_EQ(report.failed(), failures.empty() ? 0u : 1u);
    std::set<std::string> exercised = {"P1", "P2", "P3", "P4", "P5", "R1", "Q1"};
    for (const Uncovered& uncovered : report.uncovered) exercised.erase(uncovered.id);
    std::string shown;
    for (const std::string& id : exercised) shown += (shown.empty() ? "" : " ") + id;
    EXPECT_EQ(shown, one.exercised) << one.test;
    EXPECT_EQ(report.rules, 7u);
  }
}

// Both models have the class, two destinations and two purposes: no case is left out.
TEST(PolicyTestsTest, AsksAboutEveryColumnAndRecipient) {
  const manifest::Project project = Shop();
  const Policy policy = GoodPolicy(std::string(kPolicy) + "{name: t, for_all: {class: pii.ssn, to: any}, expect: deny}\n");
  EXPECT_EQ(RunPolicyTests(policy, project, {}).results[0].cases, 8u);
}

TEST(PolicyTestsTest, FailsWhereTheClassIsNowhere) {
  manifest::Project project;
  Close(&project);
  const Policy policy = GoodPolicy(std::string(kPolicy) + "{name: t, for_all: {class: pii.ssn, to: any}, expect: deny}\n");
  EXPECT_EQ(RunPolicyTests(policy, project, {}).results[0].failures,
            std::vector<std::string>{"no column of the project has class `pii.ssn`"});
}

TEST(IncludeTest, ReadsFoldersBelowAndRefusesOthers) {
  PolicyFolder folder;
  std::filesystem::create_directories(folder.path() + "/packs/base");
  std::filesystem::create_directories(folder.path() + "/packs/more");
  folder.Write("p.yml", "version: 1\ninclude: [packs/base]\nrules:\n  - {id: P1, never: pii, to: any}\n");
  folder.Write("packs/base/b.yml", "version: 1\ninclude: [../more]\n");
  folder.Write("packs/more/m.yml", "version: 1\nclasses: {pii.email: {tags: [x]}}\n");
  std::optional<Policy> policy;
  EXPECT_EQ(folder.Read(&policy), "");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->files.size(), 3u);
  EXPECT_EQ(policy->classes.size(), 1u);
  const std::string digest = policy->digest;
  folder.Write("packs/more/m.yml", "version: 1\nclasses: {pii.email: {tags: [y]}}\n");
  EXPECT_EQ(folder.Read(&policy), "");
  EXPECT_NE(policy->digest, digest);

  folder.Write("packs/more/m.yml", "version: 1\ninclude: [../base]\nclasses: {pii.email: {tags: [y]}}\n");
  EXPECT_EQ(folder.Read(&policy),
            "packs/more/m.yml:2:11: included folder `../base` is already included at p.yml:2:11 [W-POL-060]\n");
  folder.Write("packs/more/m.yml", "version: 1\ninclude: [../.., ../../.., ../baze]\n");
  EXPECT_EQ(folder.Read(&policy),
            "packs/more/m.yml:2:11: included folder `../..` is the policy folder itself [W-POL-060]\n"
            "packs/more/m.yml:2:18: included folder `../../..` leads out of the policy folder; copy it into the folder "
            "[W-POL-060]\n"
            "packs/more/m.yml:2:28: included folder `../baze` is not there; did you mean `../base`? [W-POL-060]\n");
  PolicyFolder outside;
  outside.Write("o.yml", "version: 1\n");
  std::filesystem::create_directory_symlink(outside.path(), folder.path() + "/packs/out");
  folder.Write("packs/more/m.yml", "version: 1\ninclude: [../out]\n");
  EXPECT_EQ(folder.Read(&policy),
            "packs/more/m.yml:2:11: included folder `../out` leads out of the policy folder; copy it into the folder "
            "[W-POL-060]\n");
  EXPECT_FALSE(policy);
}

}  // namespace
}  // namespace weir::policies
