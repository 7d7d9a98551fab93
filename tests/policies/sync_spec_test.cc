#include "policies/sync_spec.h"

#include <gtest/gtest.h>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

manifest::Project Shop(const std::string& weir, std::vector<std::string> models = {"dim_customers"}) {
  manifest::Project project;
  project.nodes = {Model("dim_customers", {Col("customer_id"), Col("email"), Col("First_Name")}),
                   Model("fct_tickets", {Col("ticket_id")})};
  project.exposures = {ExposureOf("crm_contacts", weir, std::move(models))};
  Close(&project);
  return project;
}

std::string Messages(const manifest::Diagnostics& diagnostics) {
  std::string out;
  for (const manifest::Diagnostic& one : diagnostics.Sorted()) out += one.message + " [" + one.code + "]\n";
  return out;
}

TEST(SyncSpecTest, FailWhenTakesCountsAndShares) {
  const auto read = [](const std::string& fail_when) {
    const manifest::Project shop = Shop("{destination: crm, match: customer_id, columns: [email]" + fail_when + "}");
    manifest::Diagnostics diagnostics;
    const auto syncs = ReadSyncs(shop, nullptr, "weir.yml", &diagnostics);
    EXPECT_EQ(Messages(diagnostics), "");
    return syncs.at(0).fail_when;
  };
  const SyncSpec::FailWhen strict = read("");
  EXPECT_EQ(strict.refused.value, 0);
  EXPECT_EQ(strict.rejected.value, 0);
  const SyncSpec::FailWhen lenient = read(", fail_when: {refused: 2.5%, rejected: 40}");
  EXPECT_EQ(lenient.refused.value, 2.5);
  EXPECT_TRUE(lenient.refused.percent);
  EXPECT_EQ(lenient.rejected.value, 40);
  EXPECT_FALSE(lenient.rejected.percent);
}

TEST(SyncSpecTest, BadBlocksGetExactMessages) {
  const std::string start = "exposure `crm_contacts`: ";
  const struct {
    const char* weir;
    std::vector<std::string> models;
    std::string expected;
  } cases[] = {
      {"[a]",
       {"dim_customers"},
       "a sync must be a map with `destination`, `match` and `columns` [W-SYN-001]\n"},
      {"{match: customer_id, columns: [email]}",
       {"dim_customers"},
       "the sync needs `destination` [W-SYN-001]\n"},
      {"{purpose: campaign}",
       {"dim_customers"},
       "`weir` has neither an `audience` nor a sync; of a dashboard, write who sees it: `weir: {audience: ..., purpose: ...}` with a "
       "destination of the policy; to send data, write `destination`, `match` and `columns` [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: [emial]}",
       {"dim_customers"},
       "model `dim_customers` has no documented column `emial`; did you mean `email`? [W-SYN-002]\n"},
      {"{destination: crm, match: {id: external_id}, columns: [email]}",
       {"dim_customers"},
       "model `dim_customers` has no documented column `id` [W-SYN-002]\n"},
      {"{destination: crm, macth: customer_id, columns: [email]}",
       {"dim_customers"},
       "the sync needs `match`: the columns that identify a row at the destination [W-SYN-001]\n" + start +
           "unknown key `macth` in the sync; did you mean `match`? [W-SYN-001]\n"},
      {"{destination: crm, match: [], columns: [email]}",
       {"dim_customers"},
       "`match` is empty; name the columns that identify a row at the destination [W-SYN-001]\n"},
      {"{destination: crm, match: {customer_id: id}, columns: {email: id}}",
       {"dim_customers"},
       "field `id` is written twice, from column `customer_id` and from column `email` [W-SYN-003]\n"},
      {"{destination: crm, match: customer_id, columns: {email: source, source: {constant: x}}}",
       {"dim_customers"},
       "field `source` is written twice, from column `email` and from a constant [W-SYN-003]\n"},
      {"{destination: crm, match: {id: {constant: 1}}, columns: [email]}",
       {"dim_customers"},
       "`match` takes columns; a constant identifies nothing [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: [email], fail_when: {refused: many}}",
       {"dim_customers"},
       "`refused` of `fail_when` must be a count such as 1000 or a share such as 2% [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: [email], fail_when: {rejekted: 2}}",
       {"dim_customers"},
       "unknown key `rejekted` in `fail_when`; did you mean `rejected`? [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: {source: {const: x}}}",
       {"dim_customers"},
       "field `source` needs `constant` [W-SYN-001]\n" + start +
           "unknown key `const` in field `source`; it takes `constant` [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: {email: [a]}}",
       {"dim_customers"},
       "`email` of `columns` must be the name of a field, or `{constant: ...}` [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: [email], mode: miror}",
       {"dim_customers"},
       "`mode` of the sync must be one of `upsert`, `insert`, `update`, `mirror`, `append`, not `miror`; did "
       "you mean `mirror`? [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: [email], on_unknown: retry}",
       {"dim_customers"},
       "`on_unknown` of the sync must be one of `hold`, `resend`, not `retry` [W-SYN-001]\n"},
      {"{destination: crm, match: customer_id, columns: [email]}",
       {"dim_customers", "fct_tickets"},
       "`depends_on` names several models (`dim_customers`, `fct_tickets`); write `model:` to say which "
       "[W-SYN-002]\n"},
      {"{destination: crm, match: customer_id, columns: [email]}",
       {},
       "`depends_on` names no model; add `ref('...')` [W-SYN-002]\n"},
      {"{model: dim_custmers, destination: crm, match: customer_id, columns: [email]}",
       {"dim_customers"},
       "there is no model `dim_custmers` in the project; did you mean `dim_customers`? [W-SYN-002]\n"},
      {"{model: fct_tickets, destination: crm, match: ticket_id}",
       {"dim_customers"},
       "`depends_on` does not name model `fct_tickets`; add `ref('fct_tickets')` [W-SYN-002]\n"},
      {"{destination: crm, match: customer_id, columns: {key: {constant: sk_live_51H8abcDEFghi2JKL}}}",
       {"dim_customers"},
       "`constant` of field `key` looks like a secret; remove and revoke it [W-SYN-001]\n"},
      {"{syncs: []}",
       {"dim_customers"},
       "`syncs` must be a list of syncs, with no other key beside it [W-SYN-001]\n"},
  };
  for (const auto& one : cases) {
    manifest::Diagnostics diagnostics;
    const manifest::Project project = Shop(one.weir, one.models);
    ReadSyncs(project, nullptr, "weir.yml", &diagnostics);
    EXPECT_EQ(Messages(diagnostics), start + one.expected) << one.weir;
    for (const manifest::Diagnostic& diagnostic : diagnostics.Sorted())
      EXPECT_EQ(diagnostic.file, "models/exposures.yml");
  }
}

TEST(SyncSpecTest, ReadsAWholeBlock) {
  const manifest::Project project = Shop(
      "{destination: crm, object: contacts, purpose: campaign, match: {customer_id: external_id}, mode: "
      "mirror, on_unknown: resend,"
      " columns: {EMAIL: email, first_name: firstname, source: {constant: warehouse}, version: {constant: "
      "2}, live: {constant: true}},"
      " schedule: after_build}");
  const std::vector<SyncSpec> syncs = GoodSyncs(project);
  ASSERT_EQ(syncs.size(), 1u);
  const SyncSpec& sync = syncs[0];
  EXPECT_EQ(sync.id, "exposure:crm_contacts");
  EXPECT_EQ(sync.name, "crm_contacts");
  EXPECT_EQ(sync.model_id, "model.shop.dim_customers");
  EXPECT_EQ(sync.mode, SyncMode::kMirror);
  EXPECT_EQ(sync.on_unknown, OnUnknown::kResend);
  EXPECT_EQ(sync.schedule, "after_build");
  ASSERT_EQ(sync.match.size(), 1u);
  EXPECT_EQ(sync.match[0].field, "external_id");
  ASSERT_EQ(sync.columns.size(), 5u);
  EXPECT_EQ(sync.columns[0].column, "email") << "as the manifest writes it";
  EXPECT_EQ(sync.columns[1].column, "First_Name");
  EXPECT_EQ(sync.columns[2].constant, "warehouse");
  EXPECT_EQ(sync.columns[2].constant_kind, manifest::Value::Kind::kString);
  EXPECT_EQ(sync.columns[3].constant_kind, manifest::Value::Kind::kNumber);
  EXPECT_EQ(sync.columns[4].constant_kind, manifest::Value::Kind::kBool);
}

TEST(SyncSpecTest, ListsExtrasAndPackages) {
  manifest::Project project = Shop(
      "{syncs: [{destination: a, match: customer_id}, {destination: b, match: customer_id, columns: "
      "email}]}");
  manifest::Exposure foreign =
      ExposureOf("theirs", "{destination: crm, match: customer_id, columns: [email]}", {"dim_customers"});
  foreign.unique_id = "exposure.package.theirs";
  foreign.package = "package";
  project.exposures.push_back(foreign);
  Close(&project);
  const manifest::Value extra =
      Yaml("[{name: extra, model: dim_customers, destination: crm, match: [customer_id], columns: [email]}]");
  manifest::Diagnostics diagnostics;
  const auto syncs = ReadSyncs(project, &extra, "weir.yml", &diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  ASSERT_EQ(syncs.size(), 3u);
  EXPECT_EQ(syncs[0].id, "exposure:crm_contacts/1");
  EXPECT_EQ(syncs[1].id, "exposure:crm_contacts/2");
  EXPECT_EQ(syncs[2].id, "sync:extra");
  EXPECT_EQ(syncs[2].declared_in, "weir.yml");
  EXPECT_EQ(syncs[2].exposure_id, "");
}

// Whose exposures are the project's own, only its name tells.
TEST(SyncSpecTest, AProjectWithoutANameIsRefused) {
  manifest::Project project = Shop("{destination: crm, match: customer_id, columns: [email]}");
  project.metadata.project_name.clear();
  manifest::Diagnostics diagnostics;
  EXPECT_TRUE(ReadSyncs(project, nullptr, "", &diagnostics).empty());
  EXPECT_TRUE(diagnostics.HasErrors());
  EXPECT_NE(diagnostics.Render().find("the manifest does not say of which project it is"), std::string::npos) << diagnostics.Render();
}

TEST(SyncSpecTest, ExtrasAreLocatedAndNamedOnce) {
  const manifest::Project project = Shop("{destination: crm, match: customer_id, columns: [email]}");
  const manifest::Value extra = Yaml(
      "- {name: crm_contacts, model: dim_customers, destination: crm, match: [customer_id], columns: "
      "[email]}\n"
      "- {name: b, model: dim_customers, destination: crm, match: [customer_id], columns: [emial]}\n"
      "- {model: dim_customers}\n");
  manifest::Diagnostics diagnostics;
  ReadSyncs(project, &extra, "weir.yml", &diagnostics);
  EXPECT_EQ(
      diagnostics.Render(),
      "weir.yml:1:3: error: sync `crm_contacts` is already declared in models/exposures.yml [W-SYN-003]\n"
      "weir.yml:2:85: error: sync `b`: model `dim_customers` has no documented column `emial`; did you mean "
      "`email`? [W-SYN-002]\n"
      "weir.yml:3:3: error: every sync of `syncs` needs a `name` of letters, digits, `_` and `-` "
      "[W-SYN-001]\n");
}

}  // namespace
}  // namespace weir::policies
