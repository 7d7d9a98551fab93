#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/sync_state.h"

namespace weir::gateway {

// Collects the keys of one scan that the state does not have and tells, at the end, which stand twice. Up to 2 million
// keys in memory, then partitions by key in temporary files under `folder` (keyed hashes only). Not thread-safe. Throws
// audit::FileError.
class DuplicateKeys {
 public:
  explicit DuplicateKeys(std::string folder);
  ~DuplicateKeys();
  void Add(const RowKey& key);
  // Number of keys added more than once (each counted once). Call once.
  std::uint64_t CountDuplicates();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::gateway
