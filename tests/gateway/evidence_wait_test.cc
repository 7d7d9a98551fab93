#include "gateway/evidence_wait.h"

#include "tests/audit/test_clock.h"
#include "tests/gateway/sync_history.h"

namespace weir::gateway {
namespace {

constexpr char kWaits[] = "\n  - {id: Q2, select: '*', fresh: {max_age: 6h, wait: 30m}}\n";

// A project that nobody has built yet, and a policy that waits half an hour for it.
class EvidenceWait : public SyncHistories {
 protected:
  void SetUp() override {
    SyncHistories::SetUp();
    Write("policy.yml", kPolicy + std::string(kWaits));
    std::filesystem::remove(folder_.root() + "/target/run_results.json");
    workspace_ = Read();
  }

  Workspace Read() const {
    Workspace out;
    out.config = workspace_.config;
    manifest::Diagnostics diagnostics;
    out.policy = policies::ReadPolicy(folder_.root() + "/policy.yml", &diagnostics).value_or(policies::Policy{});
    EXPECT_EQ(diagnostics.Render(), "");
    out.artifacts = manifest::ReadArtifacts(folder_.root() + "/target");
    out.syncs = policies::ReadSyncs(out.artifacts.project, nullptr, "", &diagnostics);
    return out;
  }

  // `happens`: called at each look with the seconds that are left.
  WaitResult Wait(const std::function<void(std::int64_t)>& happens) {
    WaitWorld world{test_clock_, stop_, [&] { return LookAtArtifacts(folder_.root() + "/target"); },
                    [&]() -> std::optional<Workspace> {
                      ++reads_;
                      if (broken_) return std::nullopt;
                      return Read();
                    },
                    [&](std::chrono::seconds left) { happens(left.count()); }};
    return WaitForEvidence(workspace_, "exposure:crm", test_clock_.Monotonic(), world);
  }
  std::int64_t Passed() const {
    return std::chrono::duration_cast<std::chrono::seconds>(test_clock_.Monotonic().time_since_epoch()).count();
  }

  audit::TestClock test_clock_;
  std::atomic<bool> stop_ = false;
  int reads_ = 0;
  bool broken_ = false;
};

TEST_F(EvidenceWait, WaitsForNothingWhenTheGateIsOpen) {
  Write("target/run_results.json", RunResults());
  workspace_ = Read();
  EXPECT_FALSE(WaitOf(workspace_, workspace_.syncs[0], test_clock_.Now()));
  const WaitResult result = Wait([](std::int64_t) { ADD_FAILURE() << "it waits"; });
  EXPECT_EQ(result.end, WaitEnd::kArrived);
  EXPECT_FALSE(result.workspace);
}

TEST_F(EvidenceWait, GoesOnWhenEvidenceArrives) {
  EXPECT_EQ(WaitOf(workspace_, workspace_.syncs[0], test_clock_.Now()), std::chrono::minutes(30));
  const WaitResult result = Wait([&](std::int64_t left) {
    if (left == 1200) Write("target/run_results.json", RunResults());
  });
  EXPECT_EQ(result.end, WaitEnd::kArrived);
  EXPECT_EQ(Passed(), 610);
  EXPECT_EQ(reads_, 2) << "once at the first look, once when dbt has written";
  ASSERT_TRUE(result.workspace);
  EXPECT_TRUE(policies::EvaluateGate(result.workspace->policy, result.workspace->artifacts,
                                     policies::Decide(result.workspace->policy, result.workspace->artifacts.project,
                                                      result.workspace->syncs[0]),
                                     test_clock_.Now())
                  .open);
}

TEST_F(EvidenceWait, EndsWhenTheTimeIsOver) {
  std::int64_t last = 0;
  const WaitResult result = Wait([&](std::int64_t left) { last = left; });
  EXPECT_EQ(result.end, WaitEnd::kTimedOut);
  EXPECT_EQ(Passed(), 1800);
  EXPECT_EQ(last, 10);
}

TEST_F(EvidenceWait, EndsAtASignal) {
  const WaitResult result = Wait([&](std::int64_t left) { stop_ = left <= 1000; });
  EXPECT_EQ(result.end, WaitEnd::kStopped);
  EXPECT_EQ(Passed(), 800);
}

TEST_F(EvidenceWait, LooksAgainAtAHalfWrittenArtifact) {
  const WaitResult result = Wait([&](std::int64_t left) {
    if (left == 1700) Write("target/run_results.json", RunResults().substr(0, 90));
    if (left == 1600) Write("target/run_results.json", RunResults());
  });
  EXPECT_EQ(result.end, WaitEnd::kArrived);
  EXPECT_EQ(Passed(), 210);
  ASSERT_TRUE(result.workspace);
  EXPECT_TRUE(result.workspace->artifacts.run_results);
}

TEST_F(EvidenceWait, AFailedBuildIsEvidence) {
  std::string failed = RunResults();
  failed.replace(failed.find("success"), 7, "error");
  const WaitResult result = Wait([&](std::int64_t left) {
    if (left == 1700) Write("target/run_results.json", failed);
  });
  EXPECT_EQ(result.end, WaitEnd::kArrived) << "the run says that it is held, at once";
  EXPECT_EQ(Passed(), 110);
}

TEST_F(EvidenceWait, EndsWhenThePolicyIsBrokenMeanwhile) {
  const WaitResult result = Wait([&](std::int64_t left) {
    broken_ = left <= 1500;
    if (left == 1500) Write("target/run_results.json", RunResults());
  });
  EXPECT_EQ(result.end, WaitEnd::kBroken);
}

TEST_F(EvidenceWait, AnotherPolicyCountsFromThen) {
  const WaitResult result = Wait([&](std::int64_t left) {
    if (left != 1500) return;
    std::string shorter = kPolicy + std::string(kWaits);
    shorter.replace(shorter.find("30m"), 3, "6m");
    Write("policy.yml", shorter);
    Write("target/manifest.json", Manifest() + "\n");
  });
  EXPECT_EQ(result.end, WaitEnd::kTimedOut);
  EXPECT_EQ(Passed(), 360);
}

}  // namespace
}  // namespace weir::gateway
