#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"
#include "audit/entry.h"
#include "gateway/destination.h"
#include "gateway/keyring.h"
#include "gateway/spool.h"
#include "gateway/sync_plan.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// The cells of a row as one string of bytes that no other row has: for each cell 0 (null), or 1, the length as four
// bytes little-endian, and the text. Input of every keyed hash here, and of the side file.
void AppendCell(std::string* out, bool null, std::string_view text);
// Back into cells (nullopt: null). False when `bytes` is not such a string.
bool ParseCells(std::string_view bytes, std::vector<std::optional<std::string>>* cells);

// Every keyed hash of one sync. The keys are derived per sync and destination, so that nothing joins across recipients;
// none depends on the machine. Not thread-safe.
class RowDigests {
 public:
  RowDigests(const SyncPlan& plan, const Keyring& keyring);

  RowKey Key(std::string_view match_cells);                   // of the outgoing match fields
  std::uint64_t Input(std::string_view mapped_cells);         // under the effect digest
  std::array<std::uint8_t, 12> Outgoing(std::string_view outgoing_cells);  // under the fields' names and types
  Tag RecordTag(std::string_view match_cells);
  Tag SubjectTag(std::size_t subject_column, std::string_view value);      // index into plan.subject_columns
  // The subjects of a row of the plan's input, without those that are null; how many.
  std::uint32_t AppendSubjectTags(const policies::Batch& batch, std::uint32_t row, std::vector<Tag>* out);

  // HMAC over sync, key, operation and outgoing digest, stable over retries and restarts: appends hexadecimal digits.
  static constexpr std::size_t kIdempotencyKeyDigits = 32;
  void AppendIdempotencyKey(Operation operation, const RowKey& key, const std::array<std::uint8_t, 12>& outgoing,
                            std::string* out);
  // SHA-256 of a salt of this record and payload, and the payload: who is shown the salt can check the payload.
  // `outgoing` is the payload's fingerprint.
  audit::Commitment Commit(const Tag& record_tag, Operation operation, const std::array<std::uint8_t, 12>& outgoing,
                           std::string_view outgoing_cells);

 private:
  const SyncPlan& plan_;
  audit::Hmac key_, input_, outgoing_, record_tag_, idempotency_, commit_;
  std::vector<audit::Hmac> subjects_;
  std::string buffer_;
};

}  // namespace weir::gateway
