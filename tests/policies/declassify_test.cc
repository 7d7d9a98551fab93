#include "policies/declassify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "policies/check.h"
#include "policies/decision.h"
#include "policies/lint.h"
#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

constexpr char kStg[] = "select id, ssn as x, email from \"shop\".\"raw\".\"people\"";
constexpr char kDim[] = "select 1 as id, count(distinct email) as s, max(x) as country from \"shop\".\"main\".\"stg\"";

std::string PolicyOf(const std::string& more, const std::string& code, const std::string& expires = "2027-06-30") {
  return "version: 1\n"
         "inherit: lineage\n"
         "classes:\n"
         "  pii.ssn: {meta: {contains: [ssn]}}\n"
         "  pii.email: {name: '^email$', tags: [mail]}\n"
         "  public: {permissive: true, columns: [dim.id, dim.s, dim.country, low.s]}\n"
         "subjects: {customer: {dim: id, low: id}}\n"
         "roles: {marketer: {groups: [growth]}}\n"
         "destinations: {crm: {origin: 'https://crm.example', readers: [marketer], trust: external}}\n"
         "declassify:\n"
         "  - {columns: [dim.s], class: pii.email, code: '" + code + "', reason: a count, approver: dpo@acme.com, expires: " +
         expires + "}\n"
         "rules:\n"
         "  - {id: P002, give: public, to: any, as: unchanged}\n" + more;
}

class DeclassifyTest : public testing::Test {
 protected:
  // Of `column`: its form, and why.
  std::string Decided(const manifest::Project& project, Policy policy, const std::string& address) {
    policy.today = "2026-11-28";
    const std::size_t dot = address.find('.');
    const ColumnDecision decision = DecideColumn(policy, project, *project.FindModel(address.substr(0, dot)),
                                                 address.substr(dot + 1), *policy.FindDestination("crm"), "");
    return decision.transform.ToText() + ": " + decision.reason;
  }
  std::string Code(const manifest::Project& project) { return CodeDigest(project, *project.FindModel("dim")); }
  manifest::Project project_ = Chain(kStg, kDim);
};

TEST_F(DeclassifyTest, LiftsWhatExactlyThatColumnInherits) {
  if (!Trace(&project_)) GTEST_SKIP() << manifest::kNoDuckdb;
  const Policy policy = GoodPolicy(PolicyOf("", Code(project_)));
  EXPECT_EQ(Decided(project_, policy, "dim.s"),
            "unchanged: `public` (by address), given by P002; `pii.email` (by lineage from `stg.email` (by name), proven "
            "by SQL) is declassified by dpo@acme.com until 2027-06-30: a count");
  EXPECT_EQ(Decided(project_, policy, "dim.country").substr(0, 4), "deny") << "another column";
}

TEST_F(DeclassifyTest, DoesNotLift) {
  struct Case {
    std::string name, policy;
    std::function<void(manifest::Project*)> edit;
    std::string says;
  };
  const std::string good = Code(project_);
  const auto nothing = [](manifest::Project*) {};
  const std::vector<Case> cases = {
      {"a never", PolicyOf("  - {id: P001, never: pii, to: any}\n", good), nothing,
       "P001 never lets it leave, although it is declassified by dpo@acme.com"},
      {"a never with exceptions", PolicyOf("  - {id: P001, never: pii, to: any, except: [redact]}\n", good), nothing,
       "P001 never lets it leave"},
      {"another day", PolicyOf("", good, "2026-11-27"), nothing, "no rule gives it"},
      {"other SQL", PolicyOf("", good), [](auto* p) { p->nodes[0].compiled_code = "select 1 as id, max(email) as s from \"shop\".\"main\".\"stg\""; },
       "no rule gives it"},
      {"SQL that differs in a comment", PolicyOf("", good), [](auto* p) { p->nodes[0].compiled_code = p->nodes[0].compiled_code + " -- as before"; }, "no rule gives it"},
      {"SQL that nobody compiled", PolicyOf("", good), [](auto* p) { p->nodes[0].compiled_code = ""; }, "no rule gives it"},
      {"another class", PolicyOf("", good), [](auto* p) { p->nodes[1].compiled_code = "select id, 1 as x, ssn as email from \"shop\".\"raw\".\"people\""; },
       "`pii.ssn` (by lineage"},
      {"what the column says itself", PolicyOf("", good), [](auto* p) { p->nodes[0].columns[1] = Col("s", "", {"mail"}); },
       "`pii.email` (by tag `mail`), no rule gives it"},
      {"a model of two that are called so", PolicyOf("", good), [](auto* p) { p->nodes.push_back(p->nodes[0]); p->nodes.back().unique_id = "model.vendor.dim"; p->nodes.back().package = "vendor"; std::swap(p->nodes[1], p->nodes[2]); },
       ""},
  };
  for (const Case& one : cases) {
    manifest::Project project = project_;
    one.edit(&project);
    std::sort(project.nodes.begin(), project.nodes.end(), [](const auto& a, const auto& b) { return a.unique_id < b.unique_id; });
    if (!Trace(&project)) GTEST_SKIP() << manifest::kNoDuckdb;
    const Policy policy = GoodPolicy(one.policy);
    if (one.says.empty()) {
      EXPECT_EQ(FindDeclassification(policy, project, project.nodes[0], "s", "pii.email"), nullptr) << one.name;
      continue;
    }
    const std::string decided = Decided(project, policy, "dim.s");
    EXPECT_EQ(decided.substr(0, 4), "deny") << one.name << "\n" << decided;
    EXPECT_NE(decided.find(one.says), std::string::npos) << one.name << "\n" << decided;
  }
}

// Models below have of it what the declassified column has.
TEST_F(DeclassifyTest, HoldsForThoseBelow) {
  manifest::Node low = Model("low", {Col("id"), Col("s")}, {"model.shop.dim"});
  low.compiled_code = "select id, s from shop.main.dim";
  project_.nodes.push_back(low);
  std::swap(project_.nodes[1], project_.nodes[2]);
  if (!Trace(&project_)) GTEST_SKIP() << manifest::kNoDuckdb;
  const Policy policy = GoodPolicy(PolicyOf("", Code(project_)));
  EXPECT_EQ(Decided(project_, policy, "low.s").substr(0, 9), "unchanged") << Decided(project_, policy, "low.s");

  // But not what reaches them by another way.
  project_.nodes[1].depends_on.push_back("model.shop.stg");
  project_.nodes[1].compiled_code = "select d.id, s.email as s from shop.main.dim d join shop.main.stg s on d.id = s.id";
  ASSERT_TRUE(Trace(&project_));
  EXPECT_EQ(Decided(project_, policy, "low.s").substr(0, 4), "deny");
}

TEST_F(DeclassifyTest, TheDigestIsTheSameInEverySchema) {
  const std::string before = Code(project_);
  EXPECT_EQ(before.size(), 71u);
  project_.nodes[1].relation_name = "\"ci\".\"pr_7\".\"stg\"";
  project_.nodes[0].compiled_code = "select 1 as id, count(distinct email) as s, max(x) as country from \"ci\".\"pr_7\".\"stg\"";
  EXPECT_EQ(Code(project_), before);
  project_.nodes[0].compiled_code = "select 1 as id, count(distinct email) as s, max(x) as country from \"ci\".\"pr_8\".\"stg\"";
  EXPECT_NE(Code(project_), before) << "another table";
  project_.nodes[0].compiled_code = "";
  EXPECT_EQ(Code(project_), "");
}

TEST_F(DeclassifyTest, TheCheckNamesWhatLiftsNothing) {
  if (!Trace(&project_)) GTEST_SKIP() << manifest::kNoDuckdb;
  const std::string good = Code(project_), other = "sha256:" + std::string(64, '0');
  const auto finding = [&](const std::string& text, const std::string& today) {
    Policy policy = GoodPolicy(text);
    policy.today = today;
    const std::vector<SyncSpec> none;
    const CheckReport report = Check({&policy, &project_, &none}, nullptr);
    std::string out;
    for (const Finding& one : report.findings) {
      if (one.rule.starts_with("declassify")) out += one.rule + (one.level == FindingLevel::kError ? " error " : " warning ") + one.message;
    }
    return out;
  };
  const std::string what = "the declassification of `dim.s` as no longer `pii.email` ";
  EXPECT_EQ(finding(PolicyOf("", good), "2026-11-28"), "");
  EXPECT_EQ(finding(PolicyOf("", good), "2027-07-01"),
            "declassify-expired error " + what + "expired on 2027-06-30; have it approved anew, or remove it");
  EXPECT_EQ(finding(PolicyOf("", other), "2026-11-28"),
            "declassify-stale error " + what + "is void: the SQL of `dim` is another; look at it anew, and write `code: " + good +
                "` if it still holds");
  project_.nodes[0].compiled_code = "";
  EXPECT_EQ(finding(PolicyOf("", good), "2026-11-28"),
            "declassify-stale error " + what + "is void: the compiled SQL of `dim` is not in the manifest; run `dbt compile`");
  project_ = Chain(kStg, "select 1 as s from \"shop\".\"main\".\"stg\"");
  ASSERT_TRUE(Trace(&project_));
  EXPECT_EQ(finding(PolicyOf("", Code(project_)), "2026-11-28"),
            "declassify-unused warning " + what + "lifts nothing: the column does not inherit that class, or says itself that it has it");
}

TEST_F(DeclassifyTest, LintNamesWhatLiftsNothingOrEndsSoon) {
  if (!Trace(&project_)) GTEST_SKIP() << manifest::kNoDuckdb;
  const std::string good = Code(project_), other = "sha256:" + std::string(64, '0');
  const auto renamed = [&](const std::string& address) {
    std::string text = PolicyOf("", good);
    text.replace(text.find("columns: [dim.s], class"), 16, "columns: [" + address + "]");
    return text;
  };
  const std::string item = "the declassification of `dim.s` as no longer `pii.email` ";
  const struct {
    const char* name;
    std::string policy, today, found;
  } cases[] = {
      {"in use", PolicyOf("", good), "2027-05-30", ""},
      {"30 days", PolicyOf("", good), "2027-05-31",
       "11:5 declassify-expiring: " + item + "expires on 2027-06-30, in 30 days; look at its SQL anew, and have it approved, or remove it\n"},
      {"the last day", PolicyOf("", good), "2027-06-30",
       "11:5 declassify-expiring: " + item + "expires on 2027-06-30, today; look at its SQL anew, and have it approved, or remove it\n"},
      {"past", PolicyOf("", good), "2027-07-01",
       "11:5 declassify-expired: " + item + "expired on 2027-06-30; have it approved anew, or remove it\n"},
      {"other SQL", PolicyOf("", other), "2026-11-28",
       "11:5 declassify-stale: " + item + "is void: the SQL of `dim` is another; look at it anew, and write `code: " + good +
           "` if it still holds\n"},
      {"a column that is gone", renamed("dim.gone"), "2026-11-28",
       "11:5 declassify-unused: the declassification of `dim.gone` as no longer `pii.email` lifts nothing: the model has no such "
       "column; correct or remove it\n"},
      {"a model that is gone", renamed("gone.s"), "2026-11-28",
       "11:5 declassify-unused: the declassification of `gone.s` as no longer `pii.email` lifts nothing: the project has no single "
       "model of that name; correct or remove it\n"},
      {"a class that it does not inherit", renamed("dim.id"), "2026-11-28",
       "11:5 declassify-unused: the declassification of `dim.id` as no longer `pii.email` lifts nothing: the column does not inherit "
       "that class, or says itself that it has it\n"},
  };
  for (const auto& one : cases) {
    Policy policy = GoodPolicy(one.policy);
    policy.today = one.today;
    std::string found;
    for (const LintFinding& finding : LintPolicy(policy, project_, {}, std::chrono::sys_days(std::chrono::year(2026) / 11 / 28))) {
      if (!finding.id.starts_with("declassify")) continue;
      found += std::to_string(finding.at.position.line) + ":" + std::to_string(finding.at.position.column) + " " +
               std::string(finding.id) + ": " + finding.message + "\n";
    }
    EXPECT_EQ(found, one.found) << one.name;
  }
}

}  // namespace
}  // namespace weir::policies
