#include <gtest/gtest.h>

#include <string>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kBegin[] =
    "version: 1\n"
    "classes: {pii: {tags: [pii]}}\n"
    "rules: [{id: P1, never: pii, to: any}]\n"
    "require:\n";

struct Bad {
  const char* name;
  const char* text;
  const char* expected;
};

void ExpectBad(const Bad& one, const std::string& text) {
  PolicyFolder folder;
  folder.Write("p.yml", text);
  std::optional<Policy> policy;
  EXPECT_EQ(folder.Read(&policy), one.expected) << one.name;
  EXPECT_FALSE(policy) << one.name;
}

TEST(RequirementReaderTest, ReportsWhereAndWhat) {
  const Bad cases[] = {
      {"access unknown", "{id: Q1, select: '*', access: pubic}",
       "p.yml:5:35: `access` of requirement `Q1` must be of `public`, `protected`, `private`, not `pubic`; did you mean "
       "`public`? [W-POL-010]\n"},
      {"access empty", "{id: Q1, select: '*', access: []}", "p.yml:5:35: `access` of requirement `Q1` is empty [W-POL-010]\n"},
      {"contract off", "{id: Q1, select: '*', contract: false}",
       "p.yml:5:37: `contract` of requirement `Q1` must be one of `enforced`, not `false` [W-POL-010]\n"},
      {"versions key", "{id: Q1, select: '*', versions: {latest: true}}",
       "p.yml:5:38: unknown key `latest` in `versions` of requirement `Q1`; it takes `deprecated`, `latest_only`, "
       "`max_active` [W-POL-010]\n"},
      {"versions none", "{id: Q1, select: '*', versions: {max_active: 0}}",
       "p.yml:5:50: `max_active` of `versions` of requirement `Q1` must be an integer from 1 to 1000, not `0` "
       "[W-POL-010]\n"},
      {"versions deprecated", "{id: Q1, select: '*', versions: {deprecated: warn}}",
       "p.yml:5:50: `deprecated` of `versions` of requirement `Q1` must be one of `hold`, `send`, not `warn` "
       "[W-POL-010]\n"},
      {"groups empty", "{id: Q1, select: '*', groups: []}", "p.yml:5:35: `groups` of requirement `Q1` is empty [W-POL-010]\n"},
      {"maturity", "{id: Q1, select: '*', maturity: hihg}",
       "p.yml:5:37: `maturity` of requirement `Q1` must be one of `low`, `medium`, `high`, not `hihg`; did you mean `high`? "
       "[W-POL-010]\n"},
      {"maturity of a model", "{id: Q1, select: '*', for: model, maturity: high}",
       "p.yml:5:49: `maturity` cannot be required `for: model` in requirement `Q1` [W-POL-010]\n"},
      {"access of a source", "{id: Q1, select: '*', for: source, access: public}",
       "p.yml:5:48: `access` cannot be required `for: source` in requirement `Q1` [W-POL-010]\n"},
      {"no columns", "{id: Q1, select: '*', k_anonymity: {k: 5}}",
       "p.yml:5:40: `k_anonymity` of requirement `Q1` needs `columns` [W-POL-010]\n"},
      {"empty columns", "{id: Q1, select: '*', k_anonymity: {columns: [], k: 5}}",
       "p.yml:5:50: `columns` of `k_anonymity` of requirement `Q1` is empty [W-POL-010]\n"},
      {"k of one", "{id: Q1, select: '*', k_anonymity: {columns: [zip], k: 1}}",
       "p.yml:5:60: `k` of `k_anonymity` of requirement `Q1` must be an integer from 2 to 1000000, not `1` [W-POL-010]\n"},
      {"mode", "{id: Q1, select: '*', contract: enforced, mode: obverse}",
       "p.yml:5:53: `mode` of requirement `Q1` must be one of `enforce`, `observe`, not `obverse`; did you mean `observe`? "
       "[W-POL-010]\n"},
      {"report", "{id: Q1, select: '*', contract: enforced, report: old}",
       "p.yml:5:55: `report` of requirement `Q1` must be one of `all`, `new`, `changed`, not `old` [W-POL-010]\n"},
      {"wait", "{id: Q1, select: '*', fresh: {max_age: 6h, wait: soon}}",
       "p.yml:5:54: `wait` of `fresh` of requirement `Q1` must be a time such as 2h, at most 7d [W-POL-010]\n"},
      {"wait too long", "{id: Q1, select: '*', fresh: {max_age: 6h, wait: 8d}}",
       "p.yml:5:54: `wait` of `fresh` of requirement `Q1` must be a time such as 2h, at most 7d [W-POL-010]\n"},
  };
  for (const Bad& one : cases) ExpectBad(one, kBegin + std::string("  - ") + one.text + "\n");
}

TEST(RequirementReaderTest, RefusesWaivers) {
  const Bad cases[] = {
      {"nothing", "{}",
       "p.yml:7:5: a waiver needs `id` [W-POL-040]\np.yml:7:5: a waiver needs `rule` [W-POL-040]\n"
       "p.yml:7:5: a waiver needs `target` [W-POL-040]\np.yml:7:5: a waiver needs `reason` [W-POL-040]\n"
       "p.yml:7:5: a waiver needs `approver` [W-POL-040]\np.yml:7:5: a waiver needs `expires` [W-POL-040]\n"},
      {"no reason", "{id: W1, rule: Q1, target: 'model:dim', approver: a@b.c, expires: 2027-01-31}",
       "p.yml:7:5: waiver `W1` needs `reason` [W-POL-040]\n"},
      {"no approver", "{id: W1, rule: Q1, target: 'model:dim', reason: r, expires: 2027-01-31}",
       "p.yml:7:5: waiver `W1` needs `approver` [W-POL-040]\n"},
      {"no expiry", "{id: W1, rule: Q1, target: 'model:dim', reason: r, approver: a@b.c}",
       "p.yml:7:5: waiver `W1` needs `expires` [W-POL-040]\n"},
      {"blank reason", "{id: W1, rule: Q1, target: 'model:dim', reason: ' ', approver: a, expires: 2027-01-31}",
       "p.yml:7:53: `reason` of waiver `W1` is empty [W-POL-040]\n"},
      {"no day", "{id: W1, rule: Q1, target: 'model:dim', reason: r, approver: a, expires: 2027-02-29}",
       "p.yml:7:78: `expires` of waiver `W1` must be a date such as 2027-01-31 [W-POL-040]\n"},
      {"glob", "{id: W1, rule: Q1, target: 'model:dim_*', reason: r, approver: a, expires: 2027-01-31}",
       "p.yml:7:32: `target` of waiver `W1` must be one exact name: what comes later must not be waived before anybody saw "
       "it [W-POL-040]\n"},
      {"no kind", "{id: W1, rule: Q1, target: dim, reason: r, approver: a, expires: 2027-01-31}",
       "p.yml:7:32: `target` of waiver `W1` must begin with `exposure:`, `sync:`, `model:` or `source:`, not `dim` "
       "[W-POL-040]\n"},
      {"of a never", "{id: W1, rule: P1, target: 'model:dim', reason: r, approver: a, expires: 2027-01-31}",
       "p.yml:7:5: waiver `W1` names `P1`, which stands under `rules:`; a waiver lifts requirements (`require:`) alone, "
       "never a rule [W-POL-041]\n"},
      {"of nothing", "{id: W1, rule: Q2, target: 'model:dim', reason: r, approver: a, expires: 2027-01-31}",
       "p.yml:7:5: unknown requirement `Q2` in `rule` of waiver `W1`; did you mean `Q1`? [W-POL-012]\n"},
      {"an id that is taken", "{id: Q1, rule: Q1, target: 'model:dim', reason: r, approver: a, expires: 2027-01-31}",
       "p.yml:7:5: id `Q1` is already defined at p.yml:5:5 [W-POL-013]\n"},
      {"unknown key", "{id: W1, rule: Q1, target: 'model:dim', reason: r, approver: a, expires: 2027-01-31, until: x}",
       "p.yml:7:90: unknown key `until` in waiver `W1`; it takes `approver`, `destination`, `expires`, `id`, `models`, `reason`, `rule`, `target` "
       "[W-POL-040]\n"},
  };
  for (const Bad& one : cases) {
    ExpectBad(one, kBegin + std::string("  - {id: Q1, select: '*', contract: enforced}\nwaivers:\n  - ") + one.text + "\n");
  }
}

TEST(RequirementReaderTest, ReadsEveryKey) {
  const Policy policy = GoodPolicy(
      kBegin + std::string("  - id: Q1\n    select: 'exposure:*'\n    fresh: {max_age: 6h, wait: 2h}\n    access: [public, "
                           "protected]\n    contract: enforced\n    versions: {max_active: 3, latest_only: true, deprecated: "
                           "send}\n    groups: any\n    maturity: medium\n    k_anonymity: {columns: [zip, gender], k: 5}\n    "
                           "mode: observe\n    report: changed\nwaivers:\n  - {id: W1, rule: Q1, target: 'exposure:board', "
                           "reason: replaced, approver: dpo@acme.com, expires: 2027-01-31}\n"));
  const Requirement& read = policy.requirements.at(0);
  EXPECT_EQ(read.fresh_wait_seconds, 7200);
  EXPECT_EQ(read.access, (std::vector<std::string>{"public", "protected"}));
  EXPECT_TRUE(read.contract);
  EXPECT_TRUE(read.versions->latest_only);
  EXPECT_EQ(read.versions->deprecated, WhenEvidence::kSend);
  EXPECT_EQ(read.versions->max_active, 3);
  EXPECT_TRUE(read.groups && read.groups->names.empty());
  EXPECT_EQ(read.maturity, "medium");
  EXPECT_EQ(read.k_anonymity->k, 5);
  EXPECT_EQ(read.k_anonymity->columns, (std::vector<std::string>{"zip", "gender"}));
  EXPECT_TRUE(read.observe);
  EXPECT_FALSE(read.Enforced());
  EXPECT_EQ(read.report, Reported::kChanged);
  EXPECT_EQ(policy.waivers.at(0).target, "exposure:board");
  EXPECT_EQ(ToText(policy.waivers[0]), "waiver `W1` of dpo@acme.com until 2027-01-31: replaced");
}

}  // namespace
}  // namespace weir::policies
