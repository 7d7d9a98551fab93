#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/keyring.h"
#include "gateway/sync_plan.h"
#include "gateway/sync_state.h"
#include "policies/sync_spec.h"

namespace weir::gateway {

// What the state remembers of a sync, read without the warehouse.
struct StateMemory {
  StateHeader header;
  std::uint64_t present = 0;  // rows that the destination has or may have
};

// nullopt, and why in *reason: no run yet, no key file, another run has the state, damage. Never throws: that nothing is
// known is told, and is no reason not to plan. Changes nothing; makes no folder.
std::optional<StateMemory> RecallState(const std::string& folder, const Config& config, const policies::SyncSpec& sync,
                                       const std::optional<Keyring>& keyring, std::string* reason);
// The key file when it is there and good, else nullopt and why.
std::optional<Keyring> RecallKeyring(const Config& config, std::string* reason);

// What the next run does with rows that are at the destination, as far as that can be told without reading the warehouse.
// Counts are upper bounds: only a run knows which rows are still there and whose outgoing bytes really change.
struct Forecast {
  enum class Kind : std::uint8_t { kAnew, kSent, kBlanked, kDeleted, kSuppressed, kStays, kMoved, kNothing };
  struct Item {
    Kind kind = Kind::kNothing;
    std::string field;       // empty: of the rows as a whole
    std::uint64_t rows = 0;  // at most
    std::string text;
  };
  bool known = false;
  std::string why_unknown;  // when it is not
  std::uint64_t present = 0;
  std::vector<Item> items;
};
std::string_view Name(Forecast::Kind kind);  // "anew", "sent", "blanked", "deleted", "suppressed", "stays", "moved", "nothing"

// `plan` was made with the memory's sent fields and the same keys.
Forecast MakeForecast(const SyncPlan& plan, const StateMemory& memory);

}  // namespace weir::gateway
