#include "gateway/state_frames.h"

#include <gtest/gtest.h>

#include <random>

namespace weir::gateway {
namespace {

StateRecord Record(std::uint8_t seed, std::uint32_t flags) {
  StateRecord record;
  record.key.fill(seed);
  record.input = 0x0102030405060708u + seed;
  record.outgoing.fill(static_cast<std::uint8_t>(seed + 1));
  record.bits = StateRecord::Pack(flags, 2, 77);
  return record;
}

bool Same(const StateRecord& a, const StateRecord& b) {
  return a.key == b.key && a.input == b.input && a.outgoing == b.outgoing && a.bits == b.bits;
}

class StateFrames : public ::testing::Test {
 protected:
  audit::SecretKey root_ = audit::SecretKey::Random();
  StateFrameCodec codec_{root_, {"shop", "default", "exposure:crm"}};
};

IntentFrame SomeIntent() {
  IntentFrame frame;
  frame.intent = 41;
  frame.run = 3;
  frame.plan = 4;
  frame.operation = Operation::kDelete;
  frame.attempt = 2;
  for (std::uint8_t i = 0; i < 3; ++i) {
    IntentFrame::Row row;
    row.record = Record(i, StateRecord::kPresent);
    row.previous_flags = StateRecord::kPresent;
    row.previous_rejections = i;
    row.record_tag.fill(std::byte{i});
    row.commit.fill(std::byte{7});
    row.subjects.resize(i);
    row.side = std::string(i, 's');
    frame.rows.push_back(row);
  }
  return frame;
}

TEST_F(StateFrames, AnIntentComesBackAsItWas) {
  const StateFrame decoded = codec_.Decode(codec_.Encode(SomeIntent()));
  ASSERT_TRUE(decoded.intent.has_value());
  const IntentFrame expected = SomeIntent();
  EXPECT_EQ(decoded.intent->intent, expected.intent);
  EXPECT_EQ(decoded.intent->run, expected.run);
  EXPECT_EQ(decoded.intent->plan, expected.plan);
  EXPECT_EQ(decoded.intent->operation, expected.operation);
  EXPECT_EQ(decoded.intent->attempt, expected.attempt);
  ASSERT_EQ(decoded.intent->rows.size(), expected.rows.size());
  for (std::size_t i = 0; i < expected.rows.size(); ++i) {
    EXPECT_TRUE(Same(decoded.intent->rows[i].record, expected.rows[i].record));
    EXPECT_EQ(decoded.intent->rows[i].previous_rejections, expected.rows[i].previous_rejections);
    EXPECT_EQ(decoded.intent->rows[i].record_tag, expected.rows[i].record_tag);
    EXPECT_EQ(decoded.intent->rows[i].commit, expected.rows[i].commit);
    EXPECT_EQ(decoded.intent->rows[i].subjects.size(), expected.rows[i].subjects.size());
    EXPECT_EQ(decoded.intent->rows[i].side, expected.rows[i].side);
  }
}

TEST_F(StateFrames, TheOthersComeBackToo) {
  const StateFrame outcome = codec_.Decode(codec_.Encode(OutcomeFrame{9, {Result::kDelivered, Result::kUnknown}}));
  ASSERT_TRUE(outcome.outcome.has_value());
  EXPECT_EQ(outcome.outcome->intent, 9u);
  EXPECT_EQ(outcome.outcome->results, (std::vector<Result>{Result::kDelivered, Result::kUnknown}));

  const StateFrame records = codec_.Decode(codec_.Encode(RecordsFrame{{{Record(5, StateRecord::kGone), "side"}}}));
  ASSERT_TRUE(records.records.has_value());
  EXPECT_TRUE(Same(records.records->rows.at(0).record, Record(5, StateRecord::kGone)));
  EXPECT_EQ(records.records->rows.at(0).side, "side");

  StateHeader header;
  header.run = 12;
  header.sent_fields = {"a", "b"};
  header.effect_digest = "ff";
  const StateFrame decoded = codec_.Decode(codec_.Encode(HeaderFrame{header}));
  ASSERT_TRUE(decoded.header.has_value());
  EXPECT_EQ(decoded.header->header.run, 12u);
  EXPECT_EQ(decoded.header->header.sent_fields, header.sent_fields);
  EXPECT_EQ(decoded.header->header.effect_digest, "ff");
}

TEST_F(StateFrames, NoFlippedBitAndNoTruncationOpens) {
  const std::string whole = codec_.Encode(SomeIntent());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_THROW(codec_.Decode(flipped), StateError) << i;
    EXPECT_THROW(codec_.Decode(std::string_view(whole).substr(0, i)), StateError) << i;
  }
}

TEST_F(StateFrames, AnotherSyncsFrameDoesNotOpen) {
  StateFrameCodec other(root_, {"shop", "default", "exposure:helpdesk"});
  EXPECT_THROW(other.Decode(codec_.Encode(SomeIntent())), StateError);
}

TEST(RecordAfter, SaysWhatTheDestinationMayHave) {
  struct Case {
    const char* name;
    std::uint32_t previous, record;
    Result result;
    std::uint32_t expected;
    bool keeps_input;
  };
  constexpr std::uint32_t kPresent = StateRecord::kPresent, kMaybe = StateRecord::kMaybe, kRejected = StateRecord::kRejected,
                          kGone = StateRecord::kGone;
  const Case cases[] = {
      {"a new row arrives", 0, kPresent, Result::kDelivered, kPresent, true},
      {"it was there already", 0, kPresent, Result::kAlreadySo, kPresent, true},
      {"a new row is rejected", 0, kPresent, Result::kRejected, kRejected, true},
      {"an update is rejected after an attempt of unknown outcome", kPresent | kMaybe, kPresent, Result::kRejected,
       kPresent | kMaybe | kRejected, true},
      {"an update is rejected: the old row stays", kPresent, kPresent, Result::kRejected, kPresent | kRejected, true},
      {"a new row is in doubt", 0, kPresent, Result::kUnknown, kMaybe, false},
      {"an update is in doubt", kPresent, kPresent, Result::kUnknown, kPresent | kMaybe, false},
      {"a job accepted is in doubt until it is resolved", 0, kPresent, Result::kAccepted, kMaybe, false},
      {"a delete arrives", kPresent, kGone, Result::kDelivered, kGone, true},
  };
  for (const Case& c : cases) {
    IntentFrame::Row row;
    row.record = Record(1, c.record);
    row.previous_flags = static_cast<std::uint8_t>(c.previous);
    const StateRecord after = RecordAfter(row, c.result);
    EXPECT_EQ(after.flags(), c.expected) << c.name;
    EXPECT_EQ(after.input == row.record.input, c.keeps_input) << c.name;
    EXPECT_EQ(after.run(), 77u) << c.name;
  }
}

TEST(RecordAfter, ARejectedDeleteIsTriedAgainByEveryRun) {
  IntentFrame::Row row;
  row.record = Record(1, StateRecord::kGone);
  row.record.input = 0;
  row.previous_flags = StateRecord::kPresent;
  const StateRecord after = RecordAfter(row, Result::kRejected);
  EXPECT_EQ(after.flags(), StateRecord::kPresent);
  EXPECT_EQ(after.input, 0u);
}

}  // namespace
}  // namespace weir::gateway
