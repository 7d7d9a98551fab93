#include "policies/presets.h"

#include <gtest/gtest.h>

#include "policies/classify.h"
#include "tests/manifest/samples.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

// "pii (by tag `pii`), …" of the one column of a model.
std::string ClassesOf(const Policy& policy, const manifest::Column& column, const manifest::Node& like = {}) {
  manifest::Project project;
  manifest::Node model = Model("m", {column});
  model.tags = like.tags;
  model.classifiers = like.classifiers;
  project.nodes = {model};
  Close(&project);
  std::string out;
  for (const ClassEvidence& evidence : Classify(policy, project, project.nodes[0], column.name)) {
    out += (out.empty() ? "" : "; ") + evidence.name + (evidence.declared ? "" : "?") + " " + evidence.how;
  }
  return out;
}

manifest::Column Labelled(std::vector<manifest::Text> classifiers) {
  manifest::Column column = Col("c");
  column.classifiers = std::move(classifiers);
  return column;
}

TEST(PresetsTest, KnowsOtherTeamsConventions) {
  const struct {
    std::string preset;
    manifest::Column column;
    std::string expected;
  } cases[] = {
      {"contains_pii", Col("c", "{contains_pii: true}"), "pii by meta `contains_pii: true`, preset `contains_pii`"},
      {"contains_pii", Col("c", "{contains_pii: 'True'}"), "pii by meta `contains_pii: True`, preset `contains_pii`"},
      {"contains_pii", Col("c", "{contains_pii: name}"), "pii by meta `contains_pii: name`, preset `contains_pii`"},
      {"contains_pii", Col("c", "{contains_pii: [false, email]}"),
       "pii by meta `contains_pii: email`, preset `contains_pii`"},
      {"contains_pii", Col("c", "{contains_pii: {who: customers}}"),
       "pii by meta `contains_pii: {…}`, preset `contains_pii`"},
      {"contains_pii", Col("c", "{contains_pii: false}"), ""},
      {"contains_pii", Col("c", "{contains_pii: 'No'}"), ""},
      {"contains_pii", Col("c", "{contains_pii: []}"), ""},
      {"contains_pii", Col("c", "{pii: true}"), ""},
      {"dbt_snow_mask", Col("c", "{masking_policy: mp_encrypt_pii}"),
       "pii by meta `masking_policy: mp_encrypt_pii`, preset `dbt_snow_mask`"},
      {"dbt_tags", Col("c", "", {"pii_name"}), "pii by tag `pii_name`, preset `dbt_tags`"},
      {"dbt_tags", Col("c", "", {"PII_MASK_LAST_X_CHARACTERS~4"}),
       "pii by tag `PII_MASK_LAST_X_CHARACTERS~4`, preset `dbt_tags`"},
      {"dbt_tags", Col("c", "", {"pipeline"}), ""},
      {"datahub", Col("c", "{is_sensitive: true}"), "sensitive by meta `is_sensitive: true`, preset `datahub`"},
      {"datahub", Col("c", "{gdpr: {pii: true}}"), "pii by meta `gdpr.pii: true`, preset `datahub`"},
      {"datahub", Col("c", "{gdpr.pii: true}"), "pii by meta `gdpr.pii: true`, preset `datahub`"},
      {"datahub", Col("c", "{gdpr.pii: false, gdpr: {pii: true}}"), ""},  // the literal key is the one that counts
      {"openmetadata", Col("c", "", {"pii.sensitive"}), "pii by tag `PII.Sensitive`, preset `openmetadata`"},
      {"openmetadata", Col("c", "", {"PII.None"}), ""},
      {"openmetadata", Col("c", "{openmetadata: {glossary: [Bank.Account, PersonalData.Name]}}"),
       "pii by meta `openmetadata.glossary: PersonalData.Name`, preset `openmetadata`"},
      {"openmetadata", Col("c", "{openmetadata: {tier: Tier.Tier1}}"), ""},
      {"elementary", Col("c", "", {"PII"}), "pii by tag `pii`, preset `elementary`"},
      {"dbt_classifiers", Labelled({"pii.email"}), "pii.email by classifier `pii.email`, preset `dbt_classifiers`"},
      {"dbt_classifiers", Labelled({"pii"}), "pii by classifier `pii`, preset `dbt_classifiers`"},
      {"dbt_classifiers", Labelled({"pii.badge"}), "pii by classifier `pii.badge`, preset `dbt_classifiers`"},
      {"dbt_classifiers", Labelled({"finance.salary", "health"}),
       "finance by classifier `finance.salary`, preset `dbt_classifiers`; health by classifier `health`, preset "
       "`dbt_classifiers`"},
      {"dbt_classifiers", Labelled({"acme.secret"}), ""},
  };
  for (const auto& one : cases) {
    const Policy policy = GoodPolicy("version: 1\npresets: [" + one.preset + "]\n");
    EXPECT_EQ(ClassesOf(policy, one.column), one.expected) << one.preset;
  }
}

TEST(PresetsTest, WhatMarksTheModelIsInferred) {
  manifest::Node tagged, labelled;
  tagged.tags = {"pii"};
  labelled.classifiers = {"pii.email"};
  const struct {
    std::string policy;
    manifest::Node model;
    std::string expected;
  } cases[] = {
      {"presets: [elementary]", tagged, "pii? by tag `pii` of its model, preset `elementary`"},
      {"presets: [dbt_tags]", tagged, ""},
      {"presets: dbt_classifiers", labelled,
       "pii.email? by classifier `pii.email` of its model, preset `dbt_classifiers`"},
      {"classes: {mail: {classifiers: [PII]}}", labelled, "mail? by classifier `pii.email` of its model"},
      {"classes: {mail: {tags: [pii]}}", tagged, ""},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(ClassesOf(GoodPolicy("version: 1\n" + one.policy + "\n"), Col("c"), one.model), one.expected);
  }
}

TEST(PresetsTest, AClassOfThePolicyIsExtended) {
  const Policy policy = GoodPolicy(
      std::vector<std::string>{"version: 1\nclasses: {pii: {name: '^ssn$'}, pii.email: {classifiers: [pii.email, mail]}}\n",
                               "version: 1\npresets: [contains_pii, dbt_classifiers, contains_pii]\n"});
  EXPECT_EQ(ClassesOf(policy, Col("ssn")), "pii? by name");
  EXPECT_EQ(ClassesOf(policy, Col("x", "{contains_pii: true}")),
            "pii by meta `contains_pii: true`, preset `contains_pii`");
  EXPECT_EQ(ClassesOf(policy, Labelled({"mail.work"})), "pii.email by classifier `mail.work`");
  EXPECT_EQ(ClassesOf(policy, Labelled({"pii.email"})), "pii.email by classifier `pii.email`");
}

TEST(PresetsTest, WildcardsOfAPolicy) {
  const Policy policy = GoodPolicy("version: 1\nclasses: {k: {meta: {a: '*', b: x-*}, tags: ['t:*']}}\n");
  EXPECT_EQ(ClassesOf(policy, Col("c", "{a: anything}")), "k by meta `a: anything`");
  EXPECT_EQ(ClassesOf(policy, Col("c", "{a: none, b: X-1}")), "k by meta `b: X-1`");
  EXPECT_EQ(ClassesOf(policy, Col("c", "{a: 0, b: y}", {"T:1"})), "k by tag `T:1`");
  EXPECT_EQ(ClassesOf(policy, Col("c", "{b: x}", {"t"})), "");
}

TEST(PresetsTest, BadInputs) {
  const struct {
    std::string text, expected;
  } cases[] = {
      {"presets: [elementry]\n", "p.yml:2:11: unknown preset `elementry`; did you mean `elementary`? [W-POL-050]\n"},
      {"presets: atlan\n",
       "p.yml:2:10: unknown preset `atlan`; it is one of `contains_pii`, `dbt_snow_mask`, `dbt_tags`, `datahub`, "
       "`openmetadata`, `elementary`, `dbt_classifiers` [W-POL-050]\n"},
      {"presets: [contains_pii]\nclasses: {pii: {permissive: true, columns: [m.c]}}\n",
       "p.yml:3:11: class `pii` is permissive, and preset `contains_pii` marks sensitive columns with it; rename the "
       "class [W-POL-051]\n"},
      {"presets: [elementary]\nclasses: {pii.ok: {permissive: true, columns: [m.c]}}\n",
       "p.yml:3:11: class `pii.ok` is permissive, but `pii` above it is not; a rule about one would be about both "
       "[W-POL-016]\n"},
      {"presets: {elementary: true}\n", "p.yml:2:10: `presets` of the policy must be a list of strings, not a map [W-POL-010]\n"},
  };
  for (const auto& one : cases) {
    PolicyFolder folder;
    folder.Write("p.yml", "version: 1\n" + one.text);
    std::optional<Policy> policy;
    EXPECT_EQ(folder.Read(&policy), one.expected);
  }
}

// A real project, where 352 of 16,901 columns are marked by hand.
TEST(PresetsTest, FindsWhatTeamsterMarks) {
  if (manifest::SampleFolder().empty()) GTEST_SKIP() << "no sample data";
  const manifest::Project project = manifest::ReadProject((manifest::SampleFolder() / "teamster/manifest.json").string());
  const Policy policy = GoodPolicy("version: 1\npresets: [contains_pii]\n");
  std::size_t columns = 0, found = 0;
  for (const manifest::Node& node : project.nodes) {
    if (node.type != manifest::ResourceType::kModel) continue;
    for (const manifest::Column& column : node.columns) {
      ++columns;
      for (const ClassEvidence& evidence : Classify(policy, project, node, column.name)) {
        EXPECT_EQ(evidence.name, "pii");
        ++found;
      }
    }
  }
  EXPECT_EQ(found, 352u) << "of " << columns;
}

}  // namespace
}  // namespace weir::policies
