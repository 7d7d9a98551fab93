#include <gtest/gtest.h>

#include "manifest/evidence.h"
#include "policies/check.h"
#include "policies/gate.h"
#include "policies/validate.h"
#include "tests/policies/lineage_samples.h"

namespace weir::policies {
namespace {

// The example project, as real dbt wrote it.
class ShopTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string shop = std::string(WEIR_SOURCE_DIR) + "/examples/shop";
    artifacts_ = manifest::ReadArtifacts(shop + "/target");
    policy_ = ReadPolicy(shop + "/policies", &diagnostics_);
    ASSERT_TRUE(policy_) << diagnostics_.Render();
    syncs_ = ReadSyncs(artifacts_.project, nullptr, "weir.yml", &diagnostics_);
    ValidateAgainst(*policy_, artifacts_.project, &diagnostics_);
    ASSERT_EQ(diagnostics_.Render(), "");
    policy_->today = "2026-11-30";
    if (!Trace(&artifacts_.project)) GTEST_SKIP() << manifest::kNoDuckdb;
  }

  manifest::Artifacts artifacts_;
  manifest::Diagnostics diagnostics_;
  std::optional<Policy> policy_;
  std::vector<SyncSpec> syncs_;
};

TEST_F(ShopTest, EverySyncMayRun) {
  ASSERT_FALSE(syncs_.empty());
  for (const SyncSpec& sync : syncs_) {
    const SyncDecision decision = Decide(*policy_, artifacts_.project, sync);
    EXPECT_EQ(decision.refusals, std::vector<std::string>{}) << sync.id;
    const manifest::BuildEvidence build = manifest::BuildOf(artifacts_, *decision.model);
    EXPECT_TRUE(build.succeeded) << build.reason;
    const GateVerdict gate =
        EvaluateGate(*policy_, artifacts_, decision, audit::Time{} + std::chrono::hours(24 * 365 * 56));
    for (const GateReason& reason : gate.reasons) {
      EXPECT_FALSE(reason.holds && reason.code < "W-GATE-007")
          << sync.id << ": " << reason.code << " " << reason.text;
    }
  }
}

TEST_F(ShopTest, NoSsnLeavesInAnyForm) {
  const CheckReport report = Check({&*policy_, &artifacts_.project, &syncs_}, nullptr);
  for (const EgressRow& row : report.egress) {
    const bool secret = row.column.ends_with(".ssn") || row.column.ends_with(".card_number");
    EXPECT_TRUE(!secret || row.denied) << row.target;
  }
}

}  // namespace
}  // namespace weir::policies
