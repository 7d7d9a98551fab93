#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "audit/clock.h"
#include "gateway/workspace.h"

namespace weir::gateway {

// `fresh: {wait: ...}` of the policy: a run whose gate is held by nothing but evidence that dbt may yet bring waits for it.
// Nothing is locked meanwhile and nothing of the run has begun: no state is open, no log entry written.

// How long policy wants the sync to wait, from now; nullopt: its gate is open, or is held by something else as well.
std::optional<std::chrono::seconds> WaitOf(const Workspace& workspace, const policies::SyncSpec& sync, audit::Time now);

// What a wait needs of the world. Tests give their own.
struct WaitWorld {
  const audit::Clock& clock;
  const std::atomic<bool>& stop;
  // Differs from before when dbt has written an artifact: looked at often, so it reads none.
  std::function<std::string()> look;
  // Everything, read again. nullopt: configuration or policy are wrong by now, and it was said. May throw
  // manifest::ArtifactError: an artifact is half written, and is looked at again.
  std::function<std::optional<Workspace>()> read;
  // Called at the beginning and after every look.
  std::function<void(std::chrono::seconds left)> tell;
};

enum class WaitEnd : std::uint8_t {
  kArrived,   // the gate is open, or held by what no waiting mends
  kTimedOut,
  kStopped,   // `stop` became true
  kBroken,    // configuration or policy cannot be read any more
  kGone,      // the sync is declared no longer
};

struct WaitResult {
  WaitEnd end = WaitEnd::kArrived;
  std::optional<Workspace> workspace;  // the one read last; nullopt: the one that it began with
};

// Waits until `begin` plus what WaitOf says; the evidence that arrives may come with a policy that wants another wait,
// which then counts. Time is the clock's monotonic.
WaitResult WaitForEvidence(const Workspace& workspace, const std::string& sync_id,
                           std::chrono::steady_clock::time_point begin, const WaitWorld& world);

// Sizes and times of the artifacts in `folder`.
std::string LookAtArtifacts(const std::string& folder);

}  // namespace weir::gateway
