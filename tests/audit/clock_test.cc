#include "audit/clock.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::audit {
namespace {

TEST(FormatTime, Rfc3339) {
  const std::vector<std::pair<std::int64_t, std::string>> cases = {
      {0, "1970-01-01T00:00:00.000000Z"},
      {1, "1970-01-01T00:00:00.000001Z"},
      {-1, "1969-12-31T23:59:59.999999Z"},
      {1'795'381'200'123'456, "2026-11-22T21:00:00.123456Z"},
      {1'709'251'199'999'999, "2024-02-29T23:59:59.999999Z"},
  };
  for (const auto& [micros, expected] : cases) {
    EXPECT_EQ(FormatTime(Time(std::chrono::microseconds(micros))), expected);
  }
}

TEST(SystemClock, SleepStopsWhenAsked) {
  EXPECT_FALSE(SystemClock().Sleep(std::chrono::hours(1), [] { return true; }));
  const auto start = SystemClock().Monotonic();
  EXPECT_TRUE(SystemClock().Sleep(std::chrono::milliseconds(5), [] { return false; }));
  EXPECT_GE(SystemClock().Monotonic() - start, std::chrono::milliseconds(5));
}

}  // namespace
}  // namespace weir::audit
