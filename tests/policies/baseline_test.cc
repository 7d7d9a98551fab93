#include "policies/baseline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::policies {
namespace {

Finding Named(const std::string& rule, const std::string& fingerprint) {
  Finding finding;
  finding.rule = rule;
  finding.fingerprint = fingerprint;
  finding.target = "exposure:contacts";
  return finding;
}

std::vector<std::string> Statuses(const CheckReport& report) {
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) out.push_back(std::string(Name(finding.status)) + " " + finding.rule);
  return out;
}

TEST(Baseline, WhatIsInItExistsAndWhatIsGoneIsFixed) {
  CheckReport then;
  then.findings = {Named("a", "1111"), Named("b", "2222"), Named("base-untrusted", "3333")};
  then.findings[1].column = "dim.\"email\"";
  const std::string text = RenderBaseline(then);
  EXPECT_EQ(text,
            "{\"document\":\"weir.baseline\",\"version\":1,\"findings\":[\n"
            "{\"fingerprint\":\"1111\",\"rule\":\"a\",\"target\":\"exposure:contacts\"},\n"
            "{\"fingerprint\":\"2222\",\"rule\":\"b\",\"target\":\"exposure:contacts\",\"column\":\"dim.\\\"email\\\"\"}\n"
            "]}\n");
  CheckReport today;
  today.findings = {Named("b", "2222"), Named("c", "4444"), Named("base-untrusted", "3333")};
  manifest::Diagnostics diagnostics;
  ASSERT_TRUE(ApplyBaseline(text, "baseline.json", &today, &diagnostics));
  EXPECT_EQ(Statuses(today), std::vector<std::string>({"new base-untrusted", "new c", "existing b", "fixed a"}));
  EXPECT_EQ(today.findings[3].path, "baseline.json");
  EXPECT_EQ(RenderBaseline(CheckReport{}), "{\"document\":\"weir.baseline\",\"version\":1,\"findings\":[\n]}\n");
}

TEST(Baseline, WhoseRuleSpeaksOfOnePullRequestExcusesNothing) {
  for (const char* rule : {"base-untrusted", "policy-changed", "policy-loosened", "gate-weakened", "class-lost"}) {
    CheckReport report;
    report.findings = {Named(rule, "1111")};
    manifest::Diagnostics diagnostics;
    ASSERT_TRUE(ApplyBaseline("{document: weir.baseline, version: 1, findings: [{fingerprint: '1111', rule: x, target: y}]}", "b", &report,
                              &diagnostics));
    EXPECT_EQ(report.findings[0].status, FindingStatus::kNew) << rule;
  }
}

TEST(Baseline, BadOnes) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "b.json: error: the baseline must be a map, not null [W-CHK-001]"},
      {"[1]", "b.json:1:1: error: the baseline must be a map, not a list [W-CHK-001]"},
      {"{document: weir.check, version: 1, findings: []}", "b.json:1:12: error: `document` must be `weir.baseline` [W-CHK-001]"},
      {"{document: weir.baseline, version: 2, findings: []}",
       "b.json:1:36: error: this version of Weir reads baselines of version 1 [W-CHK-001]"},
      {"{document: weir.baseline, version: 1, findings: 3}", "b.json:1:49: error: `findings` must be a list [W-CHK-001]"},
      {"{document: weir.baseline, version: 1, findings: [{rule: a, target: b}]}",
       "b.json:1:50: error: a finding of the baseline needs `fingerprint` [W-CHK-001]"},
  };
  for (const auto& [text, message] : kCases) {
    CheckReport report;
    report.findings = {Named("a", "1")};
    manifest::Diagnostics diagnostics;
    EXPECT_FALSE(ApplyBaseline(text, "b.json", &report, &diagnostics)) << text;
    EXPECT_NE(diagnostics.Render().find(message), std::string::npos) << diagnostics.Render();
    EXPECT_EQ(Statuses(report), std::vector<std::string>({"new a"})) << text;
  }
}

}  // namespace
}  // namespace weir::policies
