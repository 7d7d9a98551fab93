#include "gateway/replay.h"

#include <gtest/gtest.h>

#include <random>

#include "audit/delivery_rules.h"
#include "audit/entry.h"
#include "gateway/state_journal.h"
#include "tests/audit/test_clock.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

const StateIds kIds{"shop", "default", "exposure:crm"};
constexpr std::uint32_t kRecords = 3;

// A log that a crash left: one request with its intent, and then as much of the next batch (outcomes, their frame, the
// next intent, its frame) as reached the disk.
class TornLog {
 public:
  explicit TornLog(const std::string& folder) : folder_(folder) { Open(); }

  void Open() {
    log_.reset();
    log_ = audit::Log::Open(audit::RealFileSystem(), clock_, folder_ + "/log", {"shop", "default", "crm"}, seed_);
    if (!state_) state_ = SyncState::Open(folder_ + "/state", kIds, root_, root_);
  }

  void Write(int frames_of_the_batch, audit::OutcomeResult result = audit::OutcomeResult::kDelivered) {
    audit::RunStart run;
    run.run = "r";
    run.sync = kIds.sync;
    run.mode = "sync";
    run.time = clock_.Now();
    log_->Append(audit::ToJson(run));
    audit::Plan plan;
    plan.mode = "mirror";
    plan.time = clock_.Now();
    log_->Append(audit::ToJson(plan));
    log_->Publish();  // as a run does before its first intent
    AppendIntent();
    AppendIntentFrame(2);
    log_->Commit();
    for (std::uint32_t i = 0; i < kRecords && frames_of_the_batch > 0; ++i, --frames_of_the_batch) AppendOutcome(2, i, result);
    if (frames_of_the_batch-- > 0) {
      log_->AppendPrivate(codec_.Encode(OutcomeFrame{2, std::vector<Result>(kRecords, Result::kDelivered)}));
    }
    if (frames_of_the_batch-- > 0) second_ = AppendIntent();
    if (frames_of_the_batch-- > 0) AppendIntentFrame(second_);
    log_->Commit();
    Open();
  }

  std::uint64_t Close() { return CloseDanglingIntents(*log_, codec_, *state_, clock_); }

  // The flags of the state's records afterwards, in the order of their keys.
  std::vector<std::uint32_t> Advance() {
    StateHeader header;
    AdvanceState(*log_, codec_, *state_, &header, [this] { state_->Remember({}); });
    std::vector<std::uint32_t> flags;
    for (std::size_t i = 0; i < state_->size(); ++i) flags.push_back(state_->at(i).flags());
    return flags;
  }

  // What every reviewer's program checks.
  std::vector<std::string> Problems() const {
    std::vector<std::string> out;
    audit::DeliveryRules rules([&](std::uint64_t index, const std::string& message) {
      out.push_back("entry " + std::to_string(index) + ": " + message);
    });
    log_->ForEachFrame(0, [&](const audit::Log::Frame& frame) {
      if (!frame.is_private) rules.Check(frame.entry_index, frame.bytes);
    });
    for (const auto& [entry, records] : rules.Unknown()) {
      out.push_back(std::to_string(records) + " records of run " + std::to_string(entry) + " have no outcome");
    }
    return out;
  }
  std::uint64_t size() const { return log_->size(); }

  // Results of all outcomes in order.
  std::string Results() const {
    std::string out;
    log_->ForEachFrame(0, [&](const audit::Log::Frame& frame) {
      if (frame.is_private) return;
      const auto entry = audit::ParseEntry(frame.bytes);
      if (entry && entry->kind == "outcome") out.append(entry->value.TextOr("result", "?").substr(0, 1));
    });
    return out;
  }

 private:
  audit::Tag TagOf(std::uint32_t i) const {
    audit::Tag tag{};
    tag[0] = static_cast<std::byte>(i + 1);
    return tag;
  }

  std::uint64_t AppendIntent() {
    std::vector<audit::Tag> records;
    for (std::uint32_t i = 0; i < kRecords; ++i) records.push_back(TagOf(i));
    const std::vector<audit::Commitment> commits(kRecords, audit::Commitment{std::byte{0xfb}, std::byte{0xff}});
    audit::Intent intent;
    intent.run = 0;
    intent.plan = 1;
    intent.request = "q";
    intent.records = records;
    intent.commits = commits;
    intent.time = clock_.Now();
    return log_->Append(audit::ToJson(intent));
  }

  void AppendIntentFrame(std::uint64_t intent) {
    IntentFrame frame;
    frame.intent = intent;
    frame.run = 0;
    frame.plan = 1;
    for (std::uint32_t i = 0; i < kRecords; ++i) {
      IntentFrame::Row row;
      row.record.key[0] = static_cast<std::uint8_t>(i);
      row.record.bits = StateRecord::Pack(StateRecord::kPresent, 0, 1);
      row.record_tag = TagOf(i);
      frame.rows.push_back(row);
    }
    log_->AppendPrivate(codec_.Encode(frame));
  }

  void AppendOutcome(std::uint64_t intent, std::uint32_t position, audit::OutcomeResult result) {
    audit::Outcome outcome;
    outcome.run = 0;
    outcome.plan = 1;
    outcome.intent = intent;
    outcome.pos = position;
    outcome.record = TagOf(position);
    outcome.result = result;
    outcome.time = clock_.Now();
    std::string text;
    outcome.AppendJson(&text);
    log_->Append(text);
  }

  std::string folder_;
  audit::TestClock clock_;
  audit::SecretKey seed_ = audit::SecretKey::Random(), root_ = audit::SecretKey::Random();
  StateFrameCodec codec_{root_, kIds};
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<SyncState> state_;
  std::uint64_t second_ = 0;
};

struct Case {
  int frames;
  std::uint64_t unknown;
  std::string results;  // d: delivered, u: unknown, r: rejected, never sent
};

TEST(CloseDanglingIntents, GivesEachRecordOneOutcomeWhereverTheBatchWasTorn) {
  const Case cases[] = {{0, 3, "uuu"}, {1, 2, "duu"}, {2, 1, "ddu"},    {3, 0, "ddd"},
                        {4, 0, "ddd"}, {5, 0, "dddrrr"}, {6, 3, "ddduuu"}};
  for (const Case& each : cases) {
    SCOPED_TRACE(each.frames);
    TemporaryFolder folder;
    TornLog torn(folder.path());
    torn.Write(each.frames);
    EXPECT_EQ(torn.Close(), each.unknown);
    EXPECT_EQ(torn.Results(), each.results);
    EXPECT_EQ(torn.Problems(), std::vector<std::string>());
    // A recovery that crashed before the state moved is done again, and adds nothing.
    const std::uint64_t size = torn.size();
    torn.Open();
    EXPECT_EQ(torn.Close(), 0u);
    EXPECT_EQ(torn.size(), size);
  }
}

// The frame that tells a refused row from a refused request is not there: such a row stays as the state had it, here
// unknown to it, and the next run tries it again.
TEST(CloseDanglingIntents, BlamesNoRowForARefusalWhoseFrameIsTorn) {
  TemporaryFolder folder;
  TornLog torn(folder.path());
  torn.Write(2, audit::OutcomeResult::kRejected);
  EXPECT_EQ(torn.Close(), 1u);
  EXPECT_EQ(torn.Results(), "rru");
  EXPECT_EQ(torn.Advance(), std::vector<std::uint32_t>{StateRecord::kMaybe});
}

std::string Shown(SyncState* state, const StateHeader& header) {
  std::string out = std::to_string(header.applied_frame) + " " + std::to_string(header.run) + " " + header.effect_digest;
  for (std::size_t i = 0; i < state->size(); ++i) {
    const StateRecord& record = state->at(i);
    out += "\n" + std::to_string(record.key[0]) + " " + std::to_string(record.input) + " " +
           std::to_string(record.bits) + " " + state->OpenSide(i).value_or("-");
  }
  return out;
}

// Frames as runs write them, over few keys, so that they meet: requests in one to three attempts, two under way at a time.
class RandomFrames {
 public:
  explicit RandomFrames(std::uint64_t seed) : random_(seed) {}

  void WriteTo(StateJournal* journal, std::size_t steps) {
    std::vector<IntentFrame> open;
    for (std::size_t step = 0; step < steps || !open.empty(); ++step) {
      if (step < steps && open.size() < 2 && Below(3) != 0) {
        open.push_back(Intent());
        journal->Append(open.back());
      } else if (!open.empty()) {
        OutcomeFrame outcome{open.front().intent, {}};
        for (std::size_t i = 0; i < open.front().rows.size(); ++i) {
          outcome.results.push_back(static_cast<Result>(Below(static_cast<std::uint32_t>(Result::kDeferred) + 1)));
        }
        journal->Append(outcome);
        open.erase(open.begin());
      }
      if (Below(10) == 0) journal->Append(RecordsFrame{{{Record(), Below(2) == 0 ? "kept" : ""}}});
      if (Below(20) == 0) journal->Append(Header());
    }
  }

 private:
  StateRecord Record() {
    constexpr std::uint32_t kFlags[] = {StateRecord::kPresent, StateRecord::kWithheld, StateRecord::kGone,
                                        StateRecord::kPresent | StateRecord::kMaybe};
    StateRecord record;
    record.key[0] = static_cast<std::uint8_t>(Below(50));
    record.input = random_();
    record.bits = StateRecord::Pack(kFlags[Below(4)], Below(3), Below(100));
    return record;
  }

  IntentFrame Intent() {
    IntentFrame frame;
    frame.intent = ++intents_;
    frame.operation = static_cast<Operation>(Below(4));
    frame.rows.resize(1 + Below(4));
    for (IntentFrame::Row& row : frame.rows) {
      row.record = Record();
      row.previous_flags = static_cast<std::uint8_t>(Below(8));
      row.previous_rejections = static_cast<std::uint8_t>(Below(8));
      if (Below(2) == 0) row.side = "side " + std::to_string(Below(1000));
    }
    return frame;
  }

  HeaderFrame Header() {
    HeaderFrame frame;
    frame.header.run = Below(1000);
    frame.header.effect_digest = std::to_string(random_());
    return frame;
  }

  std::uint32_t Below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

  std::mt19937_64 random_;
  std::uint64_t intents_ = 0;
};

// What a run knows at its end is what it would read back from its log after a crash.
TEST(StateReplay, TakenAsWrittenEqualsReadBack) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder;
    audit::TestClock clock;
    const audit::SecretKey root = audit::SecretKey::Random();
    StateFrameCodec codec(root, kIds);
    const auto log = audit::Log::Open(audit::RealFileSystem(), clock, folder.path() + "/log", {"shop", "default", "crm"}, root);
    const auto live = SyncState::Open(folder.path() + "/live", kIds, root, root);
    const auto read = SyncState::Open(folder.path() + "/read", kIds, root, root);
    RandomFrames frames(seed);
    StateHeader live_header, read_header;
    for (const std::size_t steps : {60u, 0u, 1u, 40u}) {
      StateReplay replay(*live, live_header);
      StateJournal journal(*log, codec, replay);
      frames.WriteTo(&journal, steps);
      log->Commit();
      log->Publish();
      replay.Finish(log->frame_count(), &live_header, [&] { live->Remember({}); });
      AdvanceState(*log, codec, *read, &read_header, [&] { read->Remember({}); });
      ASSERT_EQ(Shown(live.get(), live_header), Shown(read.get(), read_header));
    }
    EXPECT_NE(live->size(), 0u);
  }
}

}  // namespace
}  // namespace weir::gateway
