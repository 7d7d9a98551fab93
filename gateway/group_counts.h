#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/row_digests.h"
#include "gateway/sync_plan.h"
#include "policies/batch.h"

namespace weir::gateway {

// The outgoing fields by which the k-anonymity guards of a plan count.
struct GroupFields {
  std::vector<std::uint32_t> steps;                  // of plan.steps, distinct, ascending
  std::vector<std::vector<std::uint32_t>> of_guard;  // one for each of plan.gate.anonymity: indices into `steps`
  bool empty() const { return steps.empty(); }
};
GroupFields GroupFieldsOf(const SyncPlan& plan);

// How many rows that the destination has, or will have, share their outgoing values, for each guard. Keyed hashes only;
// the values are not kept. Not thread-safe: one a thread, merged at the end.
class GroupCounts {
 public:
  // Of all guards of one run. About 60 bytes each; with more, nothing is known and the run is held.
  static constexpr std::size_t kMaxGroups = 2'000'000;

  GroupCounts() = default;  // counts nothing
  explicit GroupCounts(GroupFields fields, std::size_t max_groups = kMaxGroups)
      : fields_(std::move(fields)), max_groups_(max_groups) {}

  bool active() const { return !fields_.empty(); }
  const GroupFields& fields() const { return fields_; }

  // `batch` holds every outgoing field of the plan, or those of fields().steps alone.
  enum class Columns : std::uint8_t { kAllSteps, kGroupSteps };
  void Add(const policies::Batch& batch, std::uint32_t row, Columns columns, RowDigests* digests);
  // A row that the destination has with values that nobody knows any more.
  void AddUnknown() { ++unknown_; }
  void Merge(const GroupCounts& other);

  struct Small {
    std::uint64_t groups = 0;
    std::uint64_t rows = 0;  // in all of them
  };
  // Groups of fewer than `k` rows.
  Small SmallerThan(std::size_t guard, std::uint64_t k) const;
  std::uint64_t unknown() const { return unknown_; }
  bool overflowed() const { return overflowed_; }

 private:
  using Key = std::array<std::uint8_t, 12>;
  struct Hash {
    std::size_t operator()(const Key& key) const {
      std::size_t out = 0;  // a keyed hash is evenly spread already
      std::memcpy(&out, key.data(), sizeof out);
      return out;
    }
  };
  using Groups = std::unordered_map<Key, std::uint64_t, Hash>;
  void Bound();

  GroupFields fields_;
  std::size_t max_groups_ = kMaxGroups;
  std::vector<Groups> groups_;  // by guard
  std::string cells_;
  std::uint64_t unknown_ = 0;
  bool overflowed_ = false;
};

// What the guards say after a scan. A refusal for each guard that is not met; those of `held` hold the run.
struct AnonymityVerdict {
  std::vector<SyncPlan::Refusal> held, told;
};
AnonymityVerdict CheckAnonymity(const SyncPlan& plan, bool whole_scan, const GroupCounts& counts);

}  // namespace weir::gateway
