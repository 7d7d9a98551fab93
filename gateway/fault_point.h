#pragma once

#include <atomic>
#include <string_view>

namespace weir::gateway {

// Called before every step that changes the disk in a state folder, so that a test can end the process, or fail, between
// any two of them. Null outside of tests.
inline std::atomic<void (*)(std::string_view step)> fault_hook{nullptr};

inline void FaultPoint(std::string_view step) {
  if (void (*hook)(std::string_view) = fault_hook.load(std::memory_order_relaxed)) hook(step);
}

}  // namespace weir::gateway
