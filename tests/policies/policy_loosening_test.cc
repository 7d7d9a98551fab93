#include "policies/policy_loosening.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] = R"(version: 1
inherit: lineage
unclassified: deny
classes:
  pii.email: {meta: {contains: email}, name: mail, value: {detect: email, share: 0.2}}
  pii.ssn: {tags: [ssn]}
  public: {permissive: true, columns: [dim.plan]}
subjects: {customer: {dim: id}}
roles: {marketer: {}, seller: {}}
destinations:
  crm: {origin: 'https://crm.example', readers: [marketer], trust: external, transfer: {mechanism: SCC, until: 2030-01-31}, on_leave: {denied: delete}}
purposes: {support: {syncs: ['exposure:a']}}
rules:
  - {id: N1, never: pii.ssn, to: any}
  - {id: G1, give: pii.email, to: {destination: crm}, as: hash}
  - {id: R1, rows: dim, to: any, send_if: {consent: true}}
require:
  - id: Q1
    select: 'exposure:*'
    tests: {primary_key: true, by_class: {pii: [not_null]}, within: 6h}
    fresh: {max_age: 6h}
    owner: {email: '@acme\.com$'}
    access: [public]
    contract: enforced
    versions: {latest_only: true, max_active: 2}
    groups: [finance]
    guards: {max_deletes: 2%, max_changes: 30%, min_rows: 500}
    k_anonymity: {columns: [zip, birth], k: 5}
  - {id: Q2, select: 'exposure:*', for: exposure, maturity: high}
waivers:
  - {id: W1, rule: Q2, target: 'exposure:a', models: [dim], reason: x, approver: y, expires: 2030-01-31}
declassify:
  - {columns: [dim.sum], class: pii.email, code: 'sha256:0000000000000000000000000000000000000000000000000000000000000000', reason: x, approver: y, expires: 2030-01-31}
)";

std::vector<std::string> Texts(const Policy& base, const Policy& proposed) {
  std::vector<std::string> out;
  for (const Loosening& one : FindLoosenings(base, proposed)) {
    EXPECT_FALSE(one.id.empty()) << one.text;
    out.push_back(one.text);
  }
  return out;
}

TEST(PolicyLoosening, EachIsTold) {
  struct Case {
    const char* before;
    const char* after;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"unclassified: deny", "unclassified: deny", {}},
      {"unclassified: deny", "unclassified: blank", {"columns without a class would leave as null"}},
      {"unclassified: deny", "unclassified: warn", {"columns without a class would leave unchanged"}},
      {"{contains: email}", "{contains: mail}", {"class `pii.email` would be known by other meta, tags or classifiers"}},
      {"name: mail,", "name: '^mail$',", {"class `pii.email` would be known by the name `^mail$`; it is `mail`"}},
      {"share: 0.2", "share: 0.9", {"class `pii.email` would look for other values, or for more of them"}},
      {"share: 0.2", "share: 0.1", {}},
      {"share: 0.2", "share: 0.2, except: [dim.note]", {"class `pii.email` would not look at the values of `dim.note`"}},
      {"[dim.plan]", "[dim.plan, dim.phone]", {"class `public` would permit `dim.phone`, too"}},
      {"  public:", "  public.more: {permissive: true, columns: [dim.phone]}\n  public:", {"class `public.more` would permit `dim.phone`"}},
      {"  public:", "  pii.more: {name: more}\n  public:", {}},
      {"{dim: id}", "{dim: id, fct: id}", {"rows of `fct` would be about the `customer` of column `id`"}},
      {"{dim: id}", "{dim: plan}", {"rows of `dim` would be about the `customer` of column `plan`; it is of `id`"}},
      {"  crm:", "  desk: {origin: 'file:', readers: [seller], trust: internal}\n  crm:",
       {"destination `desk` would be known, read by `seller`, of trust `internal`"}},
      {"{support:", "{any: {syncs: ['exposure:*']}, support:", {"purpose `any` would be open to `exposure:*`"}},
      {"  - {id: Q2", "  - {id: Q3, select: 'exposure:*', tests: {}}\n  - {id: Q2", {}},
      {"  - {id: Q2", "  - {id: Q3, select: 'exposure:*', tests: {missing: send}}\n  - {id: Q2",
       {"requirement `Q3` would send when a test is `missing`"}},
      {"  - {id: Q2", "  - {id: Q3, select: 'exposure:*', tests: {missing: send}, mode: observe}\n  - {id: Q2", {}},
      {"maturity: high", "maturity: high, tests: {fail: send, within: 90d}",
       {"requirement `Q2` would send when a test is `fail`", "requirement `Q2` would take tests within `7776000s`; it is `since_last_build`"}},
      {"trust: external", "trust: internal", {"the trust of destination `crm` would be `internal`; it is `external`"}},
      {"https://crm.example", "http://crm.example", {"the origin of destination `crm` would be `http://crm.example`; it is `https://crm.example`"}},
      {"readers: [marketer]", "readers: [seller]", {"destination `crm` would be read by `seller`; it is by `marketer`"}},
      {"until: 2030-01-31}, on", "until: 2031-01-31}, on", {"the last day of transfer of destination `crm` would be `2031-01-31`; it is `2030-01-31`"}},
      {"{denied: delete}", "{denied: keep}", {"what is denied would be left as `keep` at destination `crm`; it is `delete`"}},
      {"['exposure:a']", "['exposure:a', 'exposure:*']", {"purpose `support` would be open to `exposure:*`, too"}},
      {"never: pii.ssn, to: any", "never: pii.ssn, to: {trust: external}", {"rule `N1` would hold for {trust: external}; it holds for any"}},
      {"never: pii.ssn, to: any", "never: pii.ssn, to: any, except: [redact]", {"rule `N1` would let `redact` through"}},
      {"never: pii.ssn", "never: pii", {}},
      {"never: pii.ssn", "never: pii.email", {"rule `N1` would be about `pii.email`; it is about `pii.ssn`"}},
      {"id: N1,", "id: N2,", {"rule `N1` (`never: pii.ssn`) would be gone"}},
      {"to: {destination: crm}", "to: any", {"rule `G1` would give `pii.email` to any; it gives `pii.email` to {destination: crm}"}},
      {"{consent: true}", "{any: [{consent: true}, {plan: pro}]}", {"rule `R1` would let rows go by `{any: [{consent: true}, {plan: pro}]}`; it is by `{consent: true}`"}},
      {"{consent: true}", "{all: [{consent: true}, {plan: pro}]}", {}},
      {"select: 'exposure:*'\n", "select: 'exposure:a'\n", {"requirement `Q1` would select `exposure:a`; it is `exposure:*`"}},
      {"primary_key: true", "primary_key: false", {"requirement `Q1` would not ask for a tested key"}},
      {"[not_null]", "[unique]", {"requirement `Q1` would not ask for `not_null` of `pii`"}},
      {"within: 6h", "within: 7h", {"requirement `Q1` would take tests within `25200s`; it is `21600s`"}},
      {"within: 6h", "within: 6h, fail: send", {"requirement `Q1` would send when a test is `fail`"}},
      {"max_age: 6h", "max_age: 7h", {"requirement `Q1` would take sources as old as `25200s`; it is `21600s`"}},
      {"@acme", "acme", {"requirement `Q1` would ask for an owner of `acme\\.com$`; it is `@acme\\.com$`"}},
      {"access: [public]", "access: [public, private]", {"requirement `Q1` would take `private` as `access`, too"}},
      {"    contract: enforced\n", "", {"requirement `Q1` would not ask for an enforced contract"}},
      {"max_active: 2", "max_active: 3", {"requirement `Q1` would take more versions of a model"}},
      {"groups: [finance]", "groups: any", {"requirement `Q1` would take any group"}},
      {"max_deletes: 2%", "max_deletes: 3%", {"requirement `Q1` would have `max_deletes` of `3%`; it is `2%`"}},
      {"max_deletes: 2%", "max_deletes: 1%", {}},
      {"max_deletes: 2%", "max_deletes: 1000", {"requirement `Q1` would have `max_deletes` of `1000`; it is `2%`"}},
      {"max_changes: 30%, ", "", {"requirement `Q1` would have `max_changes` of nothing; it is `30%`"}},
      {"min_rows: 500", "min_rows: 5", {"requirement `Q1` would have `min_rows` of `5`; it is `500`"}},
      {"k: 5", "k: 2", {"requirement `Q1` would ask for groups of 2 rows; it is 5"}},
      {"[zip, birth]", "[zip]", {"requirement `Q1` would not count groups by `birth`"}},
      {"maturity: high", "maturity: low", {"requirement `Q2` would ask for a maturity of `low`; it is `high`"}},
      {"maturity: high", "maturity: high, mode: observe", {"requirement `Q2` would hold nothing (`mode: observe`)"}},
      {"approver: y, expires: 2030-01-31}\ndeclassify", "approver: y, expires: 2031-01-31}\ndeclassify", {"waiver `W1` would lift `Q2` of `exposure:a` until 2031-01-31; it is until 2030-01-31"}},
      {"models: [dim], ", "", {"waiver `W1` would lift `Q2` of `exposure:a` until 2030-01-31; it is bound to something else"}},
      {"id: W1", "id: W2", {"waiver `W2` would lift `Q2` of `exposure:a` until 2030-01-31"}},
      {"[dim.sum]", "[dim.sum, dim.email]", {"`dim.sum`, `dim.email` would be declassified as `pii.email` until 2030-01-31"}},
  };
  const Policy base = GoodPolicy(kPolicy);
  for (const Case& one : cases) {
    std::string text = kPolicy;
    const std::size_t at = text.find(one.before);
    ASSERT_NE(at, std::string::npos) << one.before;
    text.replace(at, std::string(one.before).size(), one.after);
    EXPECT_EQ(Texts(base, GoodPolicy(text)), one.expected) << one.before << " -> " << one.after;
  }
}

TEST(PolicyLoosening, NoInheritance) {
  std::string text(kPolicy);
  text.erase(text.find("declassify:"));
  const Policy base = GoodPolicy(text);
  text.replace(text.find("inherit: lineage"), 16, "inherit: none");
  EXPECT_EQ(Texts(base, GoodPolicy(text)), std::vector<std::string>({"no column would have the classes of what it is made of (`inherit: none`)"}));
}

// What only restricts, or permits nothing by itself, is not told.
TEST(PolicyLoosening, WhatComesToItIsNone) {
  const Policy base = GoodPolicy(kPolicy);
  std::string text = kPolicy;
  text.replace(text.find("  pii.ssn:"), 10, "  pii.phone: {name: phone}\n  pii.ssn:");
  text.replace(text.find("  - {id: R1"), 11, "  - {id: N2, never: pii.phone, to: any}\n  - {id: R1");
  text.replace(text.find("  - {id: Q2"), 11, "  - {id: Q3, select: '*', contract: enforced}\n  - {id: Q2");
  EXPECT_EQ(Texts(base, GoodPolicy(text)), std::vector<std::string>());
}

}  // namespace
}  // namespace weir::policies
