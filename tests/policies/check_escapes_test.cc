#include "policies/check_escapes.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes: {key: {permissive: true, columns: ['dim.*', 'other.*']}}\n"
    "subjects: {customer: {dim: id, other: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations:\n"
    "  crm: {origin: 'file:', readers: [marketer], trust: external}\n"
    "  ads: {origin: 'https://ads.example', readers: [marketer], trust: external}\n"
    "rules: [{id: K1, give: key, to: any, as: unchanged}]\n"
    "require:\n"
    "  - {id: Q1, select: 'exposure:contacts', guards: {max_deletes: 20%}}\n"
    "  - {id: Q2, select: 'exposure:*', k_anonymity: {columns: [zip, age], k: 5}}\n";

const char kContacts[] = "{destination: crm, model: dim, match: id, columns: [zip, age, plan]}";

manifest::Project Shop() {
  manifest::Project project = Chain("select id, zip, age, plan from shop.raw.people", "select id, zip, age, plan from shop.main.stg");
  project.sources[0].columns = {Col("id"), Col("zip"), Col("age"), Col("plan"), Col("town")};
  project.nodes = {project.nodes[0], project.nodes[1], Model("other", {Col("id"), Col("zip"), Col("age")})};
  project.nodes[0].columns = {Col("id"), Col("zip"), Col("age"), Col("plan")};
  project.nodes[1].columns.clear();
  project.exposures = {ExposureOf("contacts", kContacts, {"dim", "other"})};
  Close(&project);
  return project;
}

manifest::Node& Dim(manifest::Project* project) { return project->nodes[0]; }

void SetWeir(manifest::Project* project, const std::string& text) { project->exposures[0].meta = Yaml("{weir: " + text + "}"); }

void Send(manifest::Project* project, const std::string& name, const std::string& weir) {
  project->exposures.push_back(ExposureOf(name, weir, {"dim", "other"}));
  Close(project);
}

struct Case {
  const char* name;
  std::function<void(manifest::Project* head, manifest::Project* base)> edit;
  std::vector<std::string> expected;
};

void Expect(const std::vector<Case>& cases, bool traced) {
  const Policy policy = GoodPolicy(kPolicy);
  for (const Case& one : cases) {
    manifest::Project base = Shop(), head = Shop();
    one.edit(&head, &base);
    base.digest = "base";
    head.digest = "head";
    if (traced && (!Trace(&base) || !Trace(&head))) GTEST_SKIP() << manifest::kNoDuckdb;
    const auto before = GoodSyncs(base), after = GoodSyncs(head);
    const CheckSide base_side{&policy, &base, &before};
    std::vector<std::string> found;
    for (const Finding& finding : Check({&policy, &head, &after}, &base_side).findings) {
      if (finding.rule != "gate-weakened") continue;
      EXPECT_EQ(finding.status, FindingStatus::kNew);
      found.push_back(finding.target + " " + finding.column + ": " + finding.message);
    }
    EXPECT_EQ(found, one.expected) << one.name;
  }
}

constexpr char kSecond[] = "{destination: crm, model: other, match: id, columns: [zip, age]}";

TEST(CheckEscapes, ASecondSyncBesideTheGuardedOne) {
  const std::string told = ": it writes where `contacts` does, and requirement `Q1`, which that one is under, does not select it: the gate of `contacts` weakens";
  Expect({
      {"nothing", [](auto*, auto*) {}, {}},
      {"one that is new", [](auto* head, auto*) { Send(head, "again", kSecond); }, {"exposure:again " + told}},
      {"one that was there", [](auto* head, auto* base) { for (auto* side : {head, base}) Send(side, "again", kSecond); }, {}},
      {"one that turns there", [](auto* head, auto* base) { Send(base, "again", "{destination: crm, object: x, model: other, match: id, columns: [zip, age]}"); Send(head, "again", kSecond); }, {"exposure:again " + told}},
      {"one that comes from another destination", [](auto* head, auto* base) { Send(base, "again", "{destination: ads, model: other, match: id, columns: [zip, age]}"); Send(head, "again", kSecond); }, {"exposure:again " + told}},
      {"one that writes elsewhere", [](auto* head, auto*) { Send(head, "again", "{destination: crm, object: x, model: other, match: id, columns: [zip, age]}"); }, {}},
  }, false);
}

std::string Uncounted(const std::string& column) {
  return "exposure:contacts dim." + column + ": requirement `Q2` counts groups by `zip`, which the sync sent in the base; column `" + column +
         "` takes its place, and is not counted: the gate of `contacts` weakens; name it in the requirement, or name it as before";
}

TEST(CheckEscapes, AColumnThatIsCountedNoMore) {
  const std::vector<Case> cases = {
      {"nothing", [](auto*, auto*) {}, {}},
      {"renamed, and fills its field", [](auto* head, auto*) { Dim(head).columns[1] = Col("postcode"); SetWeir(head, "{destination: crm, model: dim, match: id, columns: {postcode: zip, age: age, plan: plan}}"); }, {Uncounted("postcode")}},
      {"renamed, under another field", [](auto* head, auto*) { Dim(head).columns[1] = Col("postcode"); SetWeir(head, "{destination: crm, model: dim, match: id, columns: [postcode, age, plan]}"); }, {Uncounted("postcode")}},
      {"in upper case", [](auto* head, auto*) { Dim(head).columns[1] = Col("ZIP"); SetWeir(head, "{destination: crm, model: dim, match: id, columns: [ZIP, age, plan]}"); }, {}},
      {"not sent any more", [](auto* head, auto*) { SetWeir(head, "{destination: crm, model: dim, match: id, columns: [age, plan]}"); }, {}},
      {"its field filled by one that is counted", [](auto* head, auto*) { SetWeir(head, "{destination: crm, model: dim, match: id, columns: {age: zip, plan: plan}}"); }, {}},
      {"another column beside it", [](auto* head, auto*) { Dim(head).columns.push_back(Col("town")); SetWeir(head, "{destination: crm, model: dim, match: id, columns: [zip, age, plan, town]}"); }, {}},
      {"its name under another field", [](auto* head, auto*) { SetWeir(head, "{destination: crm, model: dim, match: id, columns: {zip: postcode, age: age, plan: plan}}"); }, {}},
  };
  Expect(cases, false);
}

TEST(CheckEscapes, AColumnOfOtherSqlThatIsTheCountedOne) {
  Expect({
      {"a copy beside it", [](auto* head, auto*) { Dim(head).columns.push_back(Col("z")); Dim(head).compiled_code = "select id, zip, age, plan, zip as z from shop.main.stg"; SetWeir(head, "{destination: crm, model: dim, match: id, columns: [z, age, plan]}"); }, {Uncounted("z")}},
      {"a part of it", [](auto* head, auto*) { Dim(head).columns.push_back(Col("z")); Dim(head).compiled_code = "select id, zip, age, plan, left(zip, 4) as z from shop.main.stg"; SetWeir(head, "{destination: crm, model: dim, match: id, columns: [z, age, plan]}"); }, {Uncounted("z")}},
      {"under a name that was there", [](auto* head, auto*) { Dim(head).compiled_code = "select id, zip, age, zip as plan from shop.main.stg"; SetWeir(head, "{destination: crm, model: dim, match: id, columns: [age, plan]}"); }, {Uncounted("plan")}},
      {"one that was made of it before", [](auto* head, auto* base) { for (auto* side : {head, base}) Dim(side).compiled_code = "select id, zip, age, zip || plan as plan from shop.main.stg"; SetWeir(head, "{destination: crm, model: dim, match: id, columns: [age, plan]}"); }, {}},
      {"another that is new", [](auto* head, auto*) { Dim(head).columns.push_back(Col("town")); Dim(head).compiled_code = "select id, zip, age, plan, 7 as town from shop.main.stg"; SetWeir(head, "{destination: crm, model: dim, match: id, columns: [age, plan, town]}"); }, {}},
  }, true);
}

}  // namespace
}  // namespace weir::policies
