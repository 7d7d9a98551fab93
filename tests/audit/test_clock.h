#pragma once

#include <atomic>

#include "audit/clock.h"

namespace weir::audit {

// Stands still at 2026-11-22T21:00:00Z until it is advanced.
class TestClock final : public Clock {
 public:
  Time Now() const override { return Time(std::chrono::microseconds(1'795'381'200'000'000 + elapsed_.load())); }
  std::chrono::steady_clock::time_point Monotonic() const override {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(elapsed_.load()));
  }
  bool Sleep(std::chrono::milliseconds duration, bool (*stop)()) const override {
    elapsed_ += std::chrono::microseconds(duration).count();
    return stop == nullptr || !stop();
  }
  void Advance(std::chrono::microseconds duration) { elapsed_ += duration.count(); }

 private:
  mutable std::atomic<std::int64_t> elapsed_{0};
};

}  // namespace weir::audit
