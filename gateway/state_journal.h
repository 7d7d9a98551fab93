#pragma once

#include <utility>

#include "audit/log.h"
#include "gateway/replay.h"
#include "gateway/state_frames.h"

namespace weir::gateway {

// Where a run says what its state will hold: each private frame goes into the log, sealed, and to the replay, which so
// knows at the end of the run what it would read back after a crash. A throw leaves the two apart: read the log then.
// Not thread-safe. Refers to what it is given.
class StateJournal {
 public:
  StateJournal(audit::Log& log, StateFrameCodec& codec, StateReplay& replay) : log_(log), codec_(codec), replay_(replay) {}

  template <typename Frame>
  void Append(Frame&& frame) {
    log_.AppendPrivate(codec_.Encode(frame));
    replay_.Take(std::forward<Frame>(frame));
  }

 private:
  audit::Log& log_;
  StateFrameCodec& codec_;
  StateReplay& replay_;
};

}  // namespace weir::gateway
