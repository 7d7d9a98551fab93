#include "gateway/evidence_wait.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "manifest/artifacts.h"
#include "policies/gate.h"

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLookEvery{10};
constexpr std::chrono::milliseconds kSlice{200};  // how soon a signal is obeyed

// False when it was stopped.
bool Pause(const WaitWorld& world, std::chrono::milliseconds duration) {
  for (; duration.count() > 0; duration -= kSlice) {
    if (world.stop.load()) return false;
    world.clock.Sleep(std::min(duration, kSlice));
  }
  return !world.stop.load();
}

// Rounded up: what is told to be left has not passed.
std::chrono::seconds Until(std::chrono::steady_clock::time_point deadline, const audit::Clock& clock) {
  return std::chrono::ceil<std::chrono::seconds>(deadline - clock.Monotonic());
}

// nullopt: an artifact is half written. `*broken`: the rest is wrong.
std::optional<Workspace> ReadAgain(const WaitWorld& world, bool* broken) {
  try {
    std::optional<Workspace> workspace = world.read();
    *broken = !workspace;
    return workspace;
  } catch (const manifest::ArtifactError&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<std::chrono::seconds> WaitOf(const Workspace& workspace, const policies::SyncSpec& sync, audit::Time now) {
  const auto& requirements = workspace.policy.requirements;
  const bool any = std::any_of(requirements.begin(), requirements.end(),
                               [](const policies::Requirement& one) { return one.fresh_wait_seconds.has_value(); });
  if (!any) return std::nullopt;
  const policies::SyncDecision decision = policies::Decide(workspace.policy, workspace.artifacts.project, sync);
  if (!decision.refusals.empty()) return std::nullopt;
  return policies::EvaluateGate(workspace.policy, workspace.artifacts, decision, now).wait;
}

WaitResult WaitForEvidence(const Workspace& workspace, const std::string& sync_id,
                           std::chrono::steady_clock::time_point begin, const WaitWorld& world) {
  WaitResult out;
  const Workspace* current = &workspace;
  std::string seen;  // so that the first look reads again: dbt may have written while the workspace was read
  for (;;) {
    const policies::SyncSpec* const sync = current->FindSync(sync_id, nullptr);
    if (sync == nullptr) {
      out.end = WaitEnd::kGone;
      return out;
    }
    const auto wait = WaitOf(*current, *sync, world.clock.Now());
    if (!wait) return out;
    for (;;) {
      const std::chrono::seconds left = Until(begin + *wait, world.clock);
      out.end = left.count() <= 0 ? WaitEnd::kTimedOut : WaitEnd::kStopped;
      if (left.count() <= 0) return out;
      world.tell(left);
      if (!Pause(world, std::min<std::chrono::milliseconds>(left, kLookEvery))) return out;
      const std::string now = world.look();
      if (now == seen) continue;
      bool broken = false;
      std::optional<Workspace> again = ReadAgain(world, &broken);
      if (broken) {
        out.end = WaitEnd::kBroken;
        return out;
      }
      if (!again) continue;
      seen = now;
      out.end = WaitEnd::kArrived;
      out.workspace = std::move(again);
      current = &*out.workspace;
      break;
    }
  }
}

std::string LookAtArtifacts(const std::string& folder) {
  std::string out;
  for (const char* name : {"manifest.json", "run_results.json", "sources.json", "catalog.json"}) {
    std::error_code error;
    const fs::path path = fs::path(folder) / name;
    const auto size = fs::file_size(path, error);
    const auto written = fs::last_write_time(path, error);
    out += error ? "-" : std::to_string(size) + "@" + std::to_string(written.time_since_epoch().count());
    out += ' ';
  }
  return out;
}

}  // namespace weir::gateway
