#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/sealed_scratch.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// All updates of one key, taken together.
struct KeyUpdate {
  StateRecord record;           // the last one's
  bool gone = false;            // forget the key
  bool keeps_side = true;       // what the state has stays
  std::string_view side;        // otherwise this; empty: none
};

// Collects updates in any order and gives them back sorted by key, each key once. They wait in partitions by key, each
// small enough to be sorted in a processor's cache; what 56 MB do not hold waits on disk, sealed, and is read back a
// partition at a time: at most 64 MB, whatever their number up to some hundred million. Add, then Next until it returns
// false. Not thread-safe. Throws audit::FileError.
class StateUpdates {
 public:
  explicit StateUpdates(std::string folder);
  ~StateUpdates();
  void Add(const StateUpdate& update);
  std::uint64_t count() const { return count_; }  // of Add
  // Views in *update are valid until the next call.
  bool Next(KeyUpdate* update);

 private:
  struct Partition {
    std::vector<std::string> pieces;  // updates as Encode writes them; full ones
    std::vector<std::size_t> on_disk; // full ones too, later than those
    std::string waiting;              // later than all of them
  };
  struct Place {
    std::uint64_t prefix;  // of the key, to sort by
    std::uint64_t offset;  // in loaded_; grows with the order of Add
  };
  bool Load();
  void SortLoaded();

  std::uint64_t count_ = 0;
  std::vector<Partition> partitions_;
  std::size_t in_memory_ = 0;  // bytes of full pieces
  SealedScratch file_;
  std::size_t next_partition_ = 0;
  std::string loaded_;
  std::vector<Place> places_;
  std::size_t next_ = 0;
};

}  // namespace weir::gateway
