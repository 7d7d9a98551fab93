#include "manifest/timestamp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::manifest {
namespace {

TEST(Timestamp, IsReadAsEveryDbtWritesIt) {
  struct Row {
    std::string text;
    std::int64_t nanoseconds;  // since 2026-08-20T13:47:12Z; -1: refused
  };
  const std::vector<Row> table = {{"2026-08-20T13:47:12.274457473Z", 274457473},
                                  {"2026-08-20T13:47:12.2744574Z", 274457400},
                                  {"2026-08-20T13:47:12.274457Z", 274457000},
                                  {"2026-08-20T13:47:12Z", 0},
                                  {"2026-08-20 13:47:12", 0},
                                  {"2026-08-20T15:47:12.5+02:00", 500000000},
                                  {"2026-08-20T11:17:12-0230", 0},
                                  {"2026-08-20T13:47:12.1234567890Z", -1},
                                  {"2026-08-20T13:47:12.Z", -1},
                                  {"2026-02-30T13:47:12Z", -1},
                                  {"2026-08-20T24:00:00Z", -1},
                                  {"2026-08-20", -1},
                                  {"2026-08-20T13:47:12Zx", -1},
                                  {"0001-01-01T00:00:00Z", -1},
                                  {"9999-12-31T23:59:59Z", -1},
                                  {"", -1}};
  const Timestamp start = *ParseTimestamp("2026-08-20T13:47:12Z");
  EXPECT_EQ(start.time_since_epoch().count(), 1787233632'000000000);
  for (const Row& row : table) {
    const std::optional<Timestamp> read = ParseTimestamp(row.text);
    EXPECT_EQ(read ? (*read - start).count() : -1, row.nanoseconds) << row.text;
  }
}

TEST(Timestamp, ZeroSecondsAreUnknown) {
  EXPECT_EQ(FromSeconds(0), std::nullopt);
  EXPECT_EQ(FromSeconds(-5), std::nullopt);
  EXPECT_EQ(FromSeconds(1e300), std::nullopt);
  EXPECT_EQ(FromSeconds(1787233632.5), *ParseTimestamp("2026-08-20T13:47:12.5Z"));
}

}  // namespace
}  // namespace weir::manifest
