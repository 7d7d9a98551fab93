#include <gtest/gtest.h>

#include <fstream>

#include "manifest/evidence.h"
#include "policies/check.h"
#include "policies/explain.h"
#include "policies/lint.h"
#include "policies/policy_tests.h"
#include "policies/validate.h"
#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

// The whole policy that policies/README.md writes step by step, over the example project: what the page says of it is true.
class DocumentExampleTest : public testing::Test {
 protected:
  void SetUp() override {
    policy_text_ = Snippet("# policies/policy.yml\n");
    policy_ = GoodPolicy(policy_text_);
    policy_.today = "2026-11-22";
    project_ = manifest::ReadProject(std::string(WEIR_SOURCE_DIR) + "/examples/shop/target/manifest.json");
    syncs_ = GoodSyncs(project_);
    if (!Trace(&project_)) GTEST_SKIP() << manifest::kNoDuckdb;
  }

  // The YAML of the page that begins with `first`.
  static std::string Snippet(const std::string& first) {
    std::ifstream stream(std::string(WEIR_SOURCE_DIR) + "/policies/README.md");
    const std::string page{std::istreambuf_iterator<char>(stream), {}};
    const std::string fence = "```yaml\n";
    const std::size_t begin = page.find(fence + first);
    EXPECT_NE(begin, std::string::npos) << first;
    if (begin == std::string::npos) return {};
    return page.substr(begin + fence.size(), page.find("```\n", begin + fence.size()) - begin - fence.size());
  }

  void ExpectPassed(const PolicyTestReport& report) const {
    for (const TestResult& result : report.results) {
      EXPECT_TRUE(result.passed()) << result.test->name << ": " << (result.failures.empty() ? "" : result.failures.front());
    }
  }

  ColumnDecision To(const std::string& destination, const std::string& purpose, const std::string& address) const {
    const std::size_t dot = address.find('.');
    return DecideColumn(policy_, project_, *project_.FindModel(address.substr(0, dot)), address.substr(dot + 1),
                        *policy_.FindDestination(destination), purpose);
  }

  std::string policy_text_;
  Policy policy_;
  manifest::Project project_;
  std::vector<SyncSpec> syncs_;
};

TEST_F(DocumentExampleTest, DecidesAsThePageSays) {
  const struct {
    const char* column;
    const char* crm;
    const char* helpdesk;
    std::vector<std::string> by;  // of the CRM
  } cases[] = {
      {"dim_customers.ssn", "deny", "deny", {"P001"}},
      {"dim_customers.email", "hash: {normalize: email@1}", "mask: {keep: domain}", {"P010"}},
      {"dim_customers.phone", "deny", "deny", {}},
      {"dim_customers.first_name", "deny", "deny", {}},
      {"dim_customers.zip", "generalize: {zip: {digits: 3}}", "deny", {"P013"}},
      {"dim_customers.birth_date", "generalize: {date: year}", "deny", {"P012"}},
      {"dim_customers.country", "unchanged", "unchanged", {"P030"}},
      {"dim_customers.orders_count", "unchanged", "unchanged", {"P030"}},
      {"fct_tickets.body", "deny", "redact", {"P002"}},
      {"dim_customers.marketing_consent", "deny", "deny", {}},
  };
  for (const auto& one : cases) {
    const ColumnDecision crm = To("crm", "campaign", one.column);
    EXPECT_EQ(crm.transform.ToText(), one.crm) << one.column << "\n" << ExplainText(crm);
    EXPECT_EQ(crm.rules, one.by) << one.column << "\n" << ExplainText(crm);
    const ColumnDecision helpdesk = To("helpdesk", "support", one.column);
    EXPECT_EQ(helpdesk.transform.ToText(), one.helpdesk) << one.column << "\n" << ExplainText(helpdesk);
  }
}

TEST_F(DocumentExampleTest, SendsTheRowsThatThePageSays) {
  for (const SyncSpec& sync : syncs_) {
    const SyncDecision decision = Decide(policy_, project_, sync);
    EXPECT_EQ(decision.refusals, std::vector<std::string>{}) << sync.id;
    std::string filters;
    for (const RowPredicate& filter : decision.row_filters) filters += filter.ToText();
    EXPECT_EQ(filters, sync.name == "crm_contacts"
                           ? "{all: [{marketing_consent: 'true'}, {country: {in: ['DE', 'FR']}}]}"
                           : "");
  }
}

TEST_F(DocumentExampleTest, IsTestedToTheLastRuleAndClean) {
  const PolicyTestReport report = RunPolicyTests(policy_, project_, syncs_);
  ExpectPassed(report);
  for (const Uncovered& one : report.uncovered) ADD_FAILURE() << one.id << " is untested";
  const auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  for (const LintFinding& one : LintPolicy(policy_, project_, syncs_, now)) ADD_FAILURE() << one.id << ": " << one.message;
  manifest::Diagnostics diagnostics;
  ValidateAgainst(policy_, project_, &diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
}

TEST_F(DocumentExampleTest, HasTestsOfItsOwnElsewhereOnThePage) {
  Policy policy = GoodPolicy({policy_text_, Snippet("version: 1\ntests:\n")});
  policy.today = policy_.today;
  EXPECT_EQ(policy.tests.size(), policy_.tests.size() + 4);
  ExpectPassed(RunPolicyTests(policy, project_, syncs_));
}

// Columns that are mapped and that nothing gives; what Q003 observes is no error, what is waived neither.
TEST_F(DocumentExampleTest, IsCheckedAsExpected) {
  CheckSide side{&policy_, &project_, &syncs_};
  side.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  std::string errors;
  for (const Finding& finding : Check(side, nullptr).findings) {
    if (finding.level != FindingLevel::kError || !finding.suppressed_by.empty()) continue;
    errors += finding.rule + " " + finding.target + " " + finding.column + "\n";
  }
  EXPECT_EQ(errors,
            "column-denied exposure:crm_contacts dim_customers.first_name\n"
            "column-denied exposure:crm_contacts dim_customers.phone\n");
}

}  // namespace
}  // namespace weir::policies
