#include <gtest/gtest.h>

#include <random>

#include "policies/import_bouncer.h"
#include "policies/import_odcs.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

using Importer = std::optional<Imported> (*)(std::string_view, const std::string&, manifest::Diagnostics*);

Imported Import(Importer importer, const std::string& text) {
  manifest::Diagnostics diagnostics;
  const auto imported = importer(text, "in.yml", &diagnostics);
  EXPECT_TRUE(imported) << diagnostics.Render();
  return imported.value_or(Imported{});
}

// The file loads as a policy, alone.
Policy Loaded(const Imported& imported) {
  PolicyFolder folder;
  folder.Write("imported.yml", imported.yaml);
  std::optional<Policy> policy;
  EXPECT_EQ(folder.Read(&policy), "") << imported.yaml;
  return policy.value_or(Policy{});
}

std::string LeftText(const Imported& imported) {
  std::string out;
  for (const Imported::Left& left : imported.left) out += left.name + ": " + left.why + "\n";
  return out;
}

const Requirement* FindRequirement(const Policy& policy, const std::string& id) {
  for (const Requirement& requirement : policy.requirements) {
    if (requirement.id == id) return &requirement;
  }
  return nullptr;
}

TEST(ImportBouncerTest, OwnersAndFreshnessBecomeRequirements) {
  const Imported imported = Import(ImportBouncer, R"(
dbt_artifacts_dir: target
severity: warn
manifest_checks:
  - name: check_exposure_has_owner
    description: somebody's to call
    severity: error
  - name: check_exposure_has_owner
    include: ^models/marts
    exclude: ^models/marts/old
    required_fields: [email, name]
  - name: check_source_freshness_populated
    include: [models/staging/, ^models/raw/.*]
)");
  const Policy policy = Loaded(imported);
  const Requirement* const owner = FindRequirement(policy, "bouncer.exposure_has_owner.1");
  ASSERT_NE(owner, nullptr) << imported.yaml;
  EXPECT_EQ(owner->select, "exposure:*");
  EXPECT_EQ(owner->for_what, "exposure");
  EXPECT_EQ(owner->owner_email_pattern, ".+");
  EXPECT_EQ(owner->why, "somebody's to call");
  EXPECT_FALSE(owner->warn_only);
  const Requirement* const second = FindRequirement(policy, "bouncer.exposure_has_owner.2");
  ASSERT_NE(second, nullptr) << imported.yaml;
  EXPECT_EQ(second->select, "exposure:*,path:models/marts");
  EXPECT_TRUE(second->warn_only);  // the file's own
  EXPECT_NE(imported.yaml.find("# confirm: its `exclude` is not taken over"), std::string::npos) << imported.yaml;
  const Requirement* const fresh = FindRequirement(policy, "bouncer.source_freshness_populated.1");
  ASSERT_NE(fresh, nullptr) << imported.yaml;
  EXPECT_EQ(fresh->select, "path:models/staging path:models/raw");
  EXPECT_EQ(fresh->fresh_max_age_seconds, 24 * 3600);
  EXPECT_EQ(LeftText(imported),
            "check_exposure_has_owner: a requirement asks for the owner's email alone, not for `name`\n");
}

// Access and contracts are taken when the reader of this version knows them; else each is a comment and listed.
TEST(ImportBouncerTest, AccessAndContractAreTakenOrListed) {
  const Imported imported = Import(ImportBouncer, R"(
manifest_checks:
  - {name: check_model_access, access: public, include: ^models/marts}
  - {name: check_model_has_contracts_enforced, materialization: table}
  - {name: check_model_contract_enforced_for_public_model}
  - {name: check_exposure_based_on_non_public_models}
)");
  Loaded(imported);
  EXPECT_EQ(imported.taken.size() + imported.left.size(), 4u) << imported.yaml << LeftText(imported);
  for (const char* line : {"select: 'path:models/marts'", "access: public", "select: 'config.materialized:table'",
                           "select: 'access:public'", "contract: enforced", "select: 'exposure:*'"}) {
    EXPECT_NE(imported.yaml.find(line), std::string::npos) << line << "\n" << imported.yaml;
  }
}

TEST(ImportBouncerTest, NothingOfACheckIsDroppedInSilence) {
  const Imported imported = Import(ImportBouncer, R"(
custom_checks_dir: my_checks
manifest_checks:
  - {name: check_model_access, access: public, schema_pattern: marts, skip: true}
)");
  Loaded(imported);
  EXPECT_NE(imported.yaml.find("# confirm: its `schema_pattern` is not taken over: this asks of more than dbt-bouncer did"),
            std::string::npos)
      << imported.yaml;
  EXPECT_NE(imported.yaml.find("# confirm: its `skip` is not taken over"), std::string::npos) << imported.yaml;
  EXPECT_EQ(LeftText(imported), "custom_checks_dir: checks in Python are dbt-bouncer's to run\n");
}

TEST(ImportBouncerTest, WhatHasNoCounterpartIsListedByName) {
  const Imported imported = Import(ImportBouncer, R"(
include: ^models
manifest_checks:
  - {name: check_model_names, model_name_pattern: ^stg_}
  - {name: check_exposure_based_on_view}
  - {name: check_model_access, access: everybody}
  - {name: check_model_has_contracts_enforced, include: '^models/(a|b)'}
  - {description: no name}
catalog_checks:
  - {name: check_column_description_populated}
)");
  const Policy policy = Loaded(imported);
  EXPECT_TRUE(policy.requirements.empty());
  EXPECT_EQ(LeftText(imported),
            "check_model_names: it is not about exposures, access, contracts or freshness; keep dbt-bouncer for it\n"
            "check_exposure_based_on_view: how a model is stored decides nothing about what leaves\n"
            "check_model_access: its `access` is none of public, protected and private\n"
            "check_model_has_contracts_enforced: its `include` is a regular expression that no selector says: `^models/(a|b)`\n"
            "a check without a name: it cannot be told which it is\n"
            "check_column_description_populated: it is not about exposures, access, contracts or freshness; keep dbt-bouncer "
            "for it\n"
            "include: it stands above all checks and is no selector; the requirements ask of all\n");
}

constexpr const char* kContract = R"(
apiVersion: v3.0.2
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
version: 1.0.0
status: active
schema:
  - name: dim_customers
    physicalName: shop.main.customers_v2
    properties:
      - {name: customer_id, primaryKey: true, classification: internal}
      - {name: email, classification: Highly Confidential, encryptedName: email_enc}
      - {name: country, classification: public}
      - name: address
        properties: [{name: street, classification: restricted}]
      - name: 'odd name'
        classification: restricted
    quality:
      - {metric: rowCount, mustBeGreaterThan: 99}
      - {metric: duplicateCount, mustBe: 0}
roles:
  - {role: Microstrategy User, access: read}
  - {role: loader, access: write}
slaProperties:
  - {property: latency, value: 4, unit: h, element: dim_customers.updated_at}
  - {property: retention, value: 3, unit: y}
  - {property: frequency, value: 1, unit: d}
)";

TEST(ImportOdcsTest, TakesWhatRestricts) {
  const Imported imported = Import(ImportOdcs, kContract);
  const Policy policy = Loaded(imported);
  const ClassDefinition* const email = policy.FindClass("odcs.highly_confidential");
  ASSERT_NE(email, nullptr) << imported.yaml;
  EXPECT_FALSE(email->permissive);
  EXPECT_EQ(email->columns, (std::vector<std::string>{"customers_v2.email", "dim_customers.email"}));
  ASSERT_NE(policy.FindClass("odcs.encrypted"), nullptr);
  ASSERT_NE(policy.FindClass("odcs.restricted"), nullptr);
  EXPECT_EQ(policy.FindClass("odcs.restricted")->columns,
            (std::vector<std::string>{"customers_v2.address", "dim_customers.address"}));
  ASSERT_NE(FindRequirement(policy, "odcs.dim_customers.primary_key"), nullptr);
  ASSERT_NE(FindRequirement(policy, "odcs.dim_customers.rows.1"), nullptr);
  EXPECT_EQ(FindRequirement(policy, "odcs.dim_customers.rows.1")->guards.min_rows, 100);
  ASSERT_NE(FindRequirement(policy, "odcs.dim_customers.fresh.1"), nullptr) << imported.yaml;
  EXPECT_EQ(FindRequirement(policy, "odcs.dim_customers.fresh.1")->fresh_max_age_seconds, 4 * 3600);
  ASSERT_EQ(policy.roles.size(), 1u);
  EXPECT_EQ(policy.roles.front().groups, std::vector<std::string>{"Microstrategy User"});
  EXPECT_EQ(LeftText(imported),
            "property `odd name`: its name is no name of a column: letters, digits, `_` and `-`; classify it by hand\n"
            "quality `duplicateCount` of `dim_customers`: write it as dbt's test `unique`; the gate then asks that it passed\n"
            "role `loader`: its access is `write`; a role of a policy reads\n"
            "slaProperties `retention`: no rule of a policy deletes by age\n"
            "slaProperties `frequency`: how often data comes is no age; require `fresh:` with the age that you accept\n");
}

TEST(ImportOdcsTest, ReadsEveryWayToAskForRows) {
  const struct {
    const char* quality;
    std::optional<std::int64_t> rows;
    std::size_t left = 0;  // an upper bound, or all of it
  } cases[] = {
      {"mustBeGreaterThan: 99", 100},         {"mustBeGreaterOrEqualTo: 99", 99},      {"mustBe: 7", 7, 1},
      {"mustBeBetween: [10, 20]", 10, 1},     {"mustNotBe: 0", 1},                     {"mustNotBe: 5", std::nullopt, 1},
      {"mustBeLessThan: 5", std::nullopt, 1}, {"mustBeBetween: []", std::nullopt, 1},  {"mustBe: many", std::nullopt, 1},
      {"mustBeGreaterThan: 9223372036854775807", std::nullopt, 1},
      {"mustBeGreaterThan: 0, mustBeLessThan: 9", 1, 1},
  };
  for (const auto& one : cases) {
    const Imported imported = Import(ImportOdcs, std::string("kind: DataContract\napiVersion: v3.1.0\nschema:\n  - name: dim\n"
                                                             "    quality: [{metric: rowCount, ") + one.quality + "}]\n");
    const Policy policy = Loaded(imported);
    const Requirement* const requirement = FindRequirement(policy, "odcs.dim.rows.1");
    EXPECT_EQ(requirement == nullptr ? std::nullopt : requirement->guards.min_rows, one.rows) << one.quality;
    EXPECT_EQ(imported.left.size(), one.left) << one.quality;
  }
}

TEST(ImportOdcsTest, ListsByNameWhatHasNoPlace) {
  const Imported imported = Import(ImportOdcs, R"(
apiVersion: v3.1.0
kind: DataContract
id: 1
status: retired
description: {purpose: orders, usage: reports}
slaDefaultElement: orders.ordered_at
servers: [{server: prod, type: postgres}]
team: []
support: [{channel: "#data"}]
vibes: good
schema:
  - name: orders
    businessName: Orders
    relationships: [{type: foreignKey}]
    properties:
      - {name: id, primaryKey: true, required: true, unique: false, logicalType: integer}
      - {name: email, required: true, tags: [pii], quality: [{metric: nullValues, mustBe: 0}, {type: sql, query: select 1}]}
      - name: address
        required: true
        properties: [{name: street, required: true, quality: [{metric: nullValues}]}, {name: zip, required: true}]
    quality: [{metric: rowCount, mustBeGreaterThan: 0, severity: warning}]
  - name: items
roles:
  - {role: analyst, access: read, firstLevelApprovers: lead}
slaProperties:
  - {property: freshness, value: 1, unit: d, driver: regulatory}
  - {property: endOfLife, value: 2030-01-01}
  - {property: timeOfAvailability, value: '06:00'}
  - {property: glamour, value: 3}
)");
  const Policy policy = Loaded(imported);
  ASSERT_NE(FindRequirement(policy, "odcs.orders.fresh.1"), nullptr) << imported.yaml;  // of the default element alone
  EXPECT_EQ(FindRequirement(policy, "odcs.items.fresh.1"), nullptr);
  ASSERT_NE(FindRequirement(policy, "odcs.orders.rows.1"), nullptr);
  EXPECT_TRUE(FindRequirement(policy, "odcs.orders.rows.1")->warn_only);
  EXPECT_EQ(LeftText(imported),
            "quality `nullValues` of `orders.email`: write it as dbt's test `not_null`; the gate then asks that it passed\n"
            "quality `sql` of `orders.email`: write it as a dbt test; the gate then asks that it passed\n"
            "slaProperties `endOfLife`: say it in the dbt project (`deprecation_date`), and require `versions:`\n"
            "slaProperties `timeOfAvailability`: a sync runs when it is called; require `fresh: {max_age: …, wait: …}` to wait for "
            "the data\n"
            "slaProperties `glamour`: no requirement asks for it\n"
            "status `retired`: say it in the dbt project (`deprecation_date`), and require `versions:`\n"
            "`driver` of `slaProperties freshness`: a requirement says it as its `why`\n"
            "`firstLevelApprovers` of `role analyst`: who approves is said under `approvals:`\n"
            "`quality` of `orders.address.street`: write it as a dbt test; the gate then asks that it passed\n"
            "`relationships` of `orders`: write it as a dbt test; the gate then asks that it passed\n"
            "`required` of `orders.id`, `orders.email`, `orders.address` and 2 more: write it as dbt's test `not_null`; the gate then "
            "asks that it passed\n"
            "`servers`: a connection stands in weir.yml, a recipient under `destinations:`\n"
            "`support`: no requirement asks for it\n"
            "`tags` of `orders.email`: its tags are the contract's; a class finds those of the dbt project (`tags:`)\n"
            "`vibes`: no key of the standard that this version knows\n");
}

TEST(ImportOdcsTest, PermitsNothing) {
  const Imported imported = Import(ImportOdcs, kContract);
  const Policy policy = Loaded(imported);
  EXPECT_TRUE(policy.rules.empty());
  EXPECT_TRUE(policy.destinations.empty());
  for (const ClassDefinition& one : policy.classes) EXPECT_FALSE(one.permissive) << one.name;
  EXPECT_NE(imported.yaml.find("#       - dim_customers.country\n"), std::string::npos) << imported.yaml;
}

TEST(ImportTest, BadFilesAreRefused) {
  const struct {
    const char* name;
    Importer importer;
    const char* text;
    const char* expected;
  } kCases[] = {
      {"no checks", ImportBouncer, "dbt_artifacts_dir: target\n",
       "in.yml:1:1: error: this is no configuration of dbt-bouncer: it has no `manifest_checks`; name its dbt-bouncer.yml "
       "[W-IMP-001]"},
      {"checks as a map", ImportBouncer, "manifest_checks: {name: x}\n",
       "in.yml:1:18: error: `manifest_checks` is no list of checks [W-IMP-001]"},
      {"alias", ImportBouncer, "manifest_checks: &a []\ncatalog_checks: *a\n", "[W-YAML-002]"},
      {"version 2", ImportOdcs, "kind: DataContract\napiVersion: v2.2.2\n",
       "in.yml:1:1: error: this is no data contract of version 3: it needs `kind: DataContract` and `apiVersion: v3.…` "
       "[W-IMP-002]"},
      {"schema as a map", ImportOdcs, "kind: DataContract\napiVersion: v3.0.0\nschema: {a: 1}\n",
       "in.yml:3:9: error: `schema` is no list [W-IMP-002]"},
      {"no YAML", ImportOdcs, "a: [", "[W-YAML-001]"},
  };
  for (const auto& one : kCases) {
    manifest::Diagnostics diagnostics;
    EXPECT_FALSE(one.importer(one.text, "in.yml", &diagnostics)) << one.name;
    EXPECT_NE(diagnostics.Render().find(one.expected), std::string::npos) << one.name << "\n" << diagnostics.Render();
  }
}

// Whatever a stranger's file holds, what is made of it loads, and permits nothing.
TEST(ImportTest, EveryOutputLoads) {
  const std::vector<std::string> kTexts = {"a", "null", "true", "no", "12", "~", "x y", "it's", "a: b", "- a", "# a", "{a", "\\n",
                                           "\\u2028give", "AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
                                           "é", "read", "public", "rowCount", "latency", "d", "-1", "9e99", "models/x",
                                           std::string(300, 'x')};
  const std::vector<std::string> kChecks = {"check_model_access", "check_exposure_has_owner", "check_source_freshness_populated",
                                            "check_model_has_contracts_enforced"};
  std::mt19937 random(7);
  const auto any = [&](const std::vector<std::string>& from) { return "\"" + from[random() % from.size()] + "\""; };
  for (int i = 0; i < 300; ++i) {
    std::string bouncer = "manifest_checks:\n";
    for (int j = 0; j < 3; ++j) {
      bouncer += "  - {name: " + any(kChecks) + ", include: " + any(kTexts) + ", description: " + any(kTexts) + ", severity: " +
                 any(kTexts) + ", materialization: " + any(kTexts) + ", access: " + any(kTexts) + "}\n";
    }
    const Policy of_bouncer = Loaded(Import(ImportBouncer, bouncer));
    EXPECT_TRUE(of_bouncer.rules.empty());
    std::string odcs = "kind: DataContract\napiVersion: v3.1.0\nschema:\n";
    for (int j = 0; j < 2; ++j) {
      odcs += "  - {name: " + any(kTexts) + ", physicalName: " + any(kTexts) + ", quality: [{metric: " + any(kTexts) +
              ", mustBeGreaterThan: 5}], properties: [{name: " + any(kTexts) + ", primaryKey: true, classification: " + any(kTexts) +
              ", encryptedName: " + any(kTexts) + "}]}\n";
    }
    odcs += "roles: [{role: " + any(kTexts) + ", access: " + any(kTexts) + "}]\nslaProperties: [{property: " + any(kTexts) +
            ", value: 3, unit: " + any(kTexts) + ", element: " + any(kTexts) + "}]\n";
    const Policy of_odcs = Loaded(Import(ImportOdcs, odcs));
    EXPECT_TRUE(of_odcs.rules.empty());
    if (testing::Test::HasFailure()) FAIL() << bouncer << odcs;
  }
}

}  // namespace
}  // namespace weir::policies
