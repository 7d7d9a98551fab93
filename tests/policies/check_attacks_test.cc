// Whoever opens a pull request can write everything in it. Each attack is refused by name, or stands in the report as a
// finding that is new; none turns a finding into an existing one.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "policies/baseline.h"
#include "policies/check.h"
#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes:\n"
    "  pii.email: {meta: {contains: email}}\n"
    "  pii.ssn: {name: ssn}\n"
    "  public: {permissive: true, columns: [dim.id, dim.plan, dim.email, 'open.*']}\n"
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
  project.nodes = {Model("dim", {Col("id"), Col("plan"), Col("email", "{contains: email}"), Col("ssn")}),
                   Model("open", {Col("id"), Col("country")})};
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
      {"renames a column, and fills the field of before", [](auto* head, auto*) { head->nodes[0].columns[2] = Col("e"); SetWeir(head, "{destination: crm, purpose: support, match: id, columns: {plan: plan, e: email}}"); },
       "class-lost", "column `e` takes the place of `email`, which is `pii.email`, and is not"},
      {"fills a field from another column that is public", [](auto* head, auto*) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: {plan: email}}"); },
       "class-lost", "column `plan` takes the place of `email`"},
      {"writes the mark otherwise", [](auto* head, auto*) { head->nodes[0].columns[2].meta = Yaml("{contains: e-mail}"); }, "class-lost", "no longer `pii.email`"},
      {"names the column with a letter that looks the same", [](auto* head, auto*) { head->nodes[0].columns[3].name = "\u0455sn"; SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [\u0455sn]}"); },
       "column-denied", "no class"},
      {"names the column in upper case", [](auto* head, auto*) { head->nodes[0].columns[2].name = "EMAIL"; head->nodes[0].columns[2].meta = manifest::Value(); SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [EMAIL]}"); },
       "column-denied", "`EMAIL`"},
      {"names the destination with a letter that looks the same", [](auto* head, auto*) { SetWeir(head, "{destination: \u0441rm, purpose: support, match: id, columns: [plan]}"); },
       "sync-refused", "is not known to the policy"},
      {"writes to another object", [](auto* head, auto*) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [plan, email], object: wiki}"); },
       "object-changed", "from none to `wiki`"},
      {"deletes nothing any more", [](auto* head, auto*) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [plan, email], mode: insert}"); },
       "mode-changed", "from `upsert` to `insert`"},
      {"writes somebody's address by hand", [](auto* head, auto*) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: {plan: plan, x: {constant: jane@acme.example}}}"); },
       "constant-personal", "the constant of field `x` looks like somebody's data"},
      {"adds a column under a wildcard", [](auto* head, auto*) { head->nodes[1].columns.push_back(Col("note")); }, "permissive-wildcard",
       "column `note` is new, and class `public` takes it by `open.*`"},
      {"builds a model under a wildcard that named nothing", [](auto* head, auto* base) { base->nodes.pop_back(); head->nodes[1].columns = {Col("note")}; }, "permissive-wildcard",
       "`note`"},
      {"sends a model that is made by hand", [](auto* head, auto*) { head->nodes.push_back(Model("copy", {Col("id"), Col("email")})); head->exposures[0] = ExposureOf("contacts", kSync, {"copy"}); head->exposures[0].meta = Yaml("{weir: {destination: crm, purpose: support, match: id, columns: [email]}}"); Close(head); },
       "sync-refused", "match key `id` is denied"},
      {"installs a package with a model of the same name", [](auto* head, auto*) { head->nodes.push_back(Model("dim", {Col("id"), Col("plan")})); head->nodes.back().unique_id = "model.vendor.dim"; head->nodes.back().package = "vendor"; Close(head); },
       "sync-refused", "match key `id` is denied"},
      {"adds a version that takes the name", [](auto* head, auto*) { manifest::Node next = Model("dim", {Col("id"), Col("plan")}); head->nodes[0].version = "1"; head->nodes[0].latest_version = "2"; next.unique_id = "model.shop.dim.v2"; next.version = next.latest_version = "2"; head->nodes.push_back(next); Close(head); },
       "sync-refused", "match key `id` is denied"},
      {"makes the model ephemeral", [](auto* head, auto*) { head->nodes[0].materialized = "ephemeral"; head->nodes[0].relation_name = ""; },
       "sync-refused", "is ephemeral"},
      {"takes a name that a purpose is open to but for its end", [](auto* head, auto*) { head->exposures[0].name = "contacts2"; }, "sync-refused", "is not open to `exposure:contacts2`"},
      {"takes the mark off a column that a dashboard shows", [](auto* head, auto* base) { for (auto* side : {head, base}) { side->exposures.push_back(ExposureOf("board", "", {"dim"})); Close(side); } for (auto& column : head->nodes[0].columns) column.meta = manifest::Value(); },
       "class-lost", "no longer `pii.email`"},
      {"tells a dashboard's address with a dot behind", [](auto* head, auto*) { head->exposures.push_back(ExposureOf("board", "{audience: crm, purpose: support}", {"dim"})); head->exposures.back().url = "https://bi.example./7"; Close(head); },
       "audience-refused", "which is `bi` and not `crm`"},
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
      {"points a dashboard at another model", [](auto* head, auto* base) { for (auto* side : {head, base}) side->exposures.push_back(ExposureOf("board", "", {side == head ? "dim" : "open"})), Close(side); },
       "model-changed", "`board` shows `dim`, and `open` in the base"},
      {"points a dashboard at a package's model of the same name", [](auto* head, auto* base) { for (auto* side : {head, base}) { side->nodes.push_back(Model("dim", {Col("id")})); side->nodes.back().unique_id = "model.vendor.dim"; side->exposures = {ExposureOf("board", "", {"dim"})}; Close(side); } head->exposures[0].depends_on = {"model.vendor.dim"}; },
       "model-changed", "`board` shows `model.vendor.dim`, and `model.shop.dim` in the base"},
      {"says that a dashboard is for others", [](auto* head, auto* base) { for (auto* side : {head, base}) side->exposures.push_back(ExposureOf("board", side == head ? "{audience: crm, purpose: support}" : "{audience: bi, purpose: support}", {"open"})), Close(side); },
       "destination-changed", "the audience of `board` changes from `bi` to `crm`"},
      {"says that a dashboard is for something else", [](auto* head, auto* base) { for (auto* side : {head, base}) side->exposures.push_back(ExposureOf("board", side == head ? "{audience: bi, purpose: adverts}" : "{audience: bi, purpose: support}", {"open"})), Close(side); },
       "purpose-changed", "the purpose of `board` changes from `support` to `adverts`"},
      {"shows one column more on a dashboard", [](auto* head, auto* base) { for (auto* side : {head, base}) side->exposures.push_back(ExposureOf("board", "", {"dim"})); head->nodes[0].columns.push_back(Col("ssn2")); },
       "audience-unknown", "; not in the base: `dim.ssn2`"},
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

// What is refused before anything is judged: the program ends with 2.
TEST(CheckAttacks, SyncsThatAreNone) {
  struct Case {
    const char* name;
    std::function<void(manifest::Project* head)> edit;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"a slash makes it an item of another", [](auto* head) { head->exposures[0].name = "contacts/2"; }, "rename it"},
      {"a line break behind", [](auto* head) { head->exposures[0].name = "contacts\n"; }, "rename it"},
      {"a letter that looks the same", [](auto* head) { head->exposures[0].name = "\u0441ontacts"; }, "rename it"},
      {"a model that it does not depend on", [](auto* head) { SetWeir(head, "{model: open, destination: crm, purpose: support, match: id, columns: [country]}"); },
       "`depends_on` does not name model `open`"},
      {"a column that nobody documented", [](auto* head) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [s]}"); },
       "has no documented column `s`"},
      {"a field that is filled twice", [](auto* head) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: {plan: x, email: x}}"); },
       "field `x` is written twice"},
      {"a key of another language", [](auto* head) { SetWeir(head, "{destination: crm, purpose: support, match: id, columns: [plan], unclassified: warn}"); },
       "`unclassified`"},
  };
  for (const Case& test : cases) {
    manifest::Project head = Shop();
    test.edit(&head);
    manifest::Diagnostics diagnostics;
    ReadSyncs(head, nullptr, "weir.yml", &diagnostics);
    EXPECT_TRUE(diagnostics.HasErrors()) << test.name;
    EXPECT_NE(diagnostics.Render().find(test.says), std::string::npos) << test.name << "\n" << diagnostics.Render();
  }
}

// With `inherit: lineage`, what the author's SQL does to the columns of `people`: s is sent, consent filters rows of `stg`.
TEST(CheckAttacks, SqlThatHidesAColumn) {
  struct Case {
    const char* name;
    std::string stg, dim;
    const char* rule;  // empty: nothing is to be found
    const char* says;
  };
  const std::string harmless = "select id, id as s, true as consent from shop.raw.people";
  const std::string passed_on = "select id, s, consent from shop.main.stg";
  const std::vector<Case> cases = {
      {"nothing", harmless, passed_on, "", ""},
      {"another name", "select id, ssn as s, true as consent from shop.raw.people", passed_on, "N1", "from `people.ssn`"},
      {"through WITH", "with a as (select ssn as t, id from shop.raw.people), b as (select t as s, id from a) select id, s, true as consent from b", passed_on, "N1", "through `stg.s`"},
      {"through select *", "select *, true as consent from (select id, ssn as s from shop.raw.people)", "select * from shop.main.stg", "N1", "from `people.ssn`"},
      {"through select * of columns that nobody listed", "select *, true as consent from shop.raw.people", "select id, ssn as s, consent from shop.main.stg", "N1", "from `people.ssn`"},
      {"joined to another text", "select id, 'x' || substr(ssn, 1, 11) as s, true as consent from shop.raw.people", passed_on, "N1", "from `people.ssn`"},
      {"by a condition", "select id, case when ssn like '1%' then 1 else 0 end as s, true as consent from shop.raw.people", passed_on, "N1", "from `people.ssn`"},
      {"by a subquery", "select id, (select max(p.ssn) from shop.raw.people p where p.id = q.id) as s, true as consent from shop.raw.people q", passed_on, "N1", "from `people.ssn`"},
      {"by position in a union", "select id, 'a' as s, true as consent from shop.raw.people union all select id, ssn, true from shop.raw.people", passed_on, "N1", "from `people.ssn`"},
      {"in SQL that nobody parses", "select id, {{ ssn }} as s", passed_on, "N1", "not proven at `stg`"},
      {"in SQL that nobody compiled", "", passed_on, "N1", "not proven at `stg`"},
      {"from a table without source()", harmless, "select p.id, p.ssn as s, q.consent from shop.main.stg q, shop.raw.people p", "N1", "from `people.ssn`"},
      {"the same, by name", harmless, "select p.id, p.ssn as s, q.consent from shop.main.stg q, shop.raw.people p", "lineage-stranger", "reads `shop.raw.people`, which is no parent of it"},
      {"from a table that nobody knows", harmless, "select p.id, p.x as s, q.consent from shop.main.stg q, tmp.people_copy p", "N1", "it may be of any class"},
      {"the same, by name", harmless, "select p.id, p.x as s, q.consent from shop.main.stg q, tmp.people_copy p", "lineage-stranger", "reads `tmp.people_copy`"},
      {"a consent of his own", harmless, "select id, s, true as consent from shop.main.stg", "sync-refused", "does not prove that its column `consent` is that of `stg`"},
      {"a consent that he makes of it", harmless, "select id, s, coalesce(consent, true) as consent from shop.main.stg", "sync-refused", "does not prove that its column `consent`"},
      {"a consent from elsewhere", harmless, "select id, s, s as consent from shop.main.stg", "sync-refused", "does not prove that its column `consent`"},
      {"a consent of the filtered model itself", "select id, id as s, email is not null as consent from shop.raw.people", passed_on, "filter-changed", "is made of something else"},
  };
  const Policy policy = GoodPolicy(
      "version: 1\ninherit: lineage\n"
      "classes:\n  pii.ssn: {meta: {contains: ssn}}\n"
      "  public: {permissive: true, columns: [dim.id, dim.s]}\n  consent: {name: consent}\n"
      "subjects: {customer: {dim: id}}\nroles: {marketer: {}}\n"
      "destinations: {crm: {origin: 'file:', readers: [marketer], trust: internal}}\n"
      "purposes: {support: {syncs: ['exposure:contacts']}}\n"
      "rules:\n  - {id: N1, never: pii.ssn, to: any}\n  - {id: K1, give: public, to: any, as: unchanged}\n"
      "  - {id: K2, give: consent, to: any, as: filter}\n"
      "  - {id: R1, rows: stg, to: any, send_if: {consent: true}}\n");
  const auto project = [](const std::string& stg, const std::string& dim) {
    manifest::Project out = Chain(stg, dim);
    out.nodes[0].columns.push_back(Col("consent"));
    out.nodes[1].columns.push_back(Col("consent"));
    out.exposures = {ExposureOf("contacts", "{destination: crm, purpose: support, match: id, columns: [s]}", {"dim"})};
    Close(&out);
    return out;
  };
  for (const Case& one : cases) {
    manifest::Project base = project(harmless, passed_on), head = project(one.stg, one.dim);
    base.digest = "base";
    head.digest = "head";
    if (!Trace(&base) || !Trace(&head)) GTEST_SKIP() << manifest::kNoDuckdb;
    const auto before = GoodSyncs(base), after = GoodSyncs(head);
    const CheckSide base_side{&policy, &base, &before};
    const CheckReport report = Check({&policy, &head, &after}, &base_side);
    bool named = false;
    std::string all;
    for (const Finding& finding : report.findings) {
      if (finding.rule == "gate-test-missing") continue;
      all += finding.rule + ": " + finding.message + "\n";
      named = named || (finding.rule == one.rule && finding.status == FindingStatus::kNew &&
                        finding.message.find(one.says) != std::string::npos);
    }
    if (std::string(one.rule).empty()) {
      EXPECT_EQ(all, "") << one.name;
    } else {
      EXPECT_TRUE(named) << one.name << "\n" << all;
    }
  }
}

// Of a column that the base does not have nothing is known there, so it has no class to lose.
TEST(CheckAttacks, AColumnThatIsNewLosesNoClass) {
  const Policy policy = GoodPolicy(
      "version: 1\ninherit: lineage\n"
      "classes:\n  pii.ssn: {meta: {contains: ssn}}\n  public: {permissive: true, columns: [dim.id, dim.s, dim.t]}\n"
      "subjects: {customer: {dim: id}}\nroles: {marketer: {}}\n"
      "destinations: {crm: {origin: 'file:', readers: [marketer], trust: internal}}\n"
      "purposes: {support: {syncs: ['exposure:contacts']}}\n"
      "rules:\n  - {id: K1, give: public, to: any, as: unchanged}\n");
  manifest::Project base = Chain("select id, id as s from shop.raw.people", "select id, s from shop.main.stg");
  manifest::Project head = Chain("select id, id as s from shop.raw.people", "select id, s, upper(s) as t from shop.main.stg");
  for (manifest::Node& node : head.nodes) {
    if (node.name == "dim") node.columns.push_back(Col("t"));
  }
  base.exposures = {ExposureOf("contacts", "{destination: crm, purpose: support, match: id, columns: [s]}", {"dim"})};
  head.exposures = {ExposureOf("contacts", "{destination: crm, purpose: support, match: id, columns: [s, t]}", {"dim"})};
  base.digest = "base";
  head.digest = "head";
  for (manifest::Project* project : {&base, &head}) {
    Close(project);
    if (!Trace(project)) GTEST_SKIP() << manifest::kNoDuckdb;
  }
  const auto before = GoodSyncs(base), after = GoodSyncs(head);
  const CheckSide base_side{&policy, &base, &before};
  for (const Finding& finding : Check({&policy, &head, &after}, &base_side).findings) {
    EXPECT_NE(finding.rule, "class-lost") << finding.message;
  }
}

TEST(CheckAttacks, ExposuresOfPackagesSendNothing) {
  manifest::Project head = Shop();
  head.exposures[0].package = "vendor";
  EXPECT_TRUE(GoodSyncs(head).empty());
}

// A policy that hides what it says is refused as a whole.
TEST(CheckAttacks, PoliciesThatHideWhatTheySay) {
  struct Case {
    const char* name;
    const char* file;
    std::string text;
    const char* says;
  };
  const std::string name_of_class(101, 'a'), pattern(3000, 'x');
  const std::vector<Case> cases = {
      {"an alias", "q.yml", "version: 1\nroles: {a: &g {groups: [x]}, b: *g}\n", "alias"},
      {"a merge key", "q.yml", "version: 1\nroles: {a: {<<: {groups: [x]}}}\n", "merge"},
      {"a tag", "q.yml", "version: 1\nroles: {a: !!map {groups: [x]}}\n", "tag"},
      {"a key twice", "q.yml", "version: 1\nroles: {a: {groups: [x]}, a: {groups: [y]}}\n", "`a`"},
      {"a second document", "q.yml", "version: 1\n---\nversion: 1\nrules: []\n", "document"},
      {"a name that another file has", "q.yml", "version: 1\nclasses: {pii.ssn: {name: nothing}}\n", "is already defined at p.yml"},
      {"a rule's id again", "q.yml", "version: 1\nrules: [{id: N1, give: pii.ssn, to: any, as: unchanged}]\n", "is already defined at p.yml"},
      {"a folder that is not there", "q.yml", "version: 1\ninclude: [../../elsewhere]\n", "include"},
      {"a class with a letter that looks the same", "q.yml", "version: 1\nclasses: {pii.\u0435mail: {name: x}}\n", "is no name of a class"},
      {"a class of another kind below it", "q.yml", "version: 1\nclasses: {pii.ssn.open: {permissive: true, columns: [dim.ssn]}}\n", "is permissive, but `pii.ssn` above it is not"},
      {"a permissive class by name", "q.yml", "version: 1\nclasses: {open: {permissive: true, name: ssn, columns: [dim.ssn]}}\n", "only `columns` may assign it"},
      {"an exception that lets all through", "q.yml", "version: 1\nrules: [{id: N2, never: pii.ssn, to: any, except: [unchanged]}]\n", "would let everything through"},
      {"a rule for nobody", "q.yml", "version: 1\nrules: [{id: N2, never: pii.ssn, to: {}}]\n", "must be `any` or a map"},
      {"a rule for somebody misspelt", "q.yml", "version: 1\nrules: [{id: N2, never: pii.ssn, to: {destination: cmr}}]\n", "did you mean `crm`?"},
      {"a destination that nobody reads", "q.yml", "version: 1\ndestinations: {x: {origin: 'file:', readers: [], trust: internal}}\n", "is empty"},
      {"a pattern without end", "q.yml", "version: 1\nclasses: {big: {name: '" + pattern + "'}}\n", "more than 2000 bytes"},
      {"a pattern that grows", "q.yml", "version: 1\nclasses: {big: {name: '((a{1,99}){1,99}){1,99}'}}\n", "is no RE2 pattern"},
      {"a pattern that looks back", "q.yml", "version: 1\nclasses: {big: {name: '(a)\\1'}}\n", "is no RE2 pattern"},
      {"a name without end", "q.yml", "version: 1\nclasses: {" + name_of_class + ": {name: x}}\n", "at most 100 bytes"},
      {"a class without evidence", "q.yml", "version: 1\nclasses: {pii.ssn2: {name: }}\n", "has no value"},
      {"an ending in upper case is read, too", "q.YML", "version: 1\nrules: [{id: N1, give: pii.ssn, to: any, as: unchanged}]\n", "is already defined at p.yml"},
      {"no word is a boolean by guess", "q.yml", "version: 1\nclasses: {open: {permissive: yes, columns: [dim.ssn]}}\n", "`permissive`"},
  };
  for (const Case& test : cases) {
    PolicyFolder folder;
    folder.Write("p.yml", kPolicy);
    folder.Write(test.file, test.text);
    std::optional<Policy> policy;
    const std::string problems = folder.Read(&policy);
    EXPECT_FALSE(policy.has_value()) << test.name;
    EXPECT_NE(problems.find(test.says), std::string::npos) << test.name << "\n" << problems;
  }
}

TEST(CheckAttacks, WeirYmlThatTurnsADestinationElsewhereIsNamed) {
  const Policy policy = GoodPolicy(kPolicy);
  const manifest::Project project = Shop();
  const auto syncs = GoodSyncs(project);
  CheckSide side{&policy, &project, &syncs};
  side.origins = {{"ads", "https://ads.evil.example"}, {"crm", "file:"}};
  side.config = "weir.yml";
  std::vector<std::string> found;
  for (const Finding& finding : Check(side, nullptr).findings) {
    if (finding.rule == "origin-differs") found.push_back(std::string(Name(finding.level)) + " " + finding.target + ": " + finding.message);
  }
  EXPECT_EQ(found, std::vector<std::string>({"error destination:ads: destination `ads` is at `https://ads.evil.example` by weir.yml, and the "
                                             "policy pins it to `https://ads.example`; correct one of them"}));
}

// Once for the exposure and the destination, however many columns it has.
TEST(CheckAttacks, AnUnknownDestinationIsOneFinding) {
  const Policy policy = GoodPolicy(kPolicy);
  manifest::Project project = Shop();
  SetWeir(&project, "{destination: crmm, purpose: support, match: id, columns: [plan, email, ssn]}");
  const auto syncs = GoodSyncs(project);
  std::vector<std::string> found;
  for (const Finding& finding : Check({&policy, &project, &syncs}, nullptr).findings) {
    if (finding.level == FindingLevel::kError) found.push_back(finding.rule + " " + finding.target + " " + finding.destination + ": " + finding.message);
  }
  EXPECT_EQ(found, std::vector<std::string>({"sync-refused exposure:contacts crmm: destination `crmm` is not known to the policy; did you mean `crm`?"}));
}

TEST(CheckAttacks, GroupsByColumnsThatAreNotSentAreTold) {
  for (const auto& [columns, told] : {std::pair{"[ssn]", true}, {"[plan]", false}, {"[ssn, PLAN]", false}}) {
    const Policy policy = GoodPolicy(std::string(kPolicy) + "require: [{id: Q1, select: 'exposure:*', k_anonymity: {columns: " + columns + ", k: 5}}]\n");
    const manifest::Project project = Shop();
    const auto syncs = GoodSyncs(project);
    std::string found;
    for (const Finding& finding : Check({&policy, &project, &syncs}, nullptr).findings) {
      if (finding.rule == "k-anonymity-unsent") found += finding.message;
    }
    EXPECT_EQ(found, told ? "requirement `Q1` counts groups by `ssn`, none of which this sync sends, so it counts nothing; name columns that it "
                            "sends, or select other syncs" : "") << columns;
  }
}

TEST(CheckAttacks, ConstantsThatLookPersonal) {
  const std::pair<const char*, bool> cases[] = {{"jane@acme.example", true}, {"+49 151 2345678", true}, {"078-05-1120", true}, {"4111 1111 1111 1111", true},
                                                {"warehouse", false}, {"v1.2.3", false}, {"2027-01-31", false}, {"12345678", false}, {"crm@", false}};
  const Policy policy = GoodPolicy(kPolicy);
  for (const auto& [constant, personal] : cases) {
    manifest::Project project = Shop();
    SetWeir(&project, "{destination: crm, purpose: support, match: id, columns: {plan: plan, x: {constant: '" + std::string(constant) + "'}}}");
    const auto syncs = GoodSyncs(project);
    bool found = false;
    for (const Finding& finding : Check({&policy, &project, &syncs}, nullptr).findings) {
      found = found || finding.rule == "constant-personal";
      EXPECT_EQ(finding.message.find(constant), std::string::npos) << constant;
    }
    EXPECT_EQ(found, personal) << constant;
  }
}

TEST(CheckAttacks, TwoDestinationsAtOneOriginAreToldApart) {
  const Policy policy = GoodPolicy(std::string(kPolicy) + "  - {id: B1, give: public, to: any, as: unchanged}\n");
  Policy twice = policy;
  twice.destinations.push_back(twice.destinations[2]);
  twice.destinations.back().name = "board_room";
  twice.purposes.push_back({"insight", {}, "", {"exposure:board"}});
  for (const bool reversed : {false, true}) {
    if (reversed) std::reverse(twice.destinations.begin(), twice.destinations.end());
    manifest::Project project = Shop();
    const auto says = [&](const char* weir) {
      project.exposures = {ExposureOf("board", weir, {"open"})};
      project.exposures[0].url = "https://bi.example/7";
      const std::vector<SyncSpec> none;
      std::string out;
      for (const Finding& finding : Check({&twice, &project, &none}, nullptr).findings) {
        if (finding.rule == "audience-refused") out += finding.message;
      }
      return out;
    };
    EXPECT_EQ(says(""), "its `url` is at the origin of `bi`, `board_room`; write `audience:` to say which");
    EXPECT_EQ(says("{audience: board_room, purpose: insight}"), "");
    EXPECT_EQ(says("{audience: crm, purpose: insight}"),
              "its `url` is at `https://bi.example`, which is `bi`, `board_room` and not `crm`; correct `url` or `audience`");
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
                        "base's; it takes away `N1`; it adds `S1`",
                        "policy-loosened: under the pull request's policy rule `N1` (`never: pii.ssn`) would be gone"}));
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
