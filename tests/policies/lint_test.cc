#include "policies/lint.h"

#include <gtest/gtest.h>

#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kBefore[] =
    "version: 1\n"
    "classes: {pii.email: {name: email}, public: {permissive: true, columns: [dim.country]}}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}\n"
    "purposes: {campaign: {syncs: ['exposure:crm_*']}}\n"
    "rules:\n"
    "  - {id: P1, give: pii.email, to: {purpose: campaign}, as: hash}\n"
    "  - {id: P2, give: public, to: any, as: unchanged}\n";  // what a case adds begins on line 10

struct Lint {
  const char* name;
  const char* text;
  const char* found;
};

const Lint kLints[] = {
    {"nothing", "", ""},
    {"unreachable", "  - {id: P3, never: pii, to: {trust: external}}\n",
     "8:5 rule-unreachable: rule `P1` gives `pii.email`, which `P3` never lets leave to any of its recipients; remove one "
     "of the two\n"},
    {"reachable by except", "  - {id: P3, never: pii, to: any, except: [hash]}\n", ""},
    {"audience", "  - {id: P3, never: pii, to: {trust: internal}}\n",
     "10:5 audience-empty: rule `P3` is for {trust: internal}, which is no destination of the policy\n"},
    {"rows of no model", "  - {id: P3, rows: dimm, to: any, send_if: {a: 1}}\n",
     "10:5 rule-unmatched: rule `P3` is about rows of `dimm`, which is no model of the project; did you mean `dim`?\n"},
    {"rows by no column", "  - {id: P3, rows: dim, to: any, send_if: {all: [{contry: DE}, {not: {EMAIL: x}}, {plan: pro}]}}\n",
     "10:5 rule-unmatched: rule `P3` asks rows of `dim` by `contry`, `plan`, which the model does not document; did you mean "
     "`country`?\n"},
    {"rows by columns", "  - {id: P3, rows: dim, to: any, send_if: {any: [{COUNTRY: DE}, {id: {is_null: true}}]}}\n", ""},
    {"conflict", "  - {id: P3, give: pii, to: any, as: {mask: {keep: domain}}}\n",
     "10:5 rules-conflict: rules `P1` (hash) and `P3` (mask: {keep: domain}) cannot be combined: to crm (campaign) the "
     "column is redacted\n"},
    {"a requirement of a column", "require:\n  - {id: Q1, select: '*', k_anonymity: {columns: [EMAIL, contry], k: 5}}\n",
     "11:5 requirement-unmatched: requirement `Q1` counts by column `contry`, which no model of the project documents; did "
     "you mean `country`?\n"},
    {"a requirement of nothing", "require:\n  - {id: Q1, select: 'dam', for: model, contract: enforced}\n",
     "11:5 requirement-unmatched: requirement `Q1` selects `dam`, which the project does not have; did you mean `dim`?\n"},
    {"a requirement that picks nothing", "require:\n  - {id: Q1, select: 'tag:x', for: model, contract: enforced}\n",
     "11:5 requirement-unmatched: requirement `Q1` is about no model: `select: tag:x` picks none of the project's\n"},
    {"comparable", "  - {id: P3, give: pii, to: any, as: redact}\n", ""},
};

manifest::Project Shop() {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("email"), Col("country")})};
  project.exposures = {ExposureOf(
      "crm_a", "{model: dim, destination: crm, object: c, purpose: campaign, match: {email: e}, columns: {country: c}}",
      {"dim"})};
  Close(&project);
  return project;
}

std::string Found(const std::string& text, int day = 22) {
  const manifest::Project project = Shop();
  const Policy policy = GoodPolicy(text);
  std::string out;
  for (const LintFinding& one : LintPolicy(policy, project, GoodSyncs(project), std::chrono::sys_days(std::chrono::year(2026) / 11 / day))) {
    out += std::to_string(one.at.position.line) + ":" + std::to_string(one.at.position.column) + " " +
           (one.note ? "note " : "") + std::string(one.id) + ": " + one.message + "\n";
  }
  return out;
}

TEST(LintTest, FindsRulesThatDoNothingOrContradict) {
  for (const Lint& one : kLints) {
    EXPECT_EQ(Found(std::string(kBefore) + one.text), one.found) << one.name;
  }
}

TEST(LintTest, FindsWhatNothingUses) {
  EXPECT_EQ(Found("version: 1\n"
                  "classes:\n"
                  "  pii.email: {name: email}\n"
                  "  pii.ssn: {name: ssn}\n"
                  "  spare: {tags: [spare]}\n"
                  "  public: {permissive: true, columns: [dim.contry, dimm.country]}\n"
                  "roles: {marketer: {}, agent: {}}\n"
                  "destinations:\n"
                  "  crm: {origin: 'https://crm.example', readers: [marketer], trust: external}\n"
                  "  desk: {origin: 'https://desk.example', readers: [marketer], trust: external}\n"
                  "purposes: {campaign: {syncs: ['exposure:crm_*']}, support: {syncs: ['exposure:x']}}\n"
                  "rules:\n"
                  "  - {id: P1, never: pii.ssn, to: any}\n"
                  "  - {id: P2, give: public, to: any, as: unchanged}\n"),
            "3:3 note class-without-rule: no rule is about class `pii.email`, so its columns never leave; say so with a `never` "
            "or a test, or give it\n"
            "5:3 note class-without-rule: no rule is about class `spare`, so its columns never leave; say so with a `never` or a "
            "test, or give it\n"
            "6:3 address-absent: class `public` lists `dim.contry`, which the model does not document; did you mean "
            "`country`?\n"
            "6:3 address-absent: class `public` lists `dimm.country`, whose model the project does not have; did you mean "
            "`dim`?\n"
            "7:23 role-unused: no destination has role `agent` among its `readers`\n"
            "10:3 destination-unused: no sync and no dashboard of the project sends to destination `desk`\n"
            "11:51 purpose-unused: no sync and no dashboard of the project has purpose `support`\n"
            "13:5 note rule-unmatched: rule `P1` is about `pii.ssn`, which no column of the project is\n"
            "14:5 rule-unmatched: rule `P2` is about `public`, which no column of the project is\n");
}

TEST(LintTest, FindsAddressesOfNothing) {
  EXPECT_EQ(Found("version: 1\n"
                  "classes:\n"
                  "  pii.email: {name: email, value: {detect: email, except: [dim.contry, dim.country, dimm.country]}}\n"
                  "  public: {permissive: true, columns: [dim.country]}\n"
                  "subjects:\n"
                  "  customer: {dim: idd, dimm: id}\n"
                  "  buyer: {dim: ID}\n"
                  "roles: {marketer: {}}\n"
                  "destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}\n"
                  "purposes: {campaign: {syncs: ['exposure:crm_*']}}\n"
                  "rules:\n"
                  "  - {id: P1, give: pii.email, to: any, as: hash}\n"
                  "  - {id: P2, give: public, to: any, as: unchanged}\n"),
            "3:3 address-absent: class `pii.email` excepts `dim.contry` from its `value`, which the model does not document; did "
            "you mean `country`?\n"
            "3:3 address-absent: class `pii.email` excepts `dimm.country` from its `value`, whose model the project does not "
            "have; did you mean `dim`?\n"
            "6:3 subject-unmatched: subject `customer` is `id` of `dimm`, whose model the project does not have; did you mean "
            "`dim`?\n"
            "6:3 subject-unmatched: subject `customer` is `idd` of `dim`, which the model does not document; did you mean "
            "`id`?\n");
}

TEST(LintTest, ATestThatExpectsDenialSaysSo) {
  const std::string spare =
      "version: 1\nclasses: {spare.a: {tags: [spare]}, public: {permissive: true, columns: [dim.country]}}\n"
      "rules: [{id: P2, give: public, to: any, as: unchanged}]\n"
      "roles: {marketer: {}}\n"
      "destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}\n"
      "purposes: {campaign: {syncs: ['exposure:crm_*']}}\n";
  const std::string found = "2:11 note class-without-rule: no rule is about class `spare.a`, so its columns never leave; say so with a "
                            "`never` or a test, or give it\n";
  EXPECT_EQ(Found(spare), found);
  EXPECT_EQ(Found(spare + "tests: [{name: t, for_all: {class: spare, to: any}, expect: deny}]\n"), "");
  EXPECT_EQ(Found(spare + "tests: [{name: t, for_all: {class: spare, to: {destination: crm}}, expect: deny}]\n"), found);
  EXPECT_EQ(Found(spare + "tests: [{name: t, for_all: {class: spare, to: any}, expect: redact}]\n"), found);
}

TEST(LintTest, FindsWaiversThatEndOrLiftNothing) {
  const auto waived = [](const std::string& target, const std::string& expires) {
    return std::string(kBefore) + "require: [{id: Q1, select: '*', for: model, contract: enforced}]\n" +
           "waivers: [{id: W1, rule: Q1, target: '" + target + "', reason: r, approver: a, expires: " + expires + "}]\n";
  };
  const std::string begin = "waiver `W1` of requirement `Q1` ";
  const std::string anew = "; meet the requirement, or have the waiver approved anew\n";
  const struct {
    const char* name;
    std::string target, expires;
    std::string found;
  } cases[] = {
      {"long", "model:dim", "2026-12-23", ""},
      {"soon", "model:dim", "2026-12-22", "11:11 waiver-expiring: " + begin + "expires on 2026-12-22, in 30 days" + anew},
      {"tomorrow", "model:dim", "2026-11-23", "11:11 waiver-expiring: " + begin + "expires on 2026-11-23, in 1 day" + anew},
      {"today", "model:dim", "2026-11-22", "11:11 waiver-expiring: " + begin + "expires on 2026-11-22, today" + anew},
      {"past", "model:dim", "2026-11-21", "11:11 waiver-expired: " + begin + "expired on 2026-11-21" + anew},
      {"of nothing", "model:dimm", "2027-11-21",
       "11:11 waiver-unused: " + begin + "lifts nothing: the project has no model `dimm`; did you mean `dim`?\n"},
      {"of no source", "source:raw.dim", "2027-11-21",
       "11:11 waiver-unused: " + begin + "lifts nothing: the project has no source `raw.dim`; correct or remove it\n"},
      {"of no sync", "sync:crm_a", "2027-11-21",
       "11:11 waiver-unused: " + begin + "lifts nothing: `crm_a` is declared by an exposure; write `exposure:crm_a`\n"},
  };
  for (const auto& one : cases) EXPECT_EQ(Found(waived(one.target, one.expires)), one.found) << one.name;
}

}  // namespace
}  // namespace weir::policies
