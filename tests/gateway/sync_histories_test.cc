// Random histories of one sync against a model of the destination: rows come, change, lose consent and go; the
// destination rejects, asks to wait, loses connections after taking the rows; the process dies in the middle of a
// request. Whatever happened, one clean run afterwards leaves the destination equal to the source under the policy,
// every record in it has an intent, every intent one outcome a record, and the log verifies.

#include <chrono>
#include <thread>

#include "audit/verify.h"
#include "tests/gateway/sync_history.h"

namespace weir::gateway {
namespace {

// Whether the log on the disk becomes longer within `patience`.
bool Grows(const std::string& log, std::chrono::milliseconds patience) {
  const auto bytes = [&] {
    std::uintmax_t sum = 0;
    for (const auto& file : std::filesystem::directory_iterator(log + "/segments")) sum += file.file_size();
    return sum;
  };
  const std::uintmax_t before = bytes();
  const auto end = std::chrono::steady_clock::now() + patience;
  while (bytes() == before) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::yield();
  }
  return true;
}

std::uint64_t SeedThatInterruptsTheFirstRequest() {
  std::uint64_t seed = 1;
  while (std::mt19937_64(seed)() % 3 != 0) ++seed;
  return seed;
}

TEST_P(SyncHistories, EndInAnEqualDestinationAndAWholeLog) {
  std::mt19937_64 random(GetParam());
  Table table;
  for (int step = 0; step < 12; ++step) {
    Mutate(&table, &random);
    const auto weather = static_cast<Weather>(random() % 6);
    const bool ends_early = random() % 8 == 0;
    const auto before = remote_.records;
    try {
      const RunReport report = Sync(table, weather, random(), ends_early);
      if (report.status == RunStatus::kUnreadable && ends_early) {
        EXPECT_EQ(remote_.records, before) << "an input that ended early changed the destination";
      }
    } catch (const Crash&) {
    }
  }
  // Rejected rows wait for runs to pass; a full refresh would send them, but so does patience.
  RunReport report;
  for (int i = 0; i < 140 && (i == 0 || report.counts.skipped != 0); ++i) report = Sync(table, Weather::kFair, 1);
  ASSERT_EQ(report.status, RunStatus::kDone) << (report.reasons.empty() ? "" : report.reasons[0].text);
  EXPECT_EQ(remote_.records, Expected(table));

  report = Sync(table, Weather::kFair, 1);
  EXPECT_EQ(report.counts.sent(), 0u) << "an unchanged source was sent again";
  EXPECT_EQ(report.counts.requests, 0u);

  const std::string log = LogFolder(workspace_.config, workspace_.syncs[0]);
  const auto key = audit::NoteKey::Parse(audit::VerifierKey({"p", "default", "crm"}, keyring_.signing_seed));
  ASSERT_TRUE(key.has_value());
  const audit::VerifyReport verified = audit::Verify(audit::RealFileSystem(), log, *key);
  EXPECT_TRUE(verified.good()) << verified.problems[0].where << ": " << verified.problems[0].what;
  EXPECT_TRUE(verified.delivery_unknown.empty());
  EXPECT_EQ(verified.unpublished, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SyncHistories, ::testing::Range<std::uint64_t>(1, 41));

TEST_F(SyncHistories, ARowThatLosesConsentWhileItsDeliveryIsUnknownIsTakenBackAndNeverSentAgain) {
  Table table{{1, {"a@x.example", true}}};
  const RunReport first = Sync(table, Weather::kFair, 1);
  ASSERT_EQ(first.status, RunStatus::kDone) << (first.reasons.empty() ? "" : first.reasons[0].text);
  ASSERT_EQ(remote_.records.size(), 1u);
  table[1].consent = std::nullopt;
  const RunReport second = Sync(table, Weather::kFair, 2);
  EXPECT_EQ(second.counts.withdrawn, 1u);
  EXPECT_TRUE(remote_.records.empty());
  const RunReport third = Sync(table, Weather::kFair, 3);
  EXPECT_EQ(third.counts.requests, 0u);
  table[1].consent = true;
  EXPECT_EQ(Sync(table, Weather::kFair, 4).counts.created, 1u);
}

TEST_F(SyncHistories, RowsThatStayAfterTheyVanishedAreCounted) {
  Table table{{1, {"a@x.example", true}}, {2, {"b@x.example", true}}};
  workspace_.syncs[0].mode = policies::SyncMode::kUpsert;
  ASSERT_EQ(Sync(table, Weather::kFair, 1).counts.vanished, 0u);
  table.erase(1);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Sync(table, Weather::kFair, 1).counts.vanished, 1u);
  EXPECT_EQ(remote_.records.size(), 2u);
  workspace_.syncs[0].mode = policies::SyncMode::kMirror;
  workspace_.policy.destinations.at(0).on_deleted = policies::LeaveAction::kKeep;
  EXPECT_EQ(Sync(table, Weather::kFair, 1).counts.vanished, 1u);
}

TEST_F(SyncHistories, FailsWhenMoreRowsAreRejectedThanItSays) {
  Table table;
  for (int id = 1; id <= 20; ++id) table[id] = {"p" + std::to_string(id) + "@x.example", true};
  options_.full_refresh = true;
  bool rejected = false;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    workspace_.syncs[0].fail_when = {};
    const RunReport strict = Sync(table, Weather::kRejects, seed);
    EXPECT_EQ(strict.status, strict.counts.rejected == 0 ? RunStatus::kDone : RunStatus::kRowsRefused) << seed;
    const std::uint64_t count = strict.counts.rejected;
    rejected = rejected || count != 0;
    for (const policies::Limit limit : {policies::Limit{static_cast<double>(count), false},
                                        policies::Limit{static_cast<double>(count) * 5, true}}) {
      workspace_.syncs[0].fail_when.rejected = limit;
      const RunReport lenient = Sync(table, Weather::kRejects, seed);
      EXPECT_EQ(lenient.counts.rejected, count);
      EXPECT_EQ(lenient.status, RunStatus::kDone) << seed;
    }
    if (count == 0) continue;
    workspace_.syncs[0].fail_when.rejected = {static_cast<double>(count - 1), false};
    EXPECT_EQ(Sync(table, Weather::kRejects, seed).status, RunStatus::kRowsRefused) << seed;
  }
  EXPECT_TRUE(rejected);
}

// The intent of the next request is written while one is under way. When the run is interrupted then, that one never
// leaves: its records get their outcome, nothing is in doubt, and the next run sends them as if for the first time.
TEST_F(SyncHistories, AnInterruptedRunClosesWhatItAnnouncedAndDidNotSend) {
  Table table;
  for (int id = 1; id <= 30; ++id) table[id] = {"p" + std::to_string(id) + "@x.example", true};
  const std::string log = LogFolder(workspace_.config, workspace_.syncs[0]);
  // Until the next intent is on the disk: it is on its way, or there already.
  before_interrupt_ = [&] { (void)Grows(log, std::chrono::seconds(2)); };
  const RunReport report = Sync(table, Weather::kInterrupts, SeedThatInterruptsTheFirstRequest());
  EXPECT_EQ(report.status, RunStatus::kInterrupted);
  EXPECT_EQ(report.counts.requests, 1u);
  EXPECT_EQ(report.counts.created, 3u);
  EXPECT_EQ(report.counts.not_attempted, 27u);
  EXPECT_EQ(report.counts.rejected + report.counts.unknown, 0u);
  EXPECT_EQ(remote_.records.size(), 3u);

  const auto key = audit::NoteKey::Parse(audit::VerifierKey({"p", "default", "crm"}, keyring_.signing_seed));
  const audit::VerifyReport verified = audit::Verify(audit::RealFileSystem(), log, *key);
  EXPECT_TRUE(verified.good()) << verified.problems[0].where << ": " << verified.problems[0].what;
  EXPECT_EQ(verified.intents, 2u);
  EXPECT_EQ(verified.outcomes, 6u);
  EXPECT_TRUE(verified.delivery_unknown.empty());

  const RunReport next = Sync(table, Weather::kFair, 1);
  EXPECT_EQ(next.counts.created, 27u);
  EXPECT_EQ(next.counts.unchanged, 3u);
  EXPECT_EQ(next.counts.recovered_unknown, 0u);
  EXPECT_EQ(remote_.records, Expected(table));
}

// Where the destination would keep an inserted row twice, an intent means that the request may have left: none is written
// ahead, so that a crash leaves one request in doubt and not two.
TEST_F(SyncHistories, AnInsertThatMustNotBeRepeatedIsNeverAnnouncedAhead) {
  Table table;
  for (int id = 1; id <= 30; ++id) table[id] = {"p" + std::to_string(id) + "@x.example", true};
  const std::string log = LogFolder(workspace_.config, workspace_.syncs[0]);
  workspace_.syncs[0].mode = policies::SyncMode::kInsert;
  deduplicates_ = false;
  before_interrupt_ = [&] { EXPECT_FALSE(Grows(log, std::chrono::milliseconds(300))); };
  const RunReport report = Sync(table, Weather::kInterrupts, SeedThatInterruptsTheFirstRequest());
  EXPECT_EQ(report.status, RunStatus::kInterrupted);
  EXPECT_EQ(report.counts.requests, 1u);
  EXPECT_EQ(report.counts.created, 3u);
  EXPECT_EQ(report.counts.not_attempted, 27u);

  const auto key = audit::NoteKey::Parse(audit::VerifierKey({"p", "default", "crm"}, keyring_.signing_seed));
  const audit::VerifyReport verified = audit::Verify(audit::RealFileSystem(), log, *key);
  EXPECT_TRUE(verified.good()) << verified.problems[0].where << ": " << verified.problems[0].what;
  EXPECT_EQ(verified.intents, 1u);
  EXPECT_EQ(verified.outcomes, 3u);

  EXPECT_EQ(Sync(table, Weather::kFair, 1).counts.created, 27u);
  EXPECT_EQ(remote_.records, Expected(table));
}

// A limit or a lost network is no fault of a row: nothing is put off, and no run that left rows behind is `done`.
TEST_F(SyncHistories, RowsThatWereRefusedForNoFaultOfTheirsGoWithTheNextRun) {
  Table table;
  for (int id = 1; id <= 30; ++id) table[id] = {"p" + std::to_string(id) + "@x.example", true};
  workspace_.config.destinations["crm"].max_attempts = 1;
  std::uint64_t left = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (auto& [id, row] : table) row.email = "q" + std::to_string(seed) + row.email;
    const RunReport report = Sync(table, Weather::kWaits, seed);
    const std::uint64_t waiting = report.counts.rejected + report.counts.not_attempted;
    EXPECT_EQ(report.status, waiting == 0 ? RunStatus::kDone : RunStatus::kUnreadable) << seed;
    EXPECT_EQ(waiting != 0, Says(report, "W-SYNC-002", "http_429")) << seed;
    left += waiting;
    const RunReport next = Sync(table, Weather::kFair, 1);
    EXPECT_EQ(next.counts.sent(), waiting) << seed;
    EXPECT_EQ(next.counts.skipped, 0u) << seed;
    EXPECT_EQ(remote_.records, Expected(table)) << seed;
  }
  EXPECT_NE(left, 0u);
}

TEST_F(SyncHistories, SaysWhyADeliveryIsUnknown) {
  Table table;
  for (int id = 1; id <= 30; ++id) table[id] = {"p" + std::to_string(id) + "@x.example", true};
  workspace_.config.destinations["crm"].max_attempts = 1;
  bool unknown = false;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    options_.full_refresh = true;
    const RunReport report = Sync(table, Weather::kLoses, seed);
    if (report.counts.unknown == 0) continue;
    unknown = true;
    EXPECT_EQ(ExitStatus(report.status), 6);
    EXPECT_TRUE(Says(report, "W-SYNC-009", "(`timeout` ") || Says(report, "W-SYNC-002", "`timeout`")) << seed;
  }
  EXPECT_TRUE(unknown);
}

}  // namespace
}  // namespace weir::gateway
