// Marks that a pull request takes off, above what is sent or shown: source `people` (ssn, marked) -> `stg` -> `dim`.
#include "policies/check_lost_classes.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\ninherit: lineage\n"
    "classes:\n  pii.ssn: {meta: {contains: ssn}, classifiers: [ssn]}\n  public: {permissive: true, columns: [dim.id, dim.s, dim.t, dim2.id, dim2.s]}\n"
    "subjects: {customer: {dim: id, dim2: id}}\nroles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'file:', readers: [marketer], trust: internal}}\n"
    "purposes: {support: {syncs: ['exposure:contacts*']}}\n"
    "rules:\n  - {id: P1, give: pii, to: any, as: hash}\n  - {id: K1, give: public, to: any, as: unchanged}\n";

const char kStg[] = "select id, ssn as s from shop.raw.people";
const char kDim[] = "select id, s from shop.main.stg";
const char kSync[] = "{destination: crm, purpose: support, match: id, columns: [s]}";

manifest::Project Marked() {
  manifest::Project project = Chain(kStg, kDim);
  for (manifest::Node& node : project.nodes) node.columns.pop_back();  // `country`, which no SQL gives
  project.exposures = {ExposureOf("contacts", kSync, {"dim"}), ExposureOf("board", "", {"dim"})};
  return project;
}

manifest::Column& SsnOf(manifest::Project* project) { return project->sources[0].columns[0]; }

manifest::Node& NodeOf(manifest::Project* project, const std::string& name) {
  for (manifest::Node& node : project->nodes) {
    if (node.name == name) return node;
  }
  throw std::out_of_range(name);
}

void SetSync(manifest::Project* project, const std::string& weir) {
  for (manifest::Exposure& exposure : project->exposures) {
    if (exposure.name.starts_with("contacts")) exposure.meta = Yaml("weir: " + weir);
  }
}

using Edit = std::function<void(manifest::Project* head, manifest::Project* base)>;

// "exposure:contacts dim.s: …" of every class-lost.
std::vector<std::string> Lost(const Policy& policy, const Edit& edit, bool* traced) {
  manifest::Project base = Marked(), head = Marked();
  edit(&head, &base);
  base.digest = "base";
  head.digest = "head";
  for (manifest::Project* project : {&base, &head}) {
    Close(project);
    *traced = *traced && Trace(project);
  }
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const CheckSide base_side{&policy, &base, &before};
  std::vector<std::string> out;
  for (const Finding& finding : Check({&policy, &head, &after}, &base_side).findings) {
    if (finding.rule != "class-lost") continue;
    EXPECT_EQ(finding.status, FindingStatus::kNew);
    EXPECT_EQ(finding.level, FindingLevel::kWarning);
    out.push_back(finding.target + " " + finding.column + ": " + finding.message.substr(0, finding.message.find(';')));
  }
  return out;
}

TEST(CheckLostClasses, AboveWhatIsSentOrShown) {
  const std::string board = "exposure:board dim.s: column `s` is made of `people.ssn`, which is no longer `pii.ssn`";
  const std::string contacts = "exposure:contacts dim.s: column `s` is made of `people.ssn`, which is no longer `pii.ssn`";
  struct Case {
    const char* name;
    Edit edit;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"nothing", [](auto*, auto*) {}, {}},
      {"off the source", [](auto* head, auto*) { SsnOf(head).meta = {}; }, {board, contacts}},
      {"off the source, and the column is documented no more", [](auto* head, auto*) { head->sources[0].columns.erase(head->sources[0].columns.begin()); }, {board, contacts}},
      {"off a source whose table marked it", [](auto* head, auto* base) { for (auto* side : {head, base}) SsnOf(side).meta = {}; base->sources[0].classifiers = {"ssn"}; },
       {"exposure:board dim.id: column `id` is made of `people.id`, which is no longer `pii.ssn`", board, "exposure:contacts dim.id: column `id` is made of `people.id`, which is no longer `pii.ssn`", contacts}},
      {"off the staging model, where it was alone",
       [](auto* head, auto* base) { for (auto* side : {head, base}) SsnOf(side).meta = {}; NodeOf(base, "stg").columns.push_back(Col("s", "{contains: ssn}")); NodeOf(head, "stg").columns.push_back(Col("s")); },
       {"exposure:board dim.s: column `s` is made of `stg.s`, which is no longer `pii.ssn`", "exposure:contacts dim.s: column `s` is made of `stg.s`, which is no longer `pii.ssn`"}},
      {"off the source, under a sync that the base does not have",
       [](auto* head, auto* base) { SsnOf(head).meta = {}; for (auto* side : {head, base}) side->exposures.pop_back(); base->exposures.clear(); }, {contacts}},
      {"off the source, under a column that the base does not have",
       [](auto* head, auto* base) { SsnOf(head).meta = {}; for (auto* side : {head, base}) side->exposures.pop_back(); NodeOf(head, "dim").compiled_code = "select id, s, s as t from shop.main.stg"; NodeOf(head, "dim").columns.push_back(Col("t")); SetSync(head, "{destination: crm, purpose: support, match: id, columns: [t]}"); },
       {"exposure:contacts dim.t: column `t` is made of `people.ssn`, which is no longer `pii.ssn`"}},
      {"under a new column that a star over two tables might have held",
       [](auto* head, auto* base) { const auto star = [](auto* side, const char* sql) { side->sources[0].columns = {Col("ssn", "{contains: ssn}")}; NodeOf(side, "stg").compiled_code = "select * from shop.raw.people, shop.raw.people b"; NodeOf(side, "dim").compiled_code = sql; };
         star(base, "select * from shop.main.stg a join shop.main.stg b using (id)"); star(head, "select a.id, a.id as s, upper(a.id) as t from shop.main.stg a"); for (auto* side : {head, base}) side->exposures.pop_back(); NodeOf(head, "dim").columns.push_back(Col("t"));
         NodeOf(base, "dim").columns = {Col("id")}; SetSync(head, "{destination: crm, purpose: support, match: id, columns: [t]}"); SetSync(base, "{destination: crm, purpose: support, match: id, columns: {x: {constant: 1}}}"); }, {}},
      {"by another name of the source's table",
       [](auto* head, auto* base) { for (auto* side : {head, base}) side->exposures.pop_back(); base->exposures.clear(); auto& source = head->sources[0]; source.unique_id = "source.shop.raw2.people"; SsnOf(head).meta = {}; NodeOf(head, "stg").depends_on = {"source.shop.raw2.people"}; }, {contacts}},
      {"by another model of the sync", [](auto* head, auto*) { head->exposures.pop_back(); head->nodes.push_back(Model("dim2", {Col("id"), Col("s")}, {"model.shop.stg"})); head->nodes.back().compiled_code = "select id, 'x' as s from shop.main.stg"; head->exposures[0] = ExposureOf("contacts", kSync, {"dim2"}); },
       {"exposure:contacts dim2.s: column `s` takes the place of `s` of `dim`, which is `pii.ssn`, and is not"}},
      {"off the source, and still on what is sent", [](auto* head, auto*) { SsnOf(head).meta = {}; NodeOf(head, "dim").columns[1].meta = Yaml("{contains: ssn}"); }, {}},
      {"off a column that nothing is made of", [](auto* head, auto* base) { base->sources[0].columns[2].meta = Yaml("{contains: ssn}"); head->sources[0].columns[2].meta = {}; }, {}},
      {"off the documentation of a dashboard's model", [](auto* head, auto*) { head->exposures.erase(head->exposures.begin()); NodeOf(head, "dim").columns.erase(NodeOf(head, "dim").columns.begin() + 1); },
       {"exposure:board dim.s: column `s` is `pii.ssn` and no longer documented, and who opens `board` may see it all the same"}},
      {"with the column itself", [](auto* head, auto*) { head->exposures.erase(head->exposures.begin()); auto& dim = NodeOf(head, "dim"); dim.columns.erase(dim.columns.begin() + 1); dim.compiled_code = "select id from shop.main.stg"; }, {}},
  };
  const Policy policy = GoodPolicy(kPolicy);
  for (const Case& one : cases) {
    bool traced = true;
    const std::vector<std::string> found = Lost(policy, one.edit, &traced);
    if (!traced) GTEST_SKIP() << manifest::kNoDuckdb;
    EXPECT_EQ(found, one.expected) << one.name;
  }
}

// What is not inherited, no mark above took away.
TEST(CheckLostClasses, OfItselfAloneWhereNothingIsInherited) {
  std::string text = kPolicy;
  text.erase(text.find("inherit: lineage\n"), 17);
  const Policy policy = GoodPolicy(text);
  bool traced = true;
  EXPECT_EQ(Lost(policy, [](auto* head, auto*) { SsnOf(head).meta = {}; }, &traced), std::vector<std::string>());
  EXPECT_EQ(Lost(policy, [](auto* head, auto* base) { base->nodes[0].classifiers = {"ssn"}; head->nodes[0].classifiers = {}; }, &traced),
            std::vector<std::string>({"exposure:board dim.id: column `id` is no longer `pii.ssn`",
                                      "exposure:board dim.s: column `s` is no longer `pii.ssn`",
                                      "exposure:contacts dim.id: column `id` is no longer `pii.ssn`",
                                      "exposure:contacts dim.s: column `s` is no longer `pii.ssn`"}));
}

}  // namespace
}  // namespace weir::policies
