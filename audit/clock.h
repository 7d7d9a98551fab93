#pragma once

#include <chrono>
#include <string>

namespace weir::audit {

using Time = std::chrono::sys_time<std::chrono::microseconds>;  // UTC

// Thread-safe. Tests pass their own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;
  virtual std::chrono::steady_clock::time_point Monotonic() const = 0;
  // Returns early, false, when `stop` becomes true (checked at least every 50 ms); null: never.
  virtual bool Sleep(std::chrono::milliseconds duration, bool (*stop)() = nullptr) const = 0;
};

const Clock& SystemClock();

// RFC 3339 in UTC with six digits: 2026-11-22T21:00:00.123456Z.
std::string FormatTime(Time time);

}  // namespace weir::audit
