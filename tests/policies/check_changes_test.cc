#include "policies/check_changes.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes: {pii.email: {meta: {contains: email}}, key: {permissive: true, columns: [dim.id, dim.email]}}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations:\n"
    "  crm: {origin: 'file:', readers: [marketer], trust: external}\n"
    "  ads: {origin: 'https://ads.example', readers: [marketer], trust: external}\n"
    "rules: [{id: K1, give: key, to: any, as: unchanged}, {id: P1, give: pii.email, to: any, as: hash}]\n"
    "require: [{id: Q1, select: 'exposure:*,config.meta.tier:1', tests: {primary_key: true}}]\n";

manifest::Project Shop() {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("email", "{contains: email}")}), Model("other", {Col("id"), Col("email")})};
  project.tests = {GenericTest("unique", "dim", "id"), GenericTest("not_null", "dim", "id"), GenericTest("unique", "other", "id")};
  project.exposures = {ExposureOf("contacts", "{destination: crm, model: dim, match: id, columns: [email]}", {"dim", "other"})};
  Close(&project);
  return project;
}

void SetWeir(manifest::Project* project, const std::string& text) {
  project->exposures[0].meta = Yaml("{weir: " + text + "}");
}

struct Case {
  const char* name;
  std::function<void(manifest::Project*)> edit;
  std::vector<std::string> findings;  // `rule column: message`
};

TEST(CheckChanges, TellsWhatOnlyAComparisonShows) {
  const std::vector<Case> cases = {
      {"nothing", [](manifest::Project*) {}, {}},
      {"a test is gone", [](manifest::Project* head) { std::erase_if(head->tests, [](const auto& one) { return one.name == "not_null"; }); },
       {"gate-weakened dim.id: test `not_null_dim_id` is gone: the gate of `contacts` weakens"}},
      {"a test is disabled",
       [](manifest::Project* head) {
         manifest::DisabledResource disabled;
         disabled.unique_id = "test.shop.unique_dim_id";
         head->disabled = {disabled};
         std::erase_if(head->tests, [](const auto& one) { return one.unique_id == "test.shop.unique_dim_id"; });
       },
       {"gate-weakened dim.id: test `unique_dim_id` is disabled: the gate of `contacts` weakens"}},
      {"a test only warns",
       [](manifest::Project* head) {
         for (manifest::Test& test : head->tests) test.severity = "warn";
       },
       {"gate-weakened dim.id: test `not_null_dim_id` is downgraded to warn: the gate of `contacts` weakens",
        "gate-weakened dim.id: test `unique_dim_id` is downgraded to warn: the gate of `contacts` weakens"}},
      {"a test bears more failures", [](manifest::Project* head) { head->tests[0].error_if = ">100"; },
       {"gate-weakened dim.id: test `not_null_dim_id` has other thresholds: the gate of `contacts` weakens"}},
      {"a test looks at other rows", [](manifest::Project* head) { head->tests[0].where = "1 = 0"; },
       {"gate-weakened dim.id: test `not_null_dim_id` tests something else (its rows or arguments changed): the gate of "
        "`contacts` weakens"}},
      {"a test of another model", [](manifest::Project* head) { head->tests[2].severity = "warn"; }, {}},
      {"a test is stricter", [](manifest::Project* head) { head->tests.push_back(GenericTest("accepted_values", "dim", "email")); Close(head); }, {}},
      {"another destination", [](manifest::Project* head) { SetWeir(head, "{destination: ads, model: dim, match: id, columns: [email]}"); },
       {"destination-changed : the destination of `contacts` changes from `crm` to `ads`; make sure that it is meant"}},
      {"another purpose", [](manifest::Project* head) { SetWeir(head, "{destination: crm, purpose: x, model: dim, match: id, columns: [email]}"); },
       {"purpose-changed : the purpose of `contacts` changes from none to `x`; make sure that it is meant"}},
      {"another model", [](manifest::Project* head) { SetWeir(head, "{destination: crm, model: other, match: id, columns: [email]}"); },
       {"model-changed : the model of `contacts` changes from `model.shop.dim` to `model.shop.other`; make sure that it is meant",
        "class-lost other.email: column `email` takes the place of `email` of `dim`, which is `pii.email`, and is not; make sure that its "
        "meta, tags or name did not change to get past a rule"}},
      {"a column without its mark", [](manifest::Project* head) { head->nodes[0].columns[1].meta = manifest::Value(); },
       {"class-lost dim.email: column `email` is no longer `pii.email`; make sure that its meta, tags or name did not change to "
        "get past a rule"}},
      {"an exposure that a requirement selected",
       [](manifest::Project* head) { head->exposures[0].meta = Yaml("{weir: {destination: crm, model: dim, match: id, columns: [email]}, tier: 2}"); },
       {"gate-weakened : requirement `Q1` no longer selects it: the gate of `contacts` weakens"}},
  };
  const Policy policy = GoodPolicy(kPolicy);
  for (const Case& test : cases) {
    manifest::Project base = Shop(), head = Shop();
    if (test.name == std::string("an exposure that a requirement selected")) {
      base.exposures[0].meta = Yaml("{weir: {destination: crm, model: dim, match: id, columns: [email]}, tier: 1}");
    }
    test.edit(&head);
    const auto before = GoodSyncs(base), after = GoodSyncs(head);
    std::vector<std::string> found;
    for (const Finding& finding : FindChanges({&policy, &head, &after}, {&policy, &base, &before})) {
      EXPECT_EQ(finding.target, "exposure:contacts") << test.name;
      found.push_back(finding.rule + " " + finding.column + ": " + finding.message);
    }
    EXPECT_EQ(found, test.findings) << test.name;
  }
}

TEST(CheckChanges, TwoTestsOfOneColumnAreTwoFindings) {
  const Policy policy = GoodPolicy(kPolicy);
  const manifest::Project base = Shop();
  manifest::Project head = Shop();
  head.tests.clear();
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const CheckSide base_side{&policy, &base, &before};
  const CheckReport report = Check({&policy, &head, &after}, &base_side);
  std::vector<std::string> fingerprints;
  for (const Finding& finding : report.findings) {
    if (finding.rule == "gate-weakened") fingerprints.push_back(finding.fingerprint);
  }
  ASSERT_EQ(fingerprints.size(), 2u);
  EXPECT_NE(fingerprints[0], fingerprints[1]);
}

TEST(CheckChanges, ASyncThatIsNewHasNoGateThatCouldWeaken) {
  const Policy policy = GoodPolicy(kPolicy);
  manifest::Project base = Shop(), head = Shop();
  base.exposures.clear();
  head.tests.clear();
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  EXPECT_TRUE(FindChanges({&policy, &head, &after}, {&policy, &base, &before}).empty());
}

}  // namespace
}  // namespace weir::policies
