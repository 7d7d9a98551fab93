#include "gateway/group_counts.h"
#include "tests/gateway/sync_history.h"

namespace weir::gateway {
namespace {

constexpr char kTail[] = "\n  - {id: Q2, select: '*', k_anonymity: {columns: [EMAIL, consent], k: 3}";

// Mails leave as `**@x.example`: rows of one length and domain are a group.
class KAnonymity : public SyncHistories {
 protected:
  void Use(const std::string& more = "") {
    Write("policy.yml", kPolicy + std::string(kTail) + more + "}\n");
    manifest::Diagnostics diagnostics;
    std::optional<policies::Policy> policy = policies::ReadPolicy(folder_.root() + "/policy.yml", &diagnostics);
    ASSERT_TRUE(policy.has_value()) << diagnostics.Render();
    workspace_.policy = std::move(*policy);
  }
  void Fill(int from, int to, const std::string& mail) {
    for (int id = from; id <= to; ++id) table_[id] = {mail, true};
  }
  Table table_;
};

TEST_F(KAnonymity, HoldsSmallGroupsAndShowsNoValue) {
  Use();
  Fill(1, 3, "ab@x.example");
  Fill(4, 5, "cd@y.example");
  const RunReport held = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(held.status, RunStatus::kHeld);
  EXPECT_TRUE(remote_.records.empty());
  EXPECT_TRUE(Says(held, "W-GUARD-006",
                   "2 rows stand in 1 group of fewer than 3 that share `EMAIL`, `consent` as they leave (requirement `Q2`): "
                   "nothing was sent"));
  EXPECT_FALSE(Says(held, "W-GUARD-006", "example"));
  Fill(6, 6, "ef@y.example");  // another value, which leaves as the same
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
  EXPECT_EQ(remote_.records.size(), 6u);
}

TEST_F(KAnonymity, CountsWhatTheDestinationHasAndNotOneRun) {
  Use();
  Fill(1, 3, "ab@x.example");
  ASSERT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
  Fill(4, 4, "gh@x.example");  // one row of this run, four of the destination
  const RunReport one = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(one.status, RunStatus::kDone);
  EXPECT_EQ(one.counts.unchanged, 3u);
  // Two that stay are too few, though the run itself sends nothing of them.
  table_.erase(1);
  table_.erase(2);
  EXPECT_TRUE(Says(Sync(table_, Weather::kFair, 1), "W-GUARD-006", "2 rows stand in 1 group"));
  // A row that consent withholds is no member of a group.
  Fill(1, 2, "ab@x.example");
  table_[1].consent = table_[2].consent = false;
  EXPECT_TRUE(Says(Sync(table_, Weather::kFair, 1), "W-GUARD-006", "2 rows stand in 1 group"));
}

TEST_F(KAnonymity, AnyHistoryIsHeldExactlyWhenAnOracleSaysSo) {
  Use();
  std::size_t held = 0, done = 0;
  std::mt19937_64 random(20261128);
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 5; ++i) {
      const int id = static_cast<int>(random() % 12);
      if (random() % 4 == 0) table_.erase(id);
      else table_[id] = {"p" + std::to_string(random() % 9) + "@x" + std::to_string(random() % 2) + ".example", random() % 8 != 0};
    }
    const auto wanted = Expected(table_);
    std::map<std::string, std::uint64_t> groups;
    for (const auto& [id, mail] : wanted) ++groups[mail.value_or("")];
    std::uint64_t small_rows = 0, small_groups = 0;
    for (const auto& [mail, rows] : groups) {
      if (rows < 3) small_rows += rows, ++small_groups;
    }
    const auto before = remote_.records;
    const RunReport report = Sync(table_, Weather::kFair, 1);
    ++(small_groups != 0 ? held : done);
    if (small_groups != 0) {
      EXPECT_EQ(report.status, RunStatus::kHeld) << round;
      EXPECT_EQ(remote_.records, before) << round;
      EXPECT_TRUE(Says(report, "W-GUARD-006",
                       std::to_string(small_rows) + (small_rows == 1 ? " row stands in " : " rows stand in ") +
                           std::to_string(small_groups) + " group"))
          << round;
    } else {
      EXPECT_EQ(report.status, RunStatus::kDone) << round;
      EXPECT_EQ(remote_.records, wanted) << round;
    }
  }
  EXPECT_GT(held, 10u);
  EXPECT_GT(done, 10u);
}

TEST_F(KAnonymity, ObservedOrWaivedIsToldAndHoldsNothing) {
  const struct {
    const char* name;
    std::string more, told;
  } cases[] = {
      {"observed", ", mode: observe", "; observed: it would hold the sync without `mode: observe`"},
      {"warned", ", severity: warn", "; told only (`severity: warn`)"},
      {"waived",
       "}\nwaivers:\n  - {id: W1, rule: Q2, target: 'exposure:crm', reason: r, approver: a, expires: 9999-01-01",
       "; waived by `W1` until 9999-01-01"},
  };
  Fill(1, 1, "ab@x.example");
  for (const auto& one : cases) {
    Use(one.more);
    const RunReport report = Sync(table_, Weather::kFair, 1);
    EXPECT_EQ(report.status, RunStatus::kDone) << one.name;
    EXPECT_TRUE(Says(report, "W-GUARD-006", "as they leave (requirement `Q2`)" + one.told)) << one.name;
  }
}

TEST_F(KAnonymity, IsNeverApprovedAndWhatIsLiftedNeedsNoApproval) {
  const auto use = [&](const std::string& mode) {
    Use("}\n  - {id: Q3, select: '*', guards: {min_rows: 9}" + mode);
    workspace_.policy.approvals.emplace();
    workspace_.config.approvals = folder_.root() + "/approvals";
  };
  use("");
  Fill(1, 3, "ab@x.example");
  const RunReport waits = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(waits.status, RunStatus::kWaiting);
  EXPECT_TRUE(Says(waits, "W-GUARD-003", "it waits for an approval"));
  Fill(4, 5, "cd@y.example");
  const RunReport held = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(held.status, RunStatus::kHeld);
  EXPECT_TRUE(Says(held, "W-GUARD-003", "fewer than `min_rows: 9`"));
  EXPECT_TRUE(Says(held, "W-GUARD-006", "2 rows stand in 1 group"));
  EXPECT_FALSE(Says(held, "W-APR-031", ""));
  use(", mode: observe");
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kHeld);
  Fill(4, 5, "cd@x.example");
  const RunReport told = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(told.status, RunStatus::kDone);
  EXPECT_TRUE(told.approvals.empty());
  EXPECT_TRUE(Says(told, "W-GUARD-003", "`min_rows: 9` (requirement `Q3`); observed"));
  EXPECT_EQ(remote_.records.size(), 5u);
}

TEST_F(KAnonymity, WhatCannotBeCountedIsHeld) {
  Use();
  Fill(1, 3, "ab@x.example");
  options_.only = "2";
  EXPECT_TRUE(Says(Sync(table_, Weather::kFair, 1), "W-GUARD-007", "counts groups over all rows, and `--only` looks at one"));
  options_ = {};
  workspace_.syncs[0].mode = policies::SyncMode::kInsert;
  ASSERT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
  EXPECT_EQ(Sync(table_, Weather::kFair, 1).status, RunStatus::kDone);
  table_[1].email = "other@z.example";  // the destination keeps what was inserted
  const RunReport held = Sync(table_, Weather::kFair, 1);
  EXPECT_EQ(held.status, RunStatus::kHeld);
  EXPECT_TRUE(Says(held, "W-GUARD-007", "cannot count 1 row that the destination has with values of an earlier run"));
}

TEST_F(KAnonymity, KeepsNoMoreGroupsThanItMay) {
  Use();
  const std::vector<policies::ColumnSchema> schema = TableSource({}, false).Columns("");
  const SyncPlan plan = MakePlan(workspace_, workspace_.syncs[0], &schema, {}, &keyring_, clock_.Now());
  RowDigests digests(plan, keyring_);
  const GroupFields fields = GroupFieldsOf(plan);
  ASSERT_EQ(fields.steps.size(), 1u);
  policies::Batch batch;
  batch.columns.resize(plan.steps.size());
  for (std::size_t row = 0; row < 5; ++row) {
    for (policies::CellColumn& column : batch.columns) column.AppendText("m" + std::to_string(row));
  }
  batch.rows = 5;
  const auto count = [&](std::size_t limit, std::uint32_t from, std::uint32_t to) {
    GroupCounts counts(fields, limit);
    for (std::uint32_t row = from; row < to; ++row) counts.Add(batch, row, GroupCounts::Columns::kAllSteps, &digests);
    return counts;
  };
  EXPECT_FALSE(count(5, 0, 5).overflowed());
  GroupCounts many = count(4, 0, 5);
  EXPECT_TRUE(many.overflowed());
  const AnonymityVerdict verdict = CheckAnonymity(plan, true, many);
  ASSERT_EQ(verdict.held.size(), 1u);
  EXPECT_EQ(verdict.held[0].code, "W-GUARD-007");
  GroupCounts halves = count(4, 0, 3);
  halves.Merge(count(4, 2, 5));
  EXPECT_TRUE(halves.overflowed()) << "two threads may not keep more than one";
  GroupCounts same = count(4, 0, 3);
  same.Merge(count(4, 0, 3));
  EXPECT_FALSE(same.overflowed());
  EXPECT_EQ(same.SmallerThan(0, 3).groups, 3u);
  EXPECT_EQ(same.SmallerThan(0, 3).rows, 6u);
  EXPECT_EQ(same.SmallerThan(0, 2).groups, 0u);
}

}  // namespace
}  // namespace weir::gateway
