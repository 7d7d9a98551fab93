#include "policies/egress_register.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include "policies/report_egress.h"
#include "policies/report_ropa.h"
#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Digests and dates change with every build of the example; what leaves does not.
std::string Steady(std::string text) {
  text = std::regex_replace(text, std::regex("[0-9a-f]{64}"), "DIGEST");
  text = std::regex_replace(text, std::regex("policy (<code>)[0-9a-f]{16}"), "policy $1DIGEST");
  return std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.&#;]+Z"), "TIME");
}

class RegisterTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string shop = std::string(WEIR_SOURCE_DIR) + "/examples/shop";
    artifacts_ = manifest::ReadArtifacts(shop + "/target");
    policy_ = ReadPolicy(shop + "/policies", &diagnostics_);
    ASSERT_TRUE(policy_) << diagnostics_.Render();
    syncs_ = ReadSyncs(artifacts_.project, nullptr, "weir.yml", &diagnostics_);
    policy_->today = "2026-11-30";
    if (!Trace(&artifacts_.project)) GTEST_SKIP() << manifest::kNoDuckdb;
  }

  EgressRegister Make(const std::string& today = "2026-11-30") {
    return MakeRegister(*policy_, artifacts_.project, syncs_, today);
  }

  manifest::Artifacts artifacts_;
  manifest::Diagnostics diagnostics_;
  std::optional<Policy> policy_;
  std::vector<SyncSpec> syncs_;
};

// WEIR_UPDATE_GOLDENS=1 writes them anew; read the difference before committing it.
TEST_F(RegisterTest, ReportsOfTheShopAreThoseKept) {
  const EgressRegister egress = Make();
  const struct {
    const char* file;
    std::string text;
  } kReports[] = {
      {"ropa.md", RenderPageMarkdown(RopaPage(egress))},     {"ropa.html", RenderPageHtml(RopaPage(egress))},
      {"ropa.json", RopaJson(egress)},                       {"egress.md", RenderPageMarkdown(EgressPage(egress))},
      {"egress.html", RenderPageHtml(EgressPage(egress))}, {"egress.json", EgressJson(egress)},
  };
  for (const auto& report : kReports) {
    const std::string path = std::string(WEIR_SOURCE_DIR) + "/tests/goldens/report/" + report.file;
    if (std::getenv("WEIR_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << Steady(report.text);
    EXPECT_EQ(ReadFile(path), Steady(report.text)) << report.file;
  }
}

TEST_F(RegisterTest, SaysWhatIsNotKnownAndWhatHasEnded) {
  DestinationFacts& crm = *std::find_if(policy_->destinations.begin(), policy_->destinations.end(),
                                        [](const DestinationFacts& one) { return one.name == "crm"; });
  crm.legal_name.clear();
  crm.country.clear();
  crm.transfer_until = "2026-11-29";
  policy_->purposes.front().legal_basis.clear();
  const std::string text = RenderPageMarkdown(RopaPage(Make()));
  EXPECT_NE(text.find("**Country**: not stated in the policy"), std::string::npos) << text;
  EXPECT_NE(text.find("**Legal basis**: not stated in the policy"), std::string::npos);
  EXPECT_NE(text.find("until 2026-11-29 (ended: the gate holds every sync)"), std::string::npos);
  EXPECT_NE(text.find("**Retention**: unknown"), std::string::npos);
  crm.transfer_until = "2026-11-30";  // good through the day that it names
  EXPECT_EQ(RopaJson(Make()).find("\"ended\":true"), std::string::npos);
}

TEST_F(RegisterTest, WhatIsDeniedIsNoCategory) {
  std::erase_if(policy_->rules, [](const Rule& rule) { return rule.subject == "pii.name"; });
  const EgressRegister egress = Make();
  const auto crm = std::find_if(egress.entries.begin(), egress.entries.end(),
                                [](const RegisterEntry& entry) { return entry.destination_name == "crm"; });
  ASSERT_NE(crm, egress.entries.end());
  const std::string json = RopaJson(egress);
  EXPECT_EQ(json.find("\"class\":\"pii.name\",\"restrictive\":true,\"columns\":[\"dim_customers"), std::string::npos) << json;
  EXPECT_NE(json.find("\"denied\":[\"dim_customers.first_name\""), std::string::npos) << json;
}

TEST_F(RegisterTest, OneSideOnlyOfARegisterIsStillOne) {
  syncs_.clear();
  policy_->destinations.clear();
  artifacts_.project.exposures.clear();
  const EgressRegister egress = Make();
  EXPECT_NE(RenderPageMarkdown(RopaPage(egress)).find("the policy has no destination: nothing leaves"), std::string::npos);
  EXPECT_NE(RenderPageHtml(EgressPage(egress)).find("no exposure and no sync: nothing leaves"), std::string::npos);
}

// Whoever writes the dbt project chooses names and descriptions; who reads the report opens it in a browser.
TEST_F(RegisterTest, HostileNamesAreEscaped) {
  const std::string evil = "x`|</code></td><script>alert(1)</script><img src=//e onerror=x>@all [l](http://e)\n# h\x1b[31m\xE2\x80\xAE\"'";
  for (manifest::Exposure& exposure : artifacts_.project.exposures) {
    exposure.description = evil;
    exposure.owner.name = evil;
  }
  for (SyncSpec& sync : syncs_) {
    sync.id = evil + sync.id;
    for (SyncSpec::Mapped& mapped : sync.columns) mapped.field = evil;
  }
  for (DestinationFacts& destination : policy_->destinations) destination.legal_name = evil;
  const EgressRegister egress = Make();
  for (const ReportPage& page : {RopaPage(egress), EgressPage(egress)}) {
    const std::string html = RenderPageHtml(page);
    for (const char* forbidden : {"<script", "<img", "\x1b", "\xE2\x80\xAE", "\n# h", "x`|<"}) {
      EXPECT_EQ(html.find(forbidden), std::string::npos) << forbidden;
    }
    EXPECT_NE(html.find("Content-Security-Policy\" content=\"default-src 'none'"), std::string::npos);
    const std::string markdown = RenderPageMarkdown(page);
    for (const char* forbidden : {"<script", "<img", "</td>", "\x1b", "\n# h", "](http", "@all"}) {
      EXPECT_EQ(markdown.find(forbidden), std::string::npos) << forbidden;
    }
    for (std::size_t at = markdown.find("\n|"); at != std::string::npos; at = markdown.find("\n|", at + 1)) {
      const std::string row = markdown.substr(at + 1, markdown.find('\n', at + 1) - at - 1);
      EXPECT_TRUE(row.ends_with("|")) << row;
    }
  }
}

}  // namespace
}  // namespace weir::policies
