#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "audit/file.h"
#include "audit/secret.h"
#include "gateway/published_log.h"

namespace weir::gateway {

// State is damaged, of another sync, or ahead of its log: the sync stops; nothing is guessed. code(): W-STATE-00N.
class StateError : public std::runtime_error {
 public:
  StateError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// Another run has the state; it is whole, and this one has touched nothing. code(): W-STATE-002.
class StateBusyError final : public StateError {
 public:
  using StateError::StateError;
};

using RowKey = std::array<std::uint8_t, 16>;  // keyed hash of the outgoing match fields

// 40 bytes for each key: no value, no plain key.
struct StateRecord {
  enum Flag : std::uint32_t {
    kPresent = 1,    // the destination has it
    kWithheld = 2,   // was there; a filter or consent took it back
    kMaybe = 4,      // intent without outcome
    kRejected = 8,   // refused by the destination; tried again on change or after 2^rejections runs
    kGone = 16,      // in updates only: forget the key
  };
  RowKey key{};
  std::uint64_t input = 0;                    // keyed fingerprint of the mapped input under the effect digest
  std::array<std::uint8_t, 12> outgoing{};    // keyed fingerprint of the outgoing bytes
  std::uint32_t bits = 0;                     // flags (5 bits), rejections (3 bits), run number (24 bits)

  std::uint32_t flags() const { return bits & 31u; }
  std::uint32_t rejections() const { return (bits >> 5) & 7u; }
  std::uint32_t run() const { return bits >> 8; }
  bool MayBeThere() const { return (bits & (kPresent | kMaybe)) != 0; }
  static std::uint32_t Pack(std::uint32_t flags, std::uint32_t rejections, std::uint32_t run) {
    return (flags & 31u) | ((rejections > 7 ? 7u : rejections) << 5) | (run << 8);
  }
};
static_assert(sizeof(StateRecord) == 40);

struct StateIds {
  std::string tenant, environment, sync;
};

// What holds for the whole sync between runs. Stored sealed in the state's header.
struct StateHeader {
  std::uint64_t applied_frame = 0;      // frames of the log below this are in the state
  std::uint32_t run = 0;                // number of the last run
  std::vector<std::string> sent_fields; // fields that the destination may have
  std::string effect_digest;            // of the last complete run
  std::string place;                    // where the rows are (place.h); empty: none was sent
};

struct StateUpdate {
  StateRecord record;
  // What a delete request needs (the outgoing match fields), plain; sealed before it touches the disk. Empty: keeps what
  // is there.
  std::string_view side;
};

class StateUpdates;

// One generation: records sorted by key, read through a memory map (no anonymous memory), and the sealed side file.
// Immutable; safe to read from several threads, save OpenSide. The folder holds the generation and its predecessor.
class SyncState {
 public:
  static constexpr std::size_t kNotFound = ~std::size_t{0};

  // Opens the newest whole generation; an empty one when the folder has none. Throws StateError when there are files but
  // none is whole, or they are of other ids or another key. Takes the writer's lock first; a second writer gets a
  // StateBusyError.
  static std::unique_ptr<SyncState> Open(const std::string& folder, const StateIds& ids,
                                         const audit::SecretKey& state_root, const audit::SecretKey& seal_root);
  virtual ~SyncState() = default;

  virtual const StateHeader& header() const = 0;
  virtual std::size_t size() const = 0;
  virtual const StateRecord& at(std::size_t index) const = 0;
  virtual std::size_t Find(const RowKey& key) const = 0;  // kNotFound
  // Find for each of `keys` into indices[0..keys.size()): several times as fast for the keys of a batch.
  virtual void FindAll(std::span<const RowKey> keys, std::size_t* indices) const = 0;
  // The plain side value of a record; nullopt: none kept. Throws StateError when it does not open.
  virtual std::optional<std::string> OpenSide(std::size_t index) = 0;

  // How far the log had been published when Remember was last called; nullopt before the first. Open throws StateError
  // W-STATE-013 when there is a generation and no such knowledge: somebody took it away.
  virtual const std::optional<PublishedLog>& published() const = 0;
  // Durable on return.
  // INVARIANT: called with what the log has published, before the first Advance that follows.
  virtual void Remember(const PublishedLog& published) = 0;

  // To collect the updates of the next generation; what does not fit in memory is kept beside the state, sealed.
  virtual std::unique_ptr<StateUpdates> NewUpdates() const = 0;
  // Merges updates (the last for a key wins) into a new generation and switches to it: temporary files, sync, rename;
  // after a crash the old generation or the new. Indices are invalid afterwards. `before_switch` is called when the files
  // are durable and nothing is seen of them yet; what it throws leaves the state as it was.
  virtual void Advance(const StateHeader& header, StateUpdates* updates,
                       const std::function<void()>& before_switch = nullptr) = 0;
};

}  // namespace weir::gateway
