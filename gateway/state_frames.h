#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/seal.h"
#include "gateway/destination.h"
#include "gateway/spool.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// Private frames of a sync's log: what the state needs after a crash. They are sealed (keyed hashes and match values
// are nobody else's business) and ride under the same fdatasync as the entries that they belong to.

// Rows of one part of a request, in the order of its `intent` entry. Until an OutcomeFrame for the same intent follows,
// their delivery is unknown.
struct IntentFrame {
  struct Row {
    StateRecord record;             // what the state gets when the row is delivered
    std::uint8_t previous_flags = 0;       // of the state's record before; 0: it had none
    std::uint8_t previous_rejections = 0;
    Tag record_tag{};
    audit::Commitment commit{};
    SubjectTags subjects;
    std::string side;               // what a later delete request needs; empty: nothing
  };
  std::uint64_t intent = 0;         // index of the entry
  std::uint64_t run = 0, plan = 0;  // indices of the entries
  Operation operation = Operation::kUpsert;
  std::uint32_t attempt = 1;
  std::vector<Row> rows;
};

// One result for each row of the intent.
struct OutcomeFrame {
  std::uint64_t intent = 0;
  std::vector<Result> results;
};

// State that changes without a delivery: a fingerprint whose outgoing bytes stay, a baseline, a key to forget.
struct RecordsFrame {
  struct Row {
    StateRecord record;
    std::string side;
  };
  std::vector<Row> rows;
};

// The sync's header as it is from here on. A run writes one before its first intent (fields that may now be sent are
// added) and one at its end.
struct HeaderFrame {
  StateHeader header;  // applied_frame is not stored
};

// Exactly one is set.
struct StateFrame {
  std::optional<IntentFrame> intent;
  std::optional<OutcomeFrame> outcome;
  std::optional<RecordsFrame> records;
  std::optional<HeaderFrame> header;
};

// Seals and opens frames of one sync. Not thread-safe.
class StateFrameCodec {
 public:
  StateFrameCodec(const audit::SecretKey& seal_root, const StateIds& ids);
  std::string Encode(const IntentFrame& frame);
  std::string Encode(const OutcomeFrame& frame);
  std::string Encode(const RecordsFrame& frame);
  std::string Encode(const HeaderFrame& frame);
  // Throws StateError W-STATE-011 for a frame that is damaged or of another sync.
  StateFrame Decode(std::string_view bytes);

 private:
  std::string Sealed();
  std::string associated_, plain_;
  audit::Sealer sealer_;
};

// What the state gets for a row of an intent that ended so.
StateRecord RecordAfter(const IntentFrame::Row& row, Result result);

}  // namespace weir::gateway
