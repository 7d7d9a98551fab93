#include "audit/clock.h"

#include <algorithm>
#include <thread>

namespace weir::audit {
namespace {

class RealClock final : public Clock {
 public:
  Time Now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point Monotonic() const override { return std::chrono::steady_clock::now(); }
  bool Sleep(std::chrono::milliseconds duration, bool (*stop)()) const override {
    const auto end = Monotonic() + duration;
    for (;;) {
      if (stop != nullptr && stop()) return false;
      const auto now = Monotonic();
      if (now >= end) return true;
      auto step = std::chrono::duration_cast<std::chrono::nanoseconds>(end - now);
      if (stop != nullptr) step = std::min<std::chrono::nanoseconds>(step, std::chrono::milliseconds(50));
      std::this_thread::sleep_for(step);
    }
  }
};

void PutDigits(std::uint64_t value, int count, char* out) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

std::string FormatTime(Time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const auto micros = static_cast<std::uint64_t>((time - day).count());
  std::string text = "0000-00-00T00:00:00.000000Z";
  PutDigits(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4, &text[0]);
  PutDigits(static_cast<unsigned>(date.month()), 2, &text[5]);
  PutDigits(static_cast<unsigned>(date.day()), 2, &text[8]);
  PutDigits(micros / 3'600'000'000, 2, &text[11]);
  PutDigits(micros / 60'000'000 % 60, 2, &text[14]);
  PutDigits(micros / 1'000'000 % 60, 2, &text[17]);
  PutDigits(micros % 1'000'000, 6, &text[20]);
  return text;
}

}  // namespace weir::audit
