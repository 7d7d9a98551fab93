#include "tests/gateway/sync_history.h"

namespace weir::gateway {
namespace {

// The rows are at one place, and weir.yml names another.
class OtherPlace : public SyncHistories {
 protected:
  void SetUp() override {
    SyncHistories::SetUp();
    for (int id = 1; id <= 9; ++id) table_[id] = {"p" + std::to_string(id) + "@x.example", true};
    Place("out/crm");
    ASSERT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
    ASSERT_EQ(remote_.records.size(), 9u);
  }
  // The folder `path` in the folder of weir.yml. Another place begins empty.
  void Place(const std::string& path) {
    DestinationConfig& destination = workspace_.config.destinations["crm"];
    destination.kind = "file";
    destination.base_folder = folder_.root() + "/project";
    destination.path = destination.base_folder + "/" + path;
  }
  void Move() {
    Place("elsewhere");
    remote_ = Remote();
  }
  Table table_;
};

TEST_F(OtherPlace, HoldsUntilAPersonSaysThatItIsMeant) {
  Move();
  for (int i = 0; i < 2; ++i) {
    const RunReport held = Sync(table_, Weather::kFair, 1);
    EXPECT_EQ(held.status, RunStatus::kHeld);
    EXPECT_EQ(held.counts.requests, 0u);
    EXPECT_TRUE(Says(held, "W-SYNC-008",
                     "9 rows of this sync may be at `crm` at `out/crm`, object `contacts`, and its place is `crm` at "
                     "`elsewhere`, object `contacts`: nothing was sent"));
  }
  options_.full_refresh = true;
  const RunReport sent = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(sent.status, RunStatus::kDone);
  EXPECT_EQ(sent.counts.created, 9u);
  EXPECT_TRUE(Says(sent, "W-SYNC-008", "those at the old place are no longer kept up or taken back"));
  EXPECT_EQ(remote_.records, Expected(table_));
  options_ = {};
  const RunReport after = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(after.counts.unchanged, 9u);
  EXPECT_TRUE(after.reasons.empty() || !Says(after, "W-SYNC-008", ""));
}

TEST_F(OtherPlace, IsNoneWhenTheWholeProjectMoved) {
  DestinationConfig& destination = workspace_.config.destinations["crm"];
  destination.base_folder = "/another/machine";
  destination.path = "/another/machine/out/crm";
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).counts.unchanged, 9u);
}

TEST_F(OtherPlace, MayBeAnotherObject) {
  workspace_.syncs[0].object = "people";
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kHeld);
}

TEST_F(OtherPlace, TakesOverWhatItHasAlready) {
  Move();
  options_.baseline = true;
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
  options_ = {};
  table_[3].email = "new@x.example";
  const RunReport after = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(after.counts.updated, 1u);
  EXPECT_EQ(after.counts.unchanged, 8u);
}

TEST_F(OtherPlace, NothingIsDeletedThereThatWasNeverSentThere) {
  table_.erase(1);
  table_[2].consent = false;
  Move();
  options_.full_refresh = true;
  const RunReport sent = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(sent.counts.deleted + sent.counts.withdrawn, 0u);
  EXPECT_EQ(sent.counts.withheld, 1u);
  EXPECT_EQ(remote_.records, Expected(table_));
}

// The process dies in the middle of the move: what did not arrive at the new place goes with a plain run, inserts too.
TEST_F(OtherPlace, IsReachedInSeveralRuns) {
  for (const policies::SyncMode mode : {policies::SyncMode::kMirror, policies::SyncMode::kInsert}) {
    workspace_.syncs[0].mode = mode;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      Place("place" + std::to_string(seed) + std::string(policies::Name(mode)));
      remote_ = Remote();
      options_.full_refresh = true;
      try {
        Sync(table_, Weather::kCrashes, seed);
      } catch (const Crash&) {
      }
      options_ = {};
      RunReport report = Sync(table_, Weather::kFair, 1);
      ASSERT_EQ(report.status, RunStatus::kDone) << seed << (report.reasons.empty() ? "" : report.reasons.back().text);
      ASSERT_EQ(remote_.records, Expected(table_)) << seed;
    }
  }
}

}  // namespace
}  // namespace weir::gateway
