#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/mapped_file.h"
#include "gateway/new_file.h"
#include "gateway/state_format.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// The records of a `.state` file, sorted by key, where they lie in the map. Each block is checked against its digest when
// it is first touched, so that opening costs nothing. Safe to read from several threads.
class StateRecords {
 public:
  StateRecords() = default;  // none
  // `checked`: of `map`, which moves in here. nullopt-like: `whole()` is false when the sizes do not agree.
  StateRecords(std::string path, MappedFile map, const CheckedFile& checked, std::string_view digests);

  bool whole() const { return whole_; }
  std::size_t size() const { return size_; }
  // Throws StateError when the block is damaged.
  const StateRecord& at(std::size_t index) const {
    const std::size_t block = index / kStateBlockRecords;
    if (checked_[block].load(std::memory_order_relaxed) == 0) CheckBlock(block);
    return records_[index];
  }
  std::size_t Find(const RowKey& key) const;  // SyncState::kNotFound

 private:
  void CheckBlock(std::size_t block) const;

  std::string path_;
  MappedFile map_;
  const StateRecord* records_ = nullptr;
  std::size_t size_ = 0;
  std::string_view digests_;
  std::unique_ptr<std::atomic<std::uint8_t>[]> checked_;
  bool whole_ = true;
};

// Writes a `.state` file; records come sorted by key, each key once.
class StateRecordsWriter {
 public:
  explicit StateRecordsWriter(std::string path);
  void Append(const StateRecord& record);
  // Completes and syncs it. `sealed_header` goes into the trailer.
  void Finish(StateKeys* keys, const std::string& sealed_header, Preamble preamble);
  std::uint64_t records() const { return records_; }

 private:
  void EndBlock();

  NewFile file_;
  std::string block_;
  std::string digests_;
  std::uint64_t records_ = 0;
};

}  // namespace weir::gateway
