#include "gateway/replay.h"

#include <gtest/gtest.h>

#include "audit/delivery_rules.h"
#include "audit/entry.h"
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

  void Write(int frames_of_the_batch) {
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
    for (std::uint32_t i = 0; i < kRecords && frames_of_the_batch > 0; ++i, --frames_of_the_batch) AppendOutcome(2, i);
    if (frames_of_the_batch-- > 0) {
      log_->AppendPrivate(codec_.Encode(OutcomeFrame{2, std::vector<Result>(kRecords, Result::kDelivered)}));
    }
    if (frames_of_the_batch-- > 0) second_ = AppendIntent();
    if (frames_of_the_batch-- > 0) AppendIntentFrame(second_);
    log_->Commit();
    Open();
  }

  std::uint64_t Close() { return CloseDanglingIntents(*log_, codec_, *state_, clock_); }

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

  void AppendOutcome(std::uint64_t intent, std::uint32_t position) {
    audit::Outcome outcome;
    outcome.run = 0;
    outcome.plan = 1;
    outcome.intent = intent;
    outcome.pos = position;
    outcome.record = TagOf(position);
    outcome.result = audit::OutcomeResult::kDelivered;
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

}  // namespace
}  // namespace weir::gateway
