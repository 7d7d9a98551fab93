#include "policies/check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "policies/report.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {
namespace {

constexpr char kPolicy[] =
    "version: 1\n"
    "classes: {pii.email: {name: email}, pii.phone: {name: phone}, key: {permissive: true, columns: [dim.id, "
    "dim.deleted_at]}}\n"
    "subjects: {customer: {dim: id}}\n"
    "roles: {marketer: {}}\n"
    "destinations: {crm: {origin: 'file:', readers: [marketer], trust: external}}\n"
    "rules: [{id: K1, give: key, to: any, as: unchanged}, {id: P1, give: pii.email, to: any, as: hash}]\n";

manifest::Project Shop(const std::string& columns) {
  manifest::Project project;
  project.nodes = {Model("dim", {Col("id"), Col("email"), Col("phone")})};
  project.tests = {GenericTest("unique", "dim", "id")};
  project.exposures = {
      ExposureOf("crm_contacts", "{destination: crm, match: id, columns: " + columns + "}", {"dim"})};
  Close(&project);
  return project;
}

TEST(CheckTest, WithoutABaseEverythingIsNew) {
  const Policy policy = GoodPolicy(kPolicy);
  const manifest::Project project = Shop("{email: email, phone: phone, source: {constant: warehouse}}");
  const auto syncs = GoodSyncs(project);
  const CheckReport report = Check({&policy, &project, &syncs}, nullptr);
  EXPECT_EQ(RenderText(report, false),
            "What would leave\n"
            "\n"
            "  exposure:crm_contacts -> crm\n"
            "    dim.email -> email  hash       `pii.email` (by name), given by P1  models/exposures.yml:1\n"
            "    dim.id -> id        unchanged  `key` (by address), given by K1  models/exposures.yml:1\n"
            "    dim.phone -> phone  DENIED     `pii.phone` (by name), no rule gives it  models/exposures.yml:1\n"
            "    constant -> source  constant   the same for every row  models/exposures.yml:1\n"
            "\n"
            "Findings\n"
            "  error    column-denied  exposure:crm_contacts\n"
            "           column `phone` may not leave to `crm`: `pii.phone` (by name), no rule gives it\n"
            "           at models/exposures.yml:1\n" +
                std::string("  warning  policy-unmatched  policy\n"
                            "           class `key` names column `deleted_at`, which model `dim` does not "
                            "document\n           at ") +
                report.findings.back().path +
                ":2\n"
                "\n"
                "1 sync, 1 error, 1 warning\n");
}

// Decided and shown as it is, and told: nothing weaker will leave in its place.
TEST(CheckTest, AFormThatCannotBeMadeRefusesTheSync) {
  std::string text = kPolicy;
  text.replace(text.find("as: hash"), 8, "as: {tokenize: {method: siv}}");
  const Policy policy = GoodPolicy(text);
  const manifest::Project project = Shop("{email: email}");
  const auto syncs = GoodSyncs(project);
  const CheckReport report = Check({&policy, &project, &syncs}, nullptr);
  ASSERT_FALSE(report.egress.empty());
  EXPECT_EQ(report.egress.front().transform, "tokenize: {method: siv}");
  EXPECT_EQ(std::count_if(report.findings.begin(), report.findings.end(),
                          [](const Finding& finding) {
                            return finding.rule == "sync-refused" && finding.column == "dim.email" &&
                                   finding.message ==
                                       "column `email` would leave as `tokenize: {method: siv}`, which this version of "
                                       "weir decides and cannot run; nothing stands in for it: take the column out of "
                                       "the sync, or have it given in another form";
                          }),
            1);
}

TEST(CheckTest, ComparesWithABase) {
  const Policy policy = GoodPolicy(kPolicy);
  manifest::Project base = Shop("{email: email, phone: phone}");
  manifest::Project head = Shop("{email: contact, phone: phone}");
  head.tests[0].severity = "warn";
  const auto base_syncs = GoodSyncs(base), head_syncs = GoodSyncs(head);
  const CheckSide before{&policy, &base, &base_syncs};
  const CheckReport report = Check({&policy, &head, &head_syncs}, &before);
  std::string egress, findings;
  for (const EgressRow& row : report.egress)
    egress += std::string(Name(row.change)) + " " + row.column + " " + row.field + " " + row.before + " " +
              row.transform + "\n";
  for (const Finding& finding : report.findings)
    findings += std::string(Name(finding.status)) + " " + finding.rule + ": " + finding.message + "\n";
  EXPECT_EQ(egress,
            "added dim.email contact  hash\n"
            "removed dim.email email hash \n"
            "same dim.id id unchanged unchanged\n"
            "same dim.phone phone denied denied\n");
  EXPECT_EQ(findings,
            "new gate-weakened: test `unique_dim_id` is downgraded to warn: the gate of `crm_contacts` weakens\n"
            "existing column-denied: column `phone` may not leave to `crm`: `pii.phone` (by name), no rule "
            "gives it\n"
            "existing policy-unmatched: class `key` names column `deleted_at`, which model `dim` does not "
            "document\n");
  const CheckReport fixed = Check(before, &before);
  EXPECT_EQ(fixed.Count(FindingStatus::kNew, FindingLevel::kError), 0u);
}

TEST(CheckTest, AFixedFindingStaysVisible) {
  const Policy policy = GoodPolicy(kPolicy);
  const manifest::Project base = Shop("[email, phone]"), head = Shop("[email]");
  const auto base_syncs = GoodSyncs(base), head_syncs = GoodSyncs(head);
  const CheckSide before{&policy, &base, &base_syncs};
  const CheckReport report = Check({&policy, &head, &head_syncs}, &before);
  EXPECT_EQ(report.Count(FindingStatus::kFixed, FindingLevel::kError), 1u);
  const std::string text = RenderText(report, false);
  EXPECT_NE(text.find("  - dim.phone -> phone  not sent   was: denied; no longer sent; what was sent stays at `crm`  models/exposures.yml:1\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("1 sync, 0 errors, 1 warning (0 new, 1 existing, 1 fixed)\n"), std::string::npos)
      << text;
}

TEST(CheckTest, FingerprintsHoldNoMessageAndNoOrder) {
  const Policy policy = GoodPolicy(kPolicy);
  std::string other = kPolicy;
  other.replace(other.find("name: phone"), 11, "name: '(?i)phone'");
  const Policy renamed = GoodPolicy(other);
  const manifest::Project project = Shop("[phone, email]");
  const auto syncs = GoodSyncs(project);
  const auto of = [&](const Policy& one) {
    return Check({&one, &project, &syncs}, nullptr).findings[0].fingerprint;
  };
  EXPECT_EQ(of(policy), of(renamed));
  EXPECT_EQ(of(policy).size(), 16u);
}

TEST(CheckTest, DashboardsHaveOwnersToo) {
  const Policy policy =
      GoodPolicy(std::string(kPolicy) +
                 "require: [{id: Q1, select: 'exposure:*', for: exposure, owner: {email: '@acme'}}]\n");
  manifest::Project project = Shop("[email]");
  manifest::Exposure board = ExposureOf("board", "", {"dim"});
  board.owner.emails = {"somebody@example.org"};
  project.exposures.push_back(board);
  Close(&project);
  const auto syncs = GoodSyncs(project);
  const CheckReport report = Check({&policy, &project, &syncs}, nullptr);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].rule, "Q1");
  EXPECT_EQ(report.findings[0].target, "exposure:board");
  EXPECT_EQ(report.findings[0].message,
            "exposure `board` has no owner whose email matches `@acme`; set `owner: {email: ...}`");
}

TEST(CheckTest, Json) {
  const Policy policy = GoodPolicy(kPolicy);
  const manifest::Project project = Shop("[phone]");
  const auto syncs = GoodSyncs(project);
  CheckReport report = Check({&policy, &project, &syncs}, nullptr);
  std::erase_if(report.findings, [](const Finding& finding) { return finding.rule == "policy-unmatched"; });
  std::erase_if(report.findings, [](const Finding& finding) { return finding.rule == "sync-refused"; });
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(RenderJson(report, 1),
            "{\"document\":\"weir.check\",\"version\":1,\"has_base\":false,\"syncs\":1,\"counts\":{\"new\":{\"error\":1,\"warning\":0},"
            "\"existing\":{\"error\":0,"
            "\"warning\":0},\"fixed\":{\"error\":0,\"warning\":0},\"suppressed\":0},\"findings\":[{\"rule\":\"column-denied\","
            "\"status\":\"new\",\"level\":"
            "\"error\",\"target\":\"exposure:crm_contacts\",\"column\":\"dim.phone\",\"destination\":\"crm\","
            "\"message\":\"column `phone` may "
            "not leave to `crm`: `pii.phone` (by name), no rule gives "
            "it\",\"path\":\"models/exposures.yml\",\"line\":1,\"line_column\":0,\"why\":null,\"suppressed_by\":null,\"suppression\":null,\"fingerprint\":\"" +
                report.findings[0].fingerprint +
                "\"}],\"egress\":[{\"change\":\"added\",\"target\":\"exposure:crm_contacts\",\"column\":"
                "\"dim.id\",\"field\":\"id\","
                "\"destination\":\"crm\",\"purpose\":null,\"before\":null,\"after\":\"unchanged\",\"denied\":"
                "false,\"rule\":[\"K1\"],"
                "\"reason\":\"`key` (by address), given by "
                "K1\",\"path\":\"models/exposures.yml\",\"line\":1},{\"change\":\"added\","
                "\"target\":\"exposure:crm_contacts\",\"column\":\"dim.phone\",\"field\":\"phone\","
                "\"destination\":\"crm\",\"purpose\":null,"
                "\"before\":null,\"after\":\"denied\",\"denied\":true,\"rule\":[],\"reason\":\"`pii.phone` "
                "(by name), no rule gives "
                "it\",\"path\":\"models/exposures.yml\",\"line\":1}],\"exit_status\":1}\n");
}

}  // namespace
}  // namespace weir::policies
