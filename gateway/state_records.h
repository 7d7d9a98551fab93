#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/mapped_file.h"
#include "gateway/new_file.h"
#include "gateway/state_format.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// The records of a `.state` file, sorted by key, where they lie in the map. Each block is checked against its digest
// when it is first touched, so that opening costs nothing. Safe to read from several threads.
class StateRecords {
 public:
  StateRecords() = default;  // none
  // `checked`: of `map`, which moves in here. `whole()` is false when the sizes do not agree.
  StateRecords(std::string path, MappedFile map, const CheckedFile& checked);

  bool whole() const { return whole_; }
  std::size_t size() const { return size_; }
  // Throws StateError when the block is damaged.
  const StateRecord& at(std::size_t index) const {
    const std::size_t block = index / kStateBlockRecords;
    if (checked_[block].load(std::memory_order_relaxed) == 0) CheckBlock(block);
    return records_[index];
  }
  std::size_t Find(const RowKey& key) const;  // SyncState::kNotFound
  // Find for each of `keys`. Their misses of the cache overlap: several times as fast for many keys.
  void FindAll(std::span<const RowKey> keys, std::size_t* indices) const;

 private:
  // Where a key must be if it is there, [low, high), and where to look first.
  struct Range {
    std::size_t low, high, guess;
  };
  Range Locate(const RowKey& key) const;
  std::size_t Search(const RowKey& key, Range range) const;
  void CheckBlock(std::size_t block) const;

  std::string path_;
  MappedFile map_;
  const StateRecord* records_ = nullptr;
  std::size_t size_ = 0;
  std::string_view digests_;
  std::string_view directory_;  // where the keys of each bucket begin: 1/160 of the records, so it stays in the cache
  unsigned bucket_bits_ = 0;    // of a key, from its front
  std::unique_ptr<std::atomic<std::uint8_t>[]> checked_;
  bool whole_ = true;
};

// Writes a `.state` file; records come sorted by key, each key once, 2^32 - 1 at most.
class StateRecordsWriter {
 public:
  // `at_most` records will come: it sizes the directory, a quarter of a byte each.
  StateRecordsWriter(std::string path, std::uint64_t at_most);
  void Append(const StateRecord& record);
  // Completes and syncs it. `sealed_header` goes into the trailer.
  void Finish(StateKeys* keys, const std::string& sealed_header, Preamble preamble);
  std::uint64_t records() const { return records_; }

 private:
  void EndBlock();
  void BeginBuckets(std::uint64_t until);

  NewFile file_;
  std::string block_;
  std::string digests_;
  std::string directory_;
  unsigned bucket_bits_;
  std::uint64_t buckets_begun_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace weir::gateway
