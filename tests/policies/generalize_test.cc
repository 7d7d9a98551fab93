#include "policies/generalize.h"

#include <gtest/gtest.h>

#include <set>

namespace weir::policies {
namespace {

using What = Generalization::What;

Generalization Of(What what) {
  Generalization out;
  out.what = what;
  return out;
}
Generalization Year() {
  Generalization out = Of(What::kDate);
  out.year = true;
  return out;
}
Generalization Bucket(std::uint64_t bucket) {
  Generalization out = Of(What::kNumber);
  out.bucket = bucket;
  return out;
}
Generalization Ip(std::uint32_t v4, std::uint32_t v6) {
  Generalization out = Of(What::kIp);
  out.v4_prefix = v4;
  out.v6_prefix = v6;
  return out;
}

TEST(GeneralizeTest, MakesCoarser) {
  const struct {
    ColumnType type;
    Generalization generalize;
    std::string text, expected;
  } cases[] = {
      {ColumnType::kDate, Of(What::kDate), "2026-11-22", "2026-11-01"},
      {ColumnType::kDate, Year(), "2026-11-22", "2026-01-01"},
      {ColumnType::kTimestamp, Of(What::kDate), "2026-11-22 21:30:00.5", "2026-11-01 00:00:00"},
      {ColumnType::kTimestampTz, Year(), "2026-11-22 21:30:00+00", "2026-01-01 00:00:00+00"},
      {ColumnType::kInteger, Bucket(10), "17", "10"},
      {ColumnType::kInteger, Bucket(10), "0", "0"},
      {ColumnType::kInteger, Bucket(10), "-1", "-10"},
      {ColumnType::kInteger, Bucket(10), "-10", "-10"},
      {ColumnType::kInteger, Bucket(1000), "12345678901234567890123", "12345678901234567890000"},
      {ColumnType::kDecimal, Bucket(5), "17.99", "15"},
      {ColumnType::kDecimal, Bucket(5), "-0.01", "-5"},
      {ColumnType::kDecimal, Bucket(5), "-5.00", "-5"},
      {ColumnType::kText, Of(What::kIp), "192.0.2.130", "192.0.2.0/24"},
      {ColumnType::kText, Ip(12, 48), "172.31.255.255", "172.16.0.0/12"},
      {ColumnType::kText, Of(What::kIp), "2001:db8:1234:5678::1", "2001:db8:1234::/48"},
      {ColumnType::kText, Ip(24, 44), "2001:dbf:1234:5678::1", "2001:dbf:1230::/44"},
      {ColumnType::kText, Of(What::kZip), "94110", "941"},
      {ColumnType::kText, Of(What::kZip), "94110-1234", "941"},
      {ColumnType::kText, Of(What::kZip), "941101234", "941"},
      {ColumnType::kText, Of(What::kZip), "89301", "000"},
      {ColumnType::kInteger, Of(What::kAge), "89", "89"},
      {ColumnType::kInteger, Of(What::kAge), "90", "90"},
      {ColumnType::kInteger, Of(What::kAge), "101", "90"},
      {ColumnType::kInteger, Of(What::kAge), "0", "0"},
  };
  for (const auto& one : cases) {
    std::string out = "before ";
    EXPECT_TRUE(AppendGeneralized(one.type, one.generalize, one.text, &out)) << one.text;
    EXPECT_EQ(out, "before " + one.expected);
  }
}

TEST(GeneralizeTest, RefusesWhatIsNoSuchValue) {
  const struct {
    ColumnType type;
    Generalization generalize;
    std::string text;
  } cases[] = {
      {ColumnType::kDate, Of(What::kDate), "infinity"},
      {ColumnType::kDate, Of(What::kDate), "12026-11-22"},
      {ColumnType::kTimestamp, Of(What::kDate), "2026-11-22"},
      {ColumnType::kDecimal, Bucket(10), "NaN"},
      {ColumnType::kInteger, Bucket(10), "12345678901234567890123456789012345678"},
      {ColumnType::kText, Of(What::kIp), "192.0.2.130/32"},
      {ColumnType::kText, Of(What::kIp), "192.0.2"},
      {ColumnType::kText, Of(What::kIp), "fe80::1%eth0"},
      {ColumnType::kText, Of(What::kIp), std::string("192.0.2.1\0", 10)},
      {ColumnType::kText, Of(What::kIp), ""},
      {ColumnType::kText, Of(What::kZip), "1234"},
      {ColumnType::kText, Of(What::kZip), "SW1A 1AA"},
      {ColumnType::kText, Of(What::kZip), "12345-123"},
      {ColumnType::kInteger, Of(What::kAge), "-1"},
  };
  for (const auto& one : cases) {
    std::string out = "before ";
    EXPECT_FALSE(AppendGeneralized(one.type, one.generalize, one.text, &out)) << one.text;
    EXPECT_EQ(out, "before ");
  }
}

// HHS counts 17 such areas by the Census of 2000.
TEST(GeneralizeTest, SeventeenSmallAreas) {
  std::set<std::string> zeroed;
  for (int area = 0; area < 1000; ++area) {
    std::string zip = std::to_string(area);
    zip.insert(0, 3 - zip.size(), '0');
    std::string out;
    ASSERT_TRUE(AppendGeneralized(ColumnType::kText, Of(What::kZip), zip + "99", &out));
    if (out != zip) {
      EXPECT_EQ(out, "000");
      zeroed.insert(zip);
    }
  }
  EXPECT_EQ(zeroed.size(), 17u);
}

}  // namespace
}  // namespace weir::policies
