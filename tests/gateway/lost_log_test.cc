#include "tests/gateway/sync_history.h"

namespace weir::gateway {
namespace {

// A log that is not the one that the state knows: nothing is sent, and nobody signs a second history.
class LostLog : public SyncHistories {
 protected:
  void SetUp() override {
    SyncHistories::SetUp();
    ASSERT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
    table_[1].email = "b@x.example";
    table_[2] = {"c@x.example", true};
  }
  std::string At(const std::string& name) const { return folder_.root() + "/" + name; }
  void Copy(const std::string& from, const std::string& to) {
    std::filesystem::remove_all(At(to));
    std::filesystem::copy(At(from), At(to), std::filesystem::copy_options::recursive);
  }
  std::string LiveSegment() const {
    std::string last;
    for (const auto& entry : std::filesystem::directory_iterator(At("log/crm/segments"))) {
      last = std::max(last, entry.path().string());
    }
    return last;
  }
  std::string Checkpoint() const {
    return audit::RealFileSystem().ReadAll(At("log/crm/checkpoint"), 1 << 20).value_or("none");
  }
  void ExpectRefused(const std::string& code, const std::string& text) {
    const auto held = remote_.records;
    const std::string checkpoint = Checkpoint();
    for (int i = 0; i < 2; ++i) {
      const RunReport report = Sync(table_, Weather::kFair, 2);
      EXPECT_EQ(ExitStatus(report.status), 6);
      ASSERT_EQ(report.reasons.size(), 1u);
      EXPECT_EQ(report.reasons[0].code, code);
      EXPECT_NE(report.reasons[0].text.find(text), std::string::npos) << report.reasons[0].text;
      EXPECT_NE(report.reasons[0].text.find("from "), std::string::npos) << "no remedy: " << report.reasons[0].text;
    }
    EXPECT_EQ(remote_.records, held);
    EXPECT_EQ(Checkpoint(), checkpoint) << "another checkpoint was signed";
  }
  Table table_{{1, {"a@x.example", true}}};
};

TEST_F(LostLog, ItsCheckpointIsGone) {
  std::filesystem::remove(At("log/crm/checkpoint"));
  ExpectRefused("W-STATE-012", "has no checkpoint, but the state knows one of ");
}

TEST_F(LostLog, ItsCheckpointIsGoneAfterARunThatFoundNothingToSend) {
  table_[1].email = "a@x.example";
  table_.erase(2);
  ASSERT_EQ(Sync(table_, Weather::kFair, 1).counts.sent(), 0u);
  std::filesystem::remove(At("log/crm/checkpoint"));
  ExpectRefused("W-STATE-012", "has no checkpoint, but the state knows one of ");
}

TEST_F(LostLog, CheckpointAndTilesAreGoneAndTheSegmentsAreCut) {
  std::filesystem::remove(At("log/crm/checkpoint"));
  std::filesystem::remove_all(At("log/crm/tile"));
  std::filesystem::resize_file(LiveSegment(), std::filesystem::file_size(LiveSegment()) / 2);
  ExpectRefused("W-STATE-012", "has no checkpoint, but the state knows one of ");
}

TEST_F(LostLog, ThereIsNoneAtAll) {
  std::filesystem::remove_all(At("log"));
  ExpectRefused("W-STATE-012", "has no checkpoint, but the state knows one of ");
}

TEST_F(LostLog, AnOlderCopyLiesThere) {
  Copy("log", "older");
  table_[1].email = "a@x.example";
  table_.erase(2);
  ASSERT_EQ(Sync(table_, Weather::kFair, 1).counts.sent(), 0u);  // the state's records are as they were
  Copy("older", "log");
  ExpectRefused("W-STATE-012", "but the state knows a checkpoint of ");
}

TEST_F(LostLog, AnotherHistoryLiesThere) {
  Copy("state", "own_state");
  std::filesystem::remove_all(At("log"));
  std::filesystem::remove_all(At("state"));
  for (int i = 0; i < 3; ++i) Sync(table_, Weather::kFair, 1);
  Copy("own_state", "state");
  ExpectRefused("W-STATE-012", "are not those that the state knows");
}

TEST_F(LostLog, AndTheStateWasMadeToForgetIt) {
  std::filesystem::remove(At("state/crm/published"));
  ExpectRefused("W-STATE-013", "lacks the file `published`");
}

TEST_F(LostLog, AndTheStateIsGoneToo) {
  std::filesystem::remove(At("log/crm/checkpoint"));
  std::filesystem::remove_all(At("state"));
  ExpectRefused("W-STATE-012", "the log tells of deliveries, but it has no checkpoint");
}

TEST_F(LostLog, AStateThatIsGoneComesBackFromTheLog) {
  std::filesystem::remove_all(At("state"));
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
  EXPECT_EQ(remote_.records, Expected(table_));
}

}  // namespace
}  // namespace weir::gateway
