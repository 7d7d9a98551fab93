#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/group_counts.h"
#include "gateway/spool.h"
#include "gateway/sync_plan.h"

namespace weir::gateway {

// What a whole scan found. Nothing has been sent or written to log or state.
struct ScanResult {
  explicit ScanResult(const std::string& folder) : leaving(folder), present(folder), quiet(folder) {}

  Spool leaving;  // deletes, blanks and suppressions; they are delivered first
  Spool present;  // rows that are new or changed
  Spool quiet;    // input changed, outgoing bytes did not: a state record each, no fields
  std::vector<bool> seen;           // by index of the state
  std::uint64_t null_keys = 0;      // rows
  std::uint64_t duplicate_keys = 0; // keys
  std::uint64_t changed_present = 0;  // rows that the destination has and that would be updated
  std::vector<SyncPlan::Refusal> by_value;  // columns whose values show a class that forbids what the plan would send
  GroupCounts groups;  // of rows that the destination has or will have; not those that are withheld or refused
  bool interrupted = false;
};

}  // namespace weir::gateway
