#include "policies/inherit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "audit/digest.h"
#include "manifest/column_lineage.h"
#include "manifest/info_schema.h"
#include "policies/decision.h"
#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

constexpr const char* kPolicy = R"(version: 1
inherit: lineage
classes:
  pii.ssn: {meta: {contains: [ssn]}}
  pii.email: {name: '^email$'}
  pii.card: {columns: [stg.card]}
  public: {permissive: true, columns: [dim.s, dim.country, stg.country]}
subjects: {customer: {dim: id}}
roles: {marketer: {groups: [growth]}}
destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}
rules:
  - {id: P001, never: pii.ssn, to: any}
  - {id: P002, give: public, to: any, as: unchanged}
)";

class InheritTest : public testing::Test {
 protected:
  std::string Classes(const manifest::Project& project, const std::string& column) {
    std::string out;
    for (const ClassEvidence& one : Classify(policy_, project, *project.FindModel("dim"), column)) {
      out += one.name + (one.declared ? " declared " : " inferred ") + one.how + "\n";
    }
    return out;
  }
  Policy policy_ = GoodPolicy(kPolicy);
};

TEST_F(InheritTest, FollowsRenamedColumns) {
  manifest::Project project = Chain("select id, ssn as x, 'DE' as country, card, email as mail from shop.raw.people",
                                    "select id, x as s, country, card || mail as both from shop.main.stg");
  if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
  EXPECT_EQ(Classes(project, "s"),
            "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`) through `stg.x`, proven by SQL\n"
            "public declared by address\n");
  EXPECT_EQ(Classes(project, "country"), "public declared by address\n");
  EXPECT_EQ(Classes(project, "both"),
            "pii.card declared by lineage from `stg.card` (by address), proven by SQL\n"
            "pii.email inferred by lineage from `people.email` (by name) through `stg.mail`, proven by SQL\n");
  const ColumnDecision decision =
      DecideColumn(policy_, project, *project.FindModel("dim"), "s", *policy_.FindDestination("crm"), "");
  EXPECT_TRUE(decision.denied());
  EXPECT_EQ(decision.rules, (std::vector<std::string>{"P001"}));
}

// Each step has its own proof; what is said names all of them.
TEST_F(InheritTest, NamesTheProofOfEveryStep) {
  manifest::Project project = Chain("select id, 1 as country, 2 as x from shop.raw.people", "select x as s, x as t from shop.main.stg");
  const auto described = [](const manifest::Node& node, std::vector<manifest::InfoSchemaEdge> edges, manifest::InfoSchema* out) {
    out->code_digests[node.unique_id] = audit::Hex(audit::Sha256(node.compiled_code));
    for (manifest::InfoSchemaEdge& edge : edges) out->edges.push_back(std::move(edge));
  };
  manifest::InfoSchema stg;
  described(project.nodes[1], {{"model.shop.stg", "x", "source.shop.raw.people", "ssn"}}, &stg);
  if (!Trace(&project, &stg)) GTEST_SKIP() << manifest::kNoDuckdb;
  const std::string from = "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`) through `stg.x`, proven by ";
  EXPECT_EQ(Classes(project, "s"), from + "dbt's Information Schema and SQL\npublic declared by address\n");

  manifest::InfoSchema both;
  described(project.nodes[0], {{"model.shop.dim", "s", "model.shop.stg", "x"}}, &both);
  described(project.nodes[1], {{"model.shop.stg", "x", "source.shop.raw.people", "ssn"}}, &both);
  ASSERT_TRUE(Trace(&project, &both));
  EXPECT_EQ(Classes(project, "s"), from + "dbt's Information Schema\npublic declared by address\n");
  EXPECT_EQ(Classes(project, "t"), from + "dbt's Information Schema and SQL\n") << "no edge of its own";

  // Edges of other SQL prove nothing.
  project.nodes[1].compiled_code = project.nodes[1].compiled_code + " -- edited";
  ASSERT_TRUE(Trace(&project, &both));
  EXPECT_EQ(Classes(project, "s"), "public declared by address\n");
}

// Why nothing is read is said of the project, and repeated of no column.
TEST_F(InheritTest, TellsNoColumnThatNoSqlIsRead) {
  manifest::Project project = Chain("select ssn as x, id from shop.raw.people", "select id, x as s from shop.main.stg");
  manifest::LockedDuckdb::Options nowhere;
  nowhere.library = "/nowhere/libduckdb.so";
  nowhere.program = "/nowhere/weir-duckdb";
  project.lineage = std::make_shared<manifest::ProjectLineage>(manifest::ProjectLineage::Trace(project, nowhere, nullptr));
  EXPECT_NE(project.lineage->unavailable(), "");
  const std::string found = Classes(project, "s");
  EXPECT_NE(found.find("pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`) through `stg.*`, not proven at `stg`\n"),
            std::string::npos)
      << found;
  EXPECT_EQ(found.find("DuckDB"), std::string::npos) << found;
}

// Whatever keeps the SQL from being understood takes everything that the parents hold.
TEST_F(InheritTest, TakesAllOfTheParentsWhereNothingIsProven) {
  const std::vector<std::pair<std::string, std::string>> unproven = {
      {"", "select id, x as s, 1 as country from shop.main.stg"},
      {"select ssn as x, id, 1 as country from shop.raw.people", "no SQL"},
      {"select ssn as x, id, 1 as country from shop.raw.people", "select 1 as other from shop.main.stg"},
  };
  for (const auto& [stg, dim] : unproven) {
    manifest::Project project = Chain(stg, dim);
    if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
    const std::string found = Classes(project, "s");
    EXPECT_NE(found.find("pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`)"), std::string::npos) << found;
    EXPECT_NE(found.find(", not proven at `"), std::string::npos) << found;
  }
}

// A table that is no parent: of the project, it counts as one; else the column may be of any class.
TEST_F(InheritTest, TrustsNoTableThatIsNoParent) {
  struct Case {
    std::string name, dim, has;
  };
  const std::vector<Case> cases = {
      {"a source without source()", "select ssn as s from shop.raw.people", "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`), proven by SQL\n"},
      {"the same behind what nobody parses", "select ssn as s from shop.raw.people where '$' = $$x$$",
       "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`), not proven at `dim`"},
      {"in quotes", "select ssn as s from \"shop\" . \"raw\" . \"people\"", "pii.ssn declared by lineage from `people.ssn`"},
      {"without its schema", "select ssn as s from people", "pii.ssn declared by lineage from `people.ssn`"},
      {"a table that nobody knows", "select x as s from elsewhere.people_copy",
       "pii.email inferred by lineage, for it may be of any class: `dim`: its SQL reads table"},
      {"a catalog that nobody knows", "select ssn as s from other.raw.people",
       "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`), not proven at `dim`: its SQL reads table"},
  };
  for (const Case& one : cases) {
    manifest::Project project = Chain("select id, 1 as country from shop.raw.people", one.dim);
    if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
    EXPECT_NE(Classes(project, "s").find(one.has), std::string::npos) << one.name << "\n" << Classes(project, "s");
    EXPECT_FALSE(project.lineage->Strangers(*project.FindModel("dim")).empty()) << one.name;
  }
}

// Every column of a parent that lists none: nobody says what they are.
TEST_F(InheritTest, AParentThatDocumentsNoColumnAccountsForNoClass) {
  struct Case {
    std::string name, stg, dim;
    void (*edit)(manifest::Project*);
    std::string expected;
  };
  const auto bare_source = [](manifest::Project* project) {
    project->nodes[1].columns.clear();
    project->nodes[1].language = "python";
    project->sources[0].columns.clear();
  };
  const std::vector<Case> cases = {
      {"a source, seen by what is not proven", "def model(dbt, session): pass", "select x as s from shop.main.stg", bare_source,
       "pii.card inferred by lineage, for it may be of any class: `stg`: it is written in Python; `people` documents no column\n"
       "pii.email inferred by lineage, for it may be of any class: `stg`: it is written in Python; `people` documents no column\n"
       "pii.ssn inferred by lineage, for it may be of any class: `stg`: it is written in Python; `people` documents no column\n"},
      {"a source, as a whole row", "select to_json(people) as x from shop.raw.people", "select x as s from shop.main.stg",
       [](manifest::Project* project) { project->sources[0].columns.clear(); },
       "pii.card inferred by lineage, for it may be of any class: `people` documents no column\n"
       "pii.email inferred by lineage, for it may be of any class: `people` documents no column\n"
       "pii.ssn inferred by lineage, for it may be of any class: `people` documents no column\n"},
      {"a source, of which one column is taken", "select id, x from shop.raw.people", "select x as s from shop.main.stg",
       [](manifest::Project* project) { project->sources[0].columns.clear(); }, ""},
      {"a model that nobody can read", "no SQL", "def model(dbt, session): pass",
       [](manifest::Project* project) {
         project->nodes[0].language = "python";
         project->nodes[1].columns.clear();
         project->sources[0].columns = {Col("ssn", "{contains: ssn}")};
       },
       "pii.card declared by lineage from `stg.card` (by address), not proven at `dim`: it is written in Python\n"
       "pii.email inferred by lineage, for it may be of any class: `dim`: it is written in Python; `stg` documents no column\n"
       "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`) through `stg.*`, not proven at `stg`: its SQL is not "
       "understood by DuckDB's parser\n"},
      {"a seed", "", "def model(dbt, session): pass",
       [](manifest::Project* project) {
         project->nodes[0].language = "python";
         project->nodes[1].type = manifest::ResourceType::kSeed;
         project->nodes[1].columns.clear();
         project->nodes[1].depends_on.clear();
       },
       "pii.card declared by lineage from `stg.card` (by address), not proven at `dim`: it is written in Python\n"
       "pii.email inferred by lineage, for it may be of any class: `dim`: it is written in Python; `stg` documents no column\n"
       "pii.ssn inferred by lineage, for it may be of any class: `dim`: it is written in Python; `stg` documents no column\n"},
      {"a model whose SQL is proven: what it is made of, and its names", "select id, name as email from shop.raw.people",
       "def model(dbt, session): pass",
       [](manifest::Project* project) {
         project->nodes[0].language = "python";
         project->nodes[1].columns.clear();
       },
       "pii.card declared by lineage from `stg.card` (by address), not proven at `dim`: it is written in Python\n"
       "pii.email inferred by lineage from `stg.email` (by name), not proven at `dim`: it is written in Python\n"},
  };
  for (const Case& one : cases) {
    manifest::Project project = Chain(one.stg, one.dim);
    one.edit(&project);
    if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
    EXPECT_EQ(Classes(project, "s"), one.expected + "public declared by address\n") << one.name;
  }
}

// Whoever declares a source anew does not get rid of what the first one says of the same table.
TEST_F(InheritTest, ATableOfTwoSourcesIsBoth) {
  manifest::Project project = Chain("select id, ssn as x from shop.raw.people", "select x as s from shop.main.stg");
  manifest::Source again = project.sources[0];
  again.unique_id = "source.shop.raw.harmless";
  again.name = "harmless";
  again.columns.clear();
  project.sources.insert(project.sources.begin(), again);
  project.nodes[1].depends_on = {again.unique_id};
  if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
  EXPECT_NE(Classes(project, "s").find("pii.ssn declared by lineage from `people.ssn`"), std::string::npos) << Classes(project, "s");
}

TEST_F(InheritTest, ParentsInACircleMayBeOfAnyClass) {
  manifest::Project project = Chain("select s as x from shop.main.dim", "select x as s from shop.main.stg");
  project.nodes[1].depends_on = {"model.shop.dim"};
  if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
  EXPECT_NE(Classes(project, "s").find("pii.card inferred by lineage, for it may be of any class"), std::string::npos);
}

TEST_F(InheritTest, AProjectThatNobodyTracedProvesNothing) {
  const manifest::Project project = Chain("select 1 as country from shop.raw.people", "select country from shop.main.stg");
  EXPECT_EQ(Classes(project, "country"),
            "pii.card declared by lineage from `stg.card` (by address), not proven at `dim`: it was not traced\n"
            "pii.email inferred by lineage from `people.email` (by name) through `stg.*`, not proven at `stg`: it was not traced\n"
            "pii.ssn declared by lineage from `people.ssn` (by meta `contains: ssn`) through `stg.*`, not proven at `stg`: it was not "
            "traced\npublic declared by address\n");
}

// What nobody can prove would else be told once for each class.
TEST_F(InheritTest, ClassesOfOneDoubtAreDeniedInOneBreath) {
  const manifest::Project project = Chain("select 1 as country from shop.raw.people", "select country from shop.main.stg");
  const ColumnDecision decision =
      DecideColumn(policy_, project, *project.FindModel("dim"), "id", *policy_.FindDestination("crm"), "");
  EXPECT_EQ(decision.reason,
            "`pii.card` (by lineage from `stg.card` (by address), not proven at `dim`: it was not traced), no rule gives it; "
            "`pii.email` (by lineage from `people.email` (by name) through `stg.*`, not proven at `stg`: it was not traced), no rule "
            "gives it; `pii.ssn` (by lineage from `people.ssn` (by meta `contains: ssn`) through `stg.*`, not proven at `stg`: it was "
            "not traced), P001 never lets it leave");
  Policy lenient = policy_;
  lenient.rules.erase(lenient.rules.begin());
  EXPECT_EQ(DecideColumn(lenient, project, *project.FindModel("dim"), "id", *lenient.FindDestination("crm"), "").reason,
            "`pii.card` (by lineage from `stg.card` (by address), not proven at `dim`: it was not traced), no rule gives it; "
            "`pii.email`, `pii.ssn` (each by lineage, not proven at `stg`: it was not traced), no rule gives it");
}

TEST_F(InheritTest, InheritsNothingUnlessAsked) {
  policy_.inherit_lineage = false;
  EXPECT_EQ(Classes(Chain("", ""), "s"), "public declared by address\n");
}

}  // namespace
}  // namespace weir::policies
