#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "audit/clock.h"
#include "audit/log.h"
#include "gateway/state_frames.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// Takes the log's private frames into the state: the only way in which a state ever changes, after a crash, where they
// are read back, as at the end of a run, which took them as it wrote them. Throws StateError, audit::LogError.

// Intents without outcome: a run crashed between them. Each row that has none gets an `unknown` outcome entry, and the
// intent its frame, durable on return. A batch that was torn leaves less: outcomes without their frame stand as they are,
// and an intent without its frame was never sent, which its outcomes then say (`not_sent`). The number of unknown rows.
std::uint64_t CloseDanglingIntents(audit::Log& log, StateFrameCodec& codec, const SyncState& state,
                                   const audit::Clock& clock);

// Follows the private frames of a log in their order: what they come to is the state's next generation. Not thread-safe.
class StateReplay {
 public:
  // `header`: what holds where it begins. `state` outlives it, and does not move before Finish.
  StateReplay(SyncState& state, StateHeader header);
  ~StateReplay();
  StateReplay(const StateReplay&) = delete;
  StateReplay& operator=(const StateReplay&) = delete;

  void Take(IntentFrame frame);
  void Take(const OutcomeFrame& frame);
  void Take(const RecordsFrame& frame);
  void Take(HeaderFrame frame);

  // Once, when every frame below `frame_count` was taken. Afterwards the state's applied_frame is `frame_count`, save when
  // nothing but header frames were there and they are few: the generation is then left as it is, and *header (what holds,
  // never null) is ahead of it. `before_switch` is called once, before anything of a new generation is seen; what it throws
  // leaves the state as it was.
  void Finish(std::uint64_t frame_count, StateHeader* header, const std::function<void()>& before_switch);

 private:
  void Apply(const IntentFrame& intent, const std::vector<Result>* results);

  SyncState& state_;
  const std::uint64_t from_;
  StateHeader header_;
  std::unique_ptr<StateUpdates> updates_;
  std::map<std::uint64_t, IntentFrame> open_;
  bool moves_ = false;
};

// Replays every frame that the state has not seen, read back from the log.
void AdvanceState(const audit::Log& log, StateFrameCodec& codec, SyncState& state, StateHeader* header,
                  const std::function<void()>& before_switch = nullptr);

}  // namespace weir::gateway
