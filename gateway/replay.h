#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "audit/clock.h"
#include "audit/log.h"
#include "gateway/state_frames.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// Takes the log's private frames into the state: the only way in which a state ever changes, after a crash as at the end
// of a run. Throws StateError, audit::LogError.

// Intents without outcome: a run crashed between them. Each row that has none gets an `unknown` outcome entry, and the
// intent its frame, durable on return. A batch that was torn leaves less: outcomes without their frame stand as they are,
// and an intent without its frame was never sent, which its outcomes then say (`not_sent`). The number of unknown rows.
std::uint64_t CloseDanglingIntents(audit::Log& log, StateFrameCodec& codec, const SyncState& state,
                                   const audit::Clock& clock);

// Applies every frame that the state has not seen. Afterwards state.header().applied_frame is log.frame_count(), save
// when nothing but header frames were there and they are few: the generation is then left as it is, and *header (what
// holds, never null) is ahead of it. `after_reading` is called once, when the frames have been read and before anything of
// the state is written; what it throws leaves the state as it was.
void AdvanceState(const audit::Log& log, StateFrameCodec& codec, SyncState& state, StateHeader* header,
                  const std::function<void()>& after_reading = nullptr);

}  // namespace weir::gateway
