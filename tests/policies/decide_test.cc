#include <gtest/gtest.h>

#include "policies/decision.h"
#include "policies/explain.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kFacts[] =
    "version: 1\n"
    "classes:\n"
    "  pii.email: {meta: {contains: email}, tags: [pii_email], name: '(?i)(^|_)e?mail($|_)'}\n"
    "  pii.phone: {name: '(?i)phone'}\n"
    "  pii.ssn: {tags: [ssn], name: '(?i)(^|_)ssn($|_)'}\n"
    "  vip: {tags: [vip]}\n"
    "  key: {permissive: true, columns: [dim_customers.customer_id, orders_by_day.day]}\n"
    "  public: {permissive: true, columns: [dim_customers.country, 'packed.*']}\n"
    "subjects: {customer: {dim_customers: customer_id}}\n"
    "roles: {marketer: {}, agent: {}}\n"
    "destinations:\n"
    "  crm: {origin: 'https://crm.example', readers: [marketer], trust: external}\n"
    "  desk: {origin: 'file:', readers: [marketer, agent], trust: internal}\n"
    "purposes:\n"
    "  campaign: {syncs: ['exposure:crm_*']}\n"
    "  support: {syncs: ['exposure:desk_*']}\n"
    "unclassified: deny\n";

constexpr char kGiveKeys[] =
    "  - {id: K1, give: key, to: any, as: unchanged}\n  - {id: K2, give: public, to: any, as: unchanged}\n";

manifest::Project Shop() {
  manifest::Project project;
  project.nodes.push_back(Model("stg_customers", {Col("customer_id"), Col("email")}));
  project.nodes.push_back(
      Model("dim_customers",
            {Col("customer_id"), Col("email"), Col("contact", "{contains: Email}"), Col("phone"), Col("ssn"),
             Col("vip_email", "", {"VIP"}), Col("country"), Col("notes"), Col("consent")},
            {"model.shop.stg_customers"}));
  project.nodes.push_back(Model("crm_customers", {Col("customer_id"), Col("country"), Col("consent")},
                                {"model.shop.dim_customers"}));
  project.nodes.push_back(Model("orders_by_day", {Col("day"), Col("email")}, {"model.shop.dim_customers"}));
  Close(&project);
  return project;
}

SyncDecision DecideOne(const Policy& policy, manifest::Project* project, const std::string& name,
                       const std::string& weir, const std::string& model = "dim_customers") {
  project->exposures = {ExposureOf(name, weir, {model})};
  Close(project);
  static std::vector<std::vector<SyncSpec>> kept;  // decisions point into their specs
  kept.push_back(GoodSyncs(*project));
  if (kept.back().size() != 1) {
    ADD_FAILURE() << "no sync: " << weir;
    return {};
  }
  return Decide(policy, *project, kept.back().front());
}

const ColumnDecision& Column(const SyncDecision& decision, const std::string& column) {
  for (const ColumnDecision& one : decision.columns) {
    if (one.column == column && (one.use == Use::kSend || one.use == Use::kMatch)) return one;
  }
  static const ColumnDecision none;
  ADD_FAILURE() << "no column " << column;
  return none;
}

TEST(DecideTest, ColumnsTable) {
  const struct {
    const char* name;
    const char* rules;
    const char* column;
    const char* transform;
    const char* reason;
    const char* conflict;
  } cases[] = {
      {"no rule", "", "email", "deny", "`pii.email` (by name), no rule gives it", ""},
      {"given", "  - {id: P1, give: pii.email, to: any, as: hash}\n", "email", "hash",
       "`pii.email` (by name), given by P1", ""},
      {"given by its parent", "  - {id: P1, give: pii, to: any, as: hash}\n", "contact", "hash",
       "`pii.email` (by meta `contains: Email`), given by P1", ""},
      {"a class beside it", "  - {id: P1, give: pii.emai, to: any, as: hash}\n", nullptr, nullptr, nullptr,
       nullptr},
      {"another destination", "  - {id: P1, give: pii.email, to: {destination: desk}, as: hash}\n", "email",
       "deny", "`pii.email` (by name), no rule gives it", ""},
      {"another purpose", "  - {id: P1, give: pii.email, to: {purpose: support}, as: hash}\n", "email",
       "deny", "`pii.email` (by name), no rule gives it", ""},
      {"its trust", "  - {id: P1, give: pii.email, to: {trust: external}, as: blank}\n", "email", "blank",
       "`pii.email` (by name), given by P1", ""},
      {"another trust", "  - {id: P1, give: pii.email, to: {trust: internal}, as: hash}\n", "email", "deny",
       "`pii.email` (by name), no rule gives it", ""},
      {"its role", "  - {id: P1, give: pii.email, to: {role: marketer}, as: hash}\n", "email", "hash",
       "`pii.email` (by name), given by P1", ""},
      {"another role", "  - {id: P1, give: pii.email, to: {role: agent}, as: hash}\n", "email", "deny",
       "`pii.email` (by name), no rule gives it", ""},
      {"filter only", "  - {id: P1, give: pii.email, to: any, as: filter}\n", "email", "deny",
       "`pii.email` (by name), no rule gives it", ""},
      {"never", "  - {id: P1, give: pii, to: any, as: unchanged}\n  - {id: P2, never: pii.ssn, to: any}\n",
       "ssn", "deny", "`pii.ssn` (by name), P2 never lets it leave", ""},
      {"never of the parent",
       "  - {id: P1, give: pii.ssn, to: any, as: blank}\n  - {id: P2, never: pii, to: {trust: external}}\n",
       "ssn", "deny", "`pii.ssn` (by name), P2 never lets it leave", ""},
      {"never elsewhere",
       "  - {id: P1, give: pii, to: any, as: hash}\n  - {id: P2, never: pii.ssn, to: {trust: internal}}\n",
       "ssn", "hash", "`pii.ssn` (by name), given by P1", ""},
      {"never but redacted",
       "  - {id: P1, give: pii, to: any, as: redact}\n  - {id: P2, never: pii.ssn, to: any, except: "
       "[redact]}\n",
       "ssn", "redact", "`pii.ssn` (by name), given by P1", ""},
      {"never but stricter",
       "  - {id: P1, give: pii, to: any, as: blank}\n  - {id: P2, never: pii.ssn, to: any, except: "
       "[redact]}\n",
       "ssn", "blank", "`pii.ssn` (by name), given by P1", ""},
      {"never in that form",
       "  - {id: P1, give: pii, to: any, as: hash}\n  - {id: P2, never: pii.ssn, to: any, except: "
       "[redact]}\n",
       "ssn", "deny", "`pii.ssn` (by name), P2 never lets it leave as `hash`", ""},
      {"two classes, one rule", "  - {id: P1, give: pii.email, to: any, as: hash}\n", "vip_email", "deny",
       "`vip` (by tag `vip`), no rule gives it", ""},
      {"two classes, two rules",
       "  - {id: P1, give: pii.email, to: any, as: hash}\n  - {id: P2, give: vip, to: any, as: unchanged}\n",
       "vip_email", "hash", "`pii.email` (by name), `vip` (by tag `vip`), given by P1, P2", ""},
      {"conflict",
       "  - {id: P1, give: pii.email, to: any, as: hash}\n  - {id: P2, give: vip, to: any, as: {mask: {keep: "
       "domain}}}\n",
       "vip_email", "redact", "`pii.email` (by name), `vip` (by tag `vip`), given by P1, P2",
       "conflicting rules P1 and P2"},
      {"never is not excused by a second class",
       "  - {id: P1, give: pii.email, to: any, as: hash}\n  - {id: P2, give: vip, to: any, as: redact}\n"
       "  - {id: P3, never: pii.email, to: any, except: [redact]}\n",
       "vip_email", "deny", "`pii.email` (by name), P3 never lets it leave as `hash`", ""},
      {"unclassified", "", "notes", "deny",
       "no class, and unclassified columns are denied; give it one, or list it under a permissive class", ""},
  };
  for (const auto& one : cases) {
    if (one.column == nullptr) continue;
    const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys + one.rules);
    manifest::Project project = Shop();
    const SyncDecision decision =
        DecideOne(policy, &project, "crm_contacts",
                  "{destination: crm, purpose: campaign, match: customer_id, columns: [" +
                      std::string(one.column) + "]}");
    const ColumnDecision& column = Column(decision, one.column);
    EXPECT_EQ(column.transform.ToText(), one.transform) << one.name;
    EXPECT_EQ(column.reason, one.reason) << one.name;
    EXPECT_EQ(column.conflict, one.conflict) << one.name;
  }
}

// By rules, so that one more class or rule never makes of what does not fit something that does.
TEST(DecideTest, FormsAreFitToTheColumnsType) {
  const struct {
    const char* name;
    const char* rules;
    const char* data_type;
    const char* catalog_type;
    const char* transform;
    const char* unfit;
  } cases[] = {
      {"it fits", "  - {id: P1, give: pii, to: any, as: hash}\n", "text", "", "hash", ""},
      {"nobody knows the type", "  - {id: P1, give: pii, to: any, as: hash}\n", "", "", "hash", ""},
      {"a type that is not known", "  - {id: P1, give: pii, to: any, as: hash}\n", "geography", "", "hash", ""},
      {"it does not", "  - {id: P1, give: pii, to: any, as: hash}\n", "boolean", "", "blank",
       "`hash` does not fit a column of type boolean: `blank` in its place"},
      {"by the catalog", "  - {id: P1, give: pii, to: any, as: hash}\n", "", "BOOLEAN", "blank",
       "`hash` does not fit a column of type boolean: `blank` in its place"},
      {"a contract before the catalog", "  - {id: P1, give: pii, to: any, as: hash}\n", "integer", "BOOLEAN", "hash", ""},
      {"redacted where a constant fits", "  - {id: P1, give: pii, to: any, as: {generalize: {date: year}}}\n", "jsonb", "", "redact",
       "`generalize: {date: year}` does not fit a column of type json: `redact` in its place"},
      {"before they are joined",
       "  - {id: P1, give: pii, to: any, as: {mask: {keep: domain}}}\n  - {id: P2, give: pii, to: any, as: hash}\n", "date", "",
       "blank", "`mask: {keep: domain}` does not fit a column of type date: `blank` in its place"},
      {"and after",
       "  - {id: P1, give: pii, to: any, as: {mask: {keep: {first: 1}}}}\n  - {id: P2, give: pii, to: any, as: {generalize: {number: {bucket: 10}}}}\n",
       "integer", "", "blank", "`redact` does not fit a column of type integer: `blank` in its place"},
      {"a `never` is asked of what the rules say, whatever the type",
       "  - {id: P1, give: pii, to: any, as: {mask: {keep: domain}}}\n  - {id: P2, never: pii, to: any, except: [blank]}\n", "date",
       "", "deny", ""},
  };
  for (const auto& one : cases) {
    const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys + one.rules);
    manifest::Project project = Shop();
    for (manifest::Column& column : project.nodes[1].columns) {
      if (column.name != "email") continue;
      column.data_type = one.data_type;
      column.catalog_type = one.catalog_type;
    }
    const SyncDecision decision = DecideOne(policy, &project, "crm_contacts",
                                            "{destination: crm, purpose: campaign, match: customer_id, columns: [email]}");
    EXPECT_EQ(Column(decision, "email").transform.ToText(), one.transform) << one.name;
    EXPECT_EQ(Column(decision, "email").unfit, one.unfit) << one.name;
  }
}

TEST(DecideTest, ATableThatTwoWriteIsRefused) {
  const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys);
  const struct {
    const char* adapter;
    const char* relation;
    bool refused;
  } cases[] = {{"duckdb", "\"shop\".\"main\".\"DIM_customers\"", true},
               {"postgres", "\"shop\".\"main\".\"dim_customers\"", true},
               {"postgres", "\"shop\".\"main\".\"DIM_customers\"", false},
               {"duckdb", "\"shop\".\"other\".\"dim_customers\"", false},
               {"duckdb", "", false}};
  for (const auto& one : cases) {
    for (const bool of_test : {false, true}) {
      manifest::Project project = Shop();
      project.metadata.adapter_type = one.adapter;
      project.nodes[1].relation_name = "\"shop\".\"main\".\"dim_customers\"";
      if (of_test) {
        project.tests = {GenericTest("unique", "dim_customers", "email")};
        project.tests[0].stores_failures = true;
        project.tests[0].relation_name = one.relation;
      } else {
        project.nodes.push_back(Model("DIM_Customers", {Col("email")}, {"model.shop.dim_customers"}));
        project.nodes.back().relation_name = one.relation;
      }
      const SyncDecision decision = DecideOne(policy, &project, "crm_contacts",
                                              "{destination: crm, purpose: campaign, match: customer_id, columns: [country]}");
      EXPECT_EQ(!decision.refusals.empty(), one.refused) << one.adapter << " " << one.relation << " " << of_test;
    }
  }
}

TEST(DecideTest, AMatchKeyThatDoesNotFitRefuses) {
  const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys + "  - {id: P1, give: pii, to: any, as: hash}\n");
  manifest::Project project = Shop();
  project.nodes[1].columns[1].data_type = "boolean";
  const SyncDecision decision = DecideOne(policy, &project, "crm_contacts",
                                          "{destination: crm, purpose: campaign, match: email, columns: [country]}");
  ASSERT_EQ(decision.refusals.size(), 1u);
  EXPECT_EQ(decision.refusals.front(),
            "match key `email` would be sent as `blank` by P1 (`hash` does not fit a column of type boolean: `blank` in its place), and "
            "two rows could then share a key; a match key must be given as `unchanged`, `sha256`, `tokenize` or `hash`");
}

TEST(DecideTest, EveryReaderMustBeGivenIt) {
  const std::string sync = "{destination: desk, purpose: support, match: customer_id, columns: [email]}";
  const struct {
    const char* rules;
    const char* transform;
    const char* reason;
  } cases[] = {
      {"  - {id: P1, give: pii, to: {role: agent}, as: hash}\n", "deny",
       "`pii.email` (by name), no rule gives it to role `marketer`"},
      {"  - {id: P1, give: pii, to: {role: agent}, as: hash}\n  - {id: P2, give: pii, to: {role: marketer}, "
       "as: redact}\n",
       "redact", "`pii.email` (by name), given by P1, P2"},
      {"  - {id: P1, give: pii, to: any, as: unchanged}\n  - {id: P2, give: pii, to: {role: marketer}, as: "
       "blank}\n",
       "blank", "`pii.email` (by name), given by P1, P2"},
      {"  - {id: P1, give: pii, to: any, as: unchanged}\n  - {id: P2, never: pii, to: {role: marketer}}\n",
       "deny", "`pii.email` (by name), P2 never lets it leave"},
  };
  for (const auto& one : cases) {
    const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys + one.rules);
    manifest::Project project = Shop();
    const SyncDecision decision = DecideOne(policy, &project, "desk_tickets", sync);
    EXPECT_EQ(Column(decision, "email").transform.ToText(), one.transform) << one.rules;
    EXPECT_EQ(Column(decision, "email").reason, one.reason) << one.rules;
  }
}

TEST(DecideTest, UnclassifiedByPolicy) {
  for (const auto& [word, expected] :
       {std::pair{"deny", "deny"}, std::pair{"blank", "blank"}, std::pair{"warn", "unchanged"}}) {
    std::string facts = kFacts;
    facts.replace(facts.find("unclassified: deny"), 18, "unclassified: " + std::string(word));
    const Policy policy = GoodPolicy(facts + "rules:\n" + kGiveKeys);
    manifest::Project project = Shop();
    const SyncDecision decision =
        DecideOne(policy, &project, "crm_contacts",
                  "{destination: crm, purpose: campaign, match: customer_id, columns: [notes]}");
    EXPECT_EQ(Column(decision, "notes").transform.ToText(), expected);
  }
}

// Who tries to get more than he was given, and what he is told. `refusal`: one of the sync's, or the reason
// of the column `denied`.
TEST(DecideTest, AttacksAreRefusedByName) {
  const std::string rules =
      std::string(kGiveKeys) +
      "  - {id: P1, give: pii.email, to: {destination: crm, purpose: campaign}, as: {mask: {keep: domain}}}\n"
      "  - {id: P2, never: pii.ssn, to: any}\n"
      "  - {id: P3, rows: dim_customers, to: {trust: external}, send_if: {consent: true}}\n";
  const struct {
    const char* name;
    const char* exposure;
    const char* weir;
    const char* model;
    const char* denied;
    const char* refusal;
  } cases[] = {
      {"an author permits himself by meta", "crm_x",
       "{destination: crm, purpose: campaign, match: customer_id, columns: [self_made, country]}",
       "dim_customers", "self_made",
       "no class, and unclassified columns are denied; give it one, or list it under a permissive class"},
      {"another destination", "crm_x",
       "{destination: desk, purpose: campaign, match: customer_id, columns: [email]}", "dim_customers",
       "email", "`pii.email` (by name), no rule gives it"},
      {"another purpose", "board",
       "{destination: crm, purpose: campaign, match: customer_id, columns: [email]}", "dim_customers",
       nullptr, "purpose `campaign` is not open to `exposure:board`; it is for `exposure:crm_*`"},
      {"the other purpose's rules do not open", "board",
       "{destination: crm, purpose: campaign, match: customer_id, columns: [email, country]}",
       "dim_customers", "email", "`pii.email` (by name), no rule gives it"},
      {"no purpose", "crm_x", "{destination: crm, match: customer_id, columns: [country]}", "dim_customers",
       nullptr, "the sync declares no purpose; it is one of `campaign`, `support`"},
      {"an invented purpose", "crm_x",
       "{destination: crm, purpose: campain, match: customer_id, columns: [country]}", "dim_customers",
       nullptr, "purpose `campain` is not known to the policy; did you mean `campaign`?"},
      {"an invented destination", "crm_x",
       "{destination: crn, purpose: campaign, match: customer_id, columns: [country]}", "dim_customers",
       nullptr, "destination `crn` is not known to the policy; did you mean `crm`?"},
      {"a denied match key", "crm_x", "{destination: crm, purpose: campaign, match: ssn, columns: [country]}",
       "dim_customers", nullptr, "match key `ssn` is denied: `pii.ssn` (by name), P2 never lets it leave"},
      {"a masked match key", "crm_x",
       "{destination: crm, purpose: campaign, match: email, columns: [country]}", "dim_customers", nullptr,
       "match key `email` would be sent as `mask: {keep: domain}` by P1, and two rows could then share a "
       "key; a match key must be given "
       "as `unchanged`, `sha256`, `tokenize` or `hash`"},
      {"nothing but denied columns", "crm_x",
       "{destination: crm, purpose: campaign, match: customer_id, columns: [ssn]}", "dim_customers", nullptr,
       "every column is denied; nothing would be sent"},
      {"a derived model without the filter's column", "crm_x",
       "{destination: crm, purpose: campaign, match: day, columns: [email]}", "orders_by_day", nullptr,
       "rule `P3` filters rows of `dim_customers`, from which `orders_by_day` is derived without column "
       "`consent`; add it to "
       "`orders_by_day` and document it"},
      {"a derived model without a subject", "crm_x",
       "{destination: crm, purpose: campaign, match: day, columns: [email]}", "orders_by_day", "email",
       "the column is classified, and no subject says whose data the rows are; name the model under "
       "`subjects`"},
      {"a model before the policy's", "crm_x",
       "{destination: crm, purpose: campaign, match: customer_id, columns: [email]}", "stg_customers",
       "email",
       "the column is classified, and no subject says whose data the rows are; name the model under "
       "`subjects`"},
  };
  for (const auto& one : cases) {
    const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + rules);
    manifest::Project project = Shop();
    for (manifest::Node& node : project.nodes) {
      if (node.name == "dim_customers")
        node.columns.push_back(Col("self_made", "{public: true, permissive: true}", {"public"}));
    }
    const SyncDecision decision = DecideOne(policy, &project, one.exposure, one.weir, one.model);
    if (one.denied != nullptr) {
      EXPECT_TRUE(Column(decision, one.denied).denied()) << one.name;
      EXPECT_EQ(Column(decision, one.denied).reason, one.refusal) << one.name;
    } else {
      EXPECT_TRUE(std::count(decision.refusals.begin(), decision.refusals.end(), one.refusal) == 1)
          << one.name << ": " << testing::PrintToString(decision.refusals);
    }
  }
}

TEST(DecideTest, PackagesOfTheSameNameGainNothing) {
  const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys);
  manifest::Project project = Shop();
  manifest::Node other = Model("dim_customers", {Col("customer_id"), Col("country")});
  other.unique_id = "model.evil.dim_customers";
  other.package = "evil";
  project.nodes.push_back(other);
  project.exposures = {ExposureOf("crm_x",
                                  "{model: model.evil.dim_customers, destination: crm, purpose: campaign, "
                                  "match: customer_id, columns: [country]}",
                                  {})};
  project.exposures[0].depends_on = {other.unique_id};
  Close(&project);
  const std::vector<SyncSpec> syncs = GoodSyncs(project);
  ASSERT_EQ(syncs.size(), 1u);
  // The name now means two models, and a permission that may mean two means none.
  EXPECT_TRUE(Column(Decide(policy, project, syncs[0]), "country").denied());
}

TEST(DecideTest, RowFiltersAreInheritedByName) {
  const Policy policy =
      GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys +
                 "  - {id: R2, rows: dim_customers, to: {trust: external}, send_if: {consent: true}}\n"
                 "  - {id: R1, rows: stg_customers, to: any, send_if: {customer_id: {is_null: false}}}\n"
                 "  - {id: R3, rows: dim_customers, to: {trust: internal}, send_if: {consent: false}}\n"
                 "  - {id: K3, give: key, to: any, as: filter}\n");
  manifest::Project project = Shop();
  const SyncDecision decision = DecideOne(
      policy, &project, "crm_x",
      "{destination: crm, purpose: campaign, match: customer_id, columns: [country]}", "crm_customers");
  EXPECT_EQ(decision.row_rules, (std::vector<std::string>{"R1", "R2"}));
  std::vector<std::string> read;
  for (const ColumnDecision& column : decision.columns) {
    if (column.use == Use::kFilter) read.push_back(column.column + " " + column.transform.ToText());
  }
  EXPECT_EQ(read, (std::vector<std::string>{"consent drop", "customer_id drop"}));
}

TEST(DecideTest, AFilterOverWhatNeverLeavesIsRefused) {
  const Policy policy =
      GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys +
                 "  - {id: R1, rows: dim_customers, to: any, send_if: {ssn: {is_null: false}}}\n"
                 "  - {id: P2, never: pii.ssn, to: any}\n");
  manifest::Project project = Shop();
  const SyncDecision decision =
      DecideOne(policy, &project, "crm_x",
                "{destination: crm, purpose: campaign, match: customer_id, columns: [country]}");
  EXPECT_EQ(
      decision.refusals,
      (std::vector<std::string>{
          "rows cannot be filtered by column `ssn`: `pii.ssn`, P2 never lets it leave, and which rows are "
          "absent would tell its value"}));
}

TEST(DecideTest, AMisspeltModelOfAFilterRefuses) {
  const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys +
                                   "  - {id: R1, rows: dim_custmers, to: any, send_if: {consent: true}}\n");
  manifest::Project project = Shop();
  const SyncDecision decision =
      DecideOne(policy, &project, "crm_x",
                "{destination: crm, purpose: campaign, match: customer_id, columns: [country]}");
  EXPECT_EQ(decision.refusals,
            (std::vector<std::string>{
                "rule `R1` is about rows of `dim_custmers`, which is no model of the project; did "
                "you mean `dim_customers`?"}));
}

TEST(DecideTest, SubjectsAndEntities) {
  const Policy policy = GoodPolicy(std::string(kFacts) + "rules:\n" + kGiveKeys +
                                   "  - {id: P1, give: pii, to: any, as: hash}\n");
  manifest::Project project = Shop();
  const SyncDecision decision = DecideOne(
      policy, &project, "crm_x",
      "{destination: crm, purpose: campaign, match: customer_id, columns: [email, contact, phone, country]}");
  EXPECT_EQ(decision.refusals, std::vector<std::string>{});
  ASSERT_EQ(decision.subjects.size(), 1u);
  EXPECT_EQ(decision.subjects[0].subject + "/" + decision.subjects[0].column, "customer/customer_id");
  EXPECT_EQ(decision.columns.back().use, Use::kSubject);
  EXPECT_EQ(decision.columns.back().transform.kind, TransformKind::kDrop);
  EXPECT_EQ(Column(decision, "email").entity, "pii.email");
  EXPECT_EQ(Column(decision, "contact").entity, "pii.email");
  EXPECT_EQ(Column(decision, "phone").entity, "pii.phone");
  EXPECT_EQ(Column(decision, "country").entity, "public");
}

TEST(ExplainTest, NamesEveryRule) {
  const Policy policy = GoodPolicy(std::string(kFacts) +
                                   "rules:\n  - {id: P3, never: pii.ssn, to: any, why: no SSN leaves}\n"
                                   "  - {id: P1, give: pii.email, to: {destination: desk}, as: hash}\n"
                                   "  - {id: P2, give: pii, to: {destination: crm}, as: {mask: {keep: "
                                   "domain}}, why: agents see the company}\n");
  const manifest::Project project = Shop();
  const ColumnDecision decision = DecideColumn(policy, project, *project.FindModel("dim_customers"), "email",
                                               *policy.FindDestination("crm"), "campaign");
  EXPECT_EQ(ExplainText(decision),
            "model.shop.dim_customers.email (send)\n"
            "  result   mask: {keep: domain}\n"
            "  because  `pii.email` (by name), given by P2\n"
            "  class    pii.email: inferred by name\n"
            "  - P1 is for destination `desk`, not `crm`\n"
            "  + P2 gives `pii` as `mask: {keep: domain}` (agents see the company)\n"
            "  - P3 is about `pii.ssn`; the column is `pii.email`\n");
  EXPECT_EQ(ExplainJson(decision),
            "{\"model\":\"model.shop.dim_customers\",\"column\":\"email\",\"field\":null,\"use\":\"send\","
            "\"classes\":[{\"name\":"
            "\"pii.email\",\"permissive\":false,\"declared\":false,\"inherited\":false,\"how\":\"by "
            "name\",\"lifted\":null}],\"rules\":[{\"id\":\"P1\",\"kind\":\"give\","
            "\"matched\":false,\"why_not\":\"is for destination `desk`, not "
            "`crm`\",\"why\":null},{\"id\":\"P2\",\"kind\":\"give\","
            "\"matched\":true,\"effect\":\"gives `pii` as `mask: {keep: domain}`\",\"why\":\"agents see the "
            "company\"},{\"id\":\"P3\","
            "\"kind\":\"never\",\"matched\":false,\"why_not\":\"is about `pii.ssn`; the column is "
            "`pii.email`\",\"why\":\"no SSN leaves\"}],"
            "\"transform\":\"mask: {keep: "
            "domain}\",\"denied\":false,\"decided_by\":[\"P2\"],\"conflict\":null,\"unfit\":null,\"code\":null,\"reason\":\"`pii.email` "
            "(by name), given by P2\"}\n");
}

}  // namespace
}  // namespace weir::policies
