#include "gateway/state_records.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace weir::gateway {
namespace {

constexpr std::size_t kDigestBytes = 32;

constexpr std::uint64_t kMaxRecords = (std::uint64_t{1} << 32) - 1;
constexpr std::uint64_t kBucketRecords = 16;

// The first eight bytes of a key as a number: the order of keys, nearly.
std::uint64_t Prefix(const RowKey& key) {
  std::uint64_t number = 0;
  std::memcpy(&number, key.data(), sizeof number);
  return __builtin_bswap64(number);
}

std::uint64_t Bucket(std::uint64_t prefix, unsigned bits) { return bits == 0 ? 0 : prefix >> (64 - bits); }

// How many of `count` evenly spread keys lie within `distance`.
std::size_t Expected(std::uint64_t distance, std::size_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>((static_cast<Wide>(distance) * count) >> 64);
}

bool IsBefore(const RowKey& a, const RowKey& b) { return std::memcmp(a.data(), b.data(), a.size()) < 0; }

// The first place in [low, high) where `reached` holds, else `high`; it holds from some place on. Begins at `guess` and
// goes in doubling steps, so that a good guess costs little and a bad one no more than a binary search.
template <typename Reached>
std::size_t FirstFrom(std::size_t guess, std::size_t low, std::size_t high, const Reached& reached) {
  std::size_t step = 1;
  if (low == high) return high;
  guess = std::min(std::max(guess, low), high - 1);
  if (reached(guess)) {
    high = guess;
    while (low < high) {
      const std::size_t next = high - low > step ? high - step : low;
      if (!reached(next)) {
        low = next + 1;
        break;
      }
      high = next;
      step *= 2;
    }
  } else {
    low = guess + 1;
    while (low < high) {
      const std::size_t next = high - low > step ? low + step - 1 : high - 1;
      if (reached(next)) {
        high = next;
        break;
      }
      low = next + 1;
      step *= 2;
    }
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (reached(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

}  // namespace

StateRecords::StateRecords(std::string path, MappedFile map, const CheckedFile& checked)
    : path_(std::move(path)), map_(std::move(map)) {
  size_ = checked.preamble.records;
  const std::size_t blocks = (size_ + kStateBlockRecords - 1) / kStateBlockRecords;
  whole_ = checked.fields.size() == 3 && size_ <= checked.body.size() / sizeof(StateRecord) &&
           checked.body.size() == size_ * sizeof(StateRecord) && checked.fields[1].size() == blocks * kDigestBytes &&
           checked.fields[2].size() % 4 == 0 && checked.fields[2].size() >= 8;
  if (!whole_) return;
  digests_ = checked.fields[1];
  directory_ = checked.fields[2];
  const std::uint64_t buckets = directory_.size() / 4 - 1;
  whole_ = std::has_single_bit(buckets);
  bucket_bits_ = static_cast<unsigned>(std::countr_zero(buckets));
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

StateRecords::Range StateRecords::Locate(const RowKey& key) const {
  const std::uint64_t prefix = Prefix(key);
  std::uint32_t ends[2];
  std::memcpy(ends, directory_.data() + Bucket(prefix, bucket_bits_) * 4, sizeof ends);
  // Keys are hashes, evenly spread: their value tells about where in the bucket they stand.
  return {ends[0], ends[1], ends[0] + Expected(prefix << bucket_bits_, ends[1] - ends[0])};
}

std::size_t StateRecords::Search(const RowKey& key, Range range) const {
  const std::size_t index =
      FirstFrom(range.guess, range.low, range.high, [&](std::size_t i) { return !IsBefore(at(i).key, key); });
  return index < range.high && at(index).key == key ? index : SyncState::kNotFound;
}

std::size_t StateRecords::Find(const RowKey& key) const {
  return size_ == 0 ? SyncState::kNotFound : Search(key, Locate(key));
}

void StateRecords::FindAll(std::span<const RowKey> keys, std::size_t* indices) const {
  static constexpr std::size_t kAhead = 16;
  if (size_ == 0) {
    std::fill_n(indices, keys.size(), SyncState::kNotFound);
    return;
  }
  Range ranges[kAhead];
  for (std::size_t first = 0; first < keys.size(); first += kAhead) {
    const std::size_t count = std::min(kAhead, keys.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      ranges[i] = Locate(keys[first + i]);
      // What the guess is off by lies on both sides of it.
      const char* near = reinterpret_cast<const char*>(records_ + ranges[i].guess);
      __builtin_prefetch(near - 64);
      __builtin_prefetch(near);
      __builtin_prefetch(near + 64);
    }
    for (std::size_t i = 0; i < count; ++i) indices[first + i] = Search(keys[first + i], ranges[i]);
  }
}

StateRecordsWriter::StateRecordsWriter(std::string path, std::uint64_t at_most)
    : file_(std::move(path)),
      bucket_bits_(static_cast<unsigned>(std::bit_width(std::min(at_most, kMaxRecords) / kBucketRecords))) {
  file_.Append(std::string(kPreambleBytes, '\0'));
  block_.reserve(kStateBlockRecords * sizeof(StateRecord));
}

// Buckets up to `until`, itself included, begin at the next record.
void StateRecordsWriter::BeginBuckets(std::uint64_t until) {
  for (; buckets_begun_ <= until; ++buckets_begun_) {
    const auto start = static_cast<std::uint32_t>(records_);
    directory_.append(reinterpret_cast<const char*>(&start), sizeof start);
  }
}

void StateRecordsWriter::Append(const StateRecord& record) {
  if (records_ == kMaxRecords) throw StateError("W-STATE-006", "a sync holds 4294967295 keys at most; split it in two");
  BeginBuckets(Bucket(Prefix(record.key), bucket_bits_));
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
  BeginBuckets(std::uint64_t{1} << bucket_bits_);
  preamble.kind = StateFileKind::kState;
  preamble.records = records_;
  file_.Append(EncodeTrailer(keys, {sealed_header, digests_, directory_}, file_.size(), &preamble));
  file_.WriteAt(0, EncodePreamble(preamble));
  file_.Sync();
}

}  // namespace weir::gateway
