#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/row_digests.h"
#include "gateway/scan.h"

namespace weir::gateway {

// Phase two, over the whole input. Nothing has left yet, and nothing does when there is any reason here.

// Rows of the state that the scan did not see and that the destination may have.
struct Vanished {
  std::uint64_t known = 0;     // rows that the destination may have, seen or not
  std::uint64_t vanished = 0;  // of those, not seen
};
Vanished CountVanished(const SyncState& state, const ScanResult& scan);

// Whether rows that vanished from the model leave the destination: in mode mirror, unless `on_leave` keeps them.
bool RemovesVanished(const SyncPlan& plan);

// Whether `count` is more than the limit allows; a share is one of `of`.
bool Exceeds(std::uint64_t count, const policies::Limit& limit, std::uint64_t of);

// A guard that holds the run.
struct GuardHold {
  enum class Guard : std::uint8_t { kNever, kMinRows, kMaxDeletes, kMaxChanges };
  Guard guard = Guard::kNever;  // which may be approved; keys, values and small groups never
  std::uint64_t count = 0;     // what there is: rows, deletes, changes
  std::string code;
  std::string what;            // "12 rows of 100 would be deleted, more than `max_deletes: 2%`"
  std::string advice;          // ": nothing was sent; add a `unique` test, …"; empty: `what` says it all
};

// What holds the run, and what is only told: of requirements that are waived, observed or only warn.
struct GuardVerdict {
  std::vector<GuardHold> held;
  std::vector<SyncPlan::Refusal> told;
};

// Values, null keys, duplicate keys, k-anonymity, max_deletes, max_changes, min_rows. Removals for consent and policy have no
// limit. Counts only, never a value.
GuardVerdict CheckGuards(const SyncPlan& plan, const RunOptions& options, const ScanResult& scan,
                         const RunCounts& counts, const Vanished& vanished);

// Adds the vanished rows to scan->leaving as on_leave says (mirror only), from the side file. Rows that were withheld
// and are gone from the source too are forgotten (scan->quiet).
void AddVanished(const SyncPlan& plan, SyncState& state, std::uint32_t run_number, ScanResult* scan, RunCounts* counts);

// What the side file keeps of a row: its outgoing match fields and its subjects' tags.
std::string EncodeSide(std::span<const Tag> subjects, std::string_view match_cells);
bool DecodeSide(std::string_view side, std::vector<Tag>* subjects, std::vector<std::optional<std::string>>* match);

}  // namespace weir::gateway
