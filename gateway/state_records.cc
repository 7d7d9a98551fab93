#include "gateway/state_records.h"

#include <algorithm>
#include <cstring>

namespace weir::gateway {
namespace {

constexpr std::size_t kDigestBytes = 32;

std::uint64_t Prefix(const RowKey& key) {
  std::uint64_t number = 0;
  std::memcpy(&number, key.data(), sizeof number);
  return __builtin_bswap64(number);
}

int Compare(const RowKey& a, const RowKey& b) { return std::memcmp(a.data(), b.data(), a.size()); }

// How many of `count` evenly spread keys lie within `distance`.
std::size_t Expected(std::uint64_t distance, std::size_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>((static_cast<Wide>(distance) * count) >> 64);
}

}  // namespace

StateRecords::StateRecords(std::string path, MappedFile map, const CheckedFile& checked, std::string_view digests)
    : path_(std::move(path)), map_(std::move(map)), digests_(digests) {
  size_ = checked.preamble.records;
  const std::size_t blocks = (size_ + kStateBlockRecords - 1) / kStateBlockRecords;
  whole_ = size_ <= checked.body.size() / sizeof(StateRecord) && checked.body.size() == size_ * sizeof(StateRecord) &&
           digests.size() == blocks * kDigestBytes;
  if (!whole_) return;
  // The map begins at a page and the body at byte 64, so records are aligned.
  records_ = reinterpret_cast<const StateRecord*>(checked.body.data());
  checked_ = std::make_unique<std::atomic<std::uint8_t>[]>(blocks);
}

void StateRecords::CheckBlock(std::size_t block) const {
  const std::size_t first = block * kStateBlockRecords;
  const std::size_t count = std::min(kStateBlockRecords, size_ - first);
  const std::string_view bytes(reinterpret_cast<const char*>(records_ + first), count * sizeof(StateRecord));
  const audit::Digest digest = audit::Sha256(bytes);
  if (digests_.substr(block * kDigestBytes, kDigestBytes) != audit::Text(digest)) {
    throw DamagedStateFile(path_, "block " + std::to_string(block));
  }
  checked_[block].store(1, std::memory_order_relaxed);
}

std::size_t StateRecords::Find(const RowKey& key) const {
  // INVARIANT: records before `low` are below the key, those from `high` on are not.
  std::size_t low = 0, high = size_;
  const std::uint64_t wanted = Prefix(key);
  std::size_t guess = Expected(wanted, size_);
  std::size_t step = 2;
  // Keys are hashes: the error of a guess is the square root of what it spans, so two corrections land within a few
  // records; from there in doubling steps, so that keys of any other spread cost no more than a binary search.
  for (int round = 0; low < high; ++round) {
    guess = std::clamp(guess, low, high - 1);
    const RowKey& found = at(guess).key;
    const int order = Compare(found, key);
    if (order == 0) return guess;
    const std::uint64_t prefix = Prefix(found);
    if (order < 0) {
      low = guess + 1;
      guess += round < 2 ? std::max<std::size_t>(1, Expected(wanted - prefix, size_)) : step;
    } else {
      high = guess;
      const std::size_t back = round < 2 ? std::max<std::size_t>(1, Expected(prefix - wanted, size_)) : step;
      guess = guess > back ? guess - back : 0;
    }
    if (round >= 2) step *= 2;
    if (round >= 8) break;
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = Compare(at(middle).key, key);
    if (order == 0) return middle;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return SyncState::kNotFound;
}

StateRecordsWriter::StateRecordsWriter(std::string path) : file_(std::move(path)) {
  file_.Append(std::string(kPreambleBytes, '\0'));
  block_.reserve(kStateBlockRecords * sizeof(StateRecord));
}

void StateRecordsWriter::Append(const StateRecord& record) {
  block_.append(reinterpret_cast<const char*>(&record), sizeof record);
  ++records_;
  if (block_.size() == kStateBlockRecords * sizeof(StateRecord)) EndBlock();
}

void StateRecordsWriter::EndBlock() {
  digests_.append(audit::Text(audit::Sha256(block_)));
  file_.Append(block_);
  block_.clear();
}

void StateRecordsWriter::Finish(StateKeys* keys, const std::string& sealed_header, Preamble preamble) {
  if (!block_.empty()) EndBlock();
  preamble.kind = StateFileKind::kState;
  preamble.records = records_;
  file_.Append(EncodeTrailer(keys, {sealed_header, digests_}, file_.size(), &preamble));
  file_.WriteAt(0, EncodePreamble(preamble));
  file_.Sync();
}

}  // namespace weir::gateway
