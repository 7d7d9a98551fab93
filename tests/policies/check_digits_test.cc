#include "policies/check_digits.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::policies {
namespace {

TEST(CheckDigitsTest, Luhn) {
  // ISO/IEC 7812-1 annex B's own number, and one with each digit of its last place.
  for (const char last : std::string("0123456789")) {
    EXPECT_EQ(PassesLuhn(std::string("7992739871") + last), last == '3') << last;
  }
  for (const char* bad : {"", "0", "79927398713 ", "7992-7398713", "x"}) EXPECT_FALSE(PassesLuhn(bad)) << bad;
}

// The numbers that card networks publish for tests, and what they are not.
TEST(CheckDigitsTest, CardNumbers) {
  for (const char* good :
       {"4111111111111111", "4012888888881881", "4222222222222", "5555555555554444", "5105105105105100",
        "2223003122003222", "2720990000000007", "378282246310005", "371449635398431", "6011111111111117",
        "3530111333300000", "30569309025904", "38520000023237", "6200000000000005", "6304000000000000",
        "6759649826438453"}) {
    EXPECT_TRUE(IsCardNumber(good)) << good;
  }
  for (const char* bad :
       {"4111111111111112", "411111111111111", "1111111111111117", "0000000000000000", "9999999999999995",
        "79927398713", "2220990000000002", "55555555555544440"}) {
    EXPECT_FALSE(IsCardNumber(bad)) << bad;
  }
}

// Examples of SWIFT's registry.
TEST(CheckDigitsTest, Ibans) {
  for (const std::string good :
       {"AD1200012030200359100100", "AT611904300234573201", "BE68539007547034", "CH9300762011623852957",
        "DE89370400440532013000", "ES9121000418450200051332", "FR1420041010050500013M02606", "GB29NWBK60161331926819",
        "GR1601101250000000012300695", "IT60X0542811101000000123456", "LI21088100002324013AA", "MT84MALT011000012345MTLCAST001S",
        "NL91ABNA0417164300", "NO9386011117947", "PL61109010140000071219812874", "SE4550000000058398257466",
        "SA0380000000608010167519", "BR1800360305000010009795493C1"}) {
    EXPECT_TRUE(IsIban(good)) << good;
    for (std::size_t i = 2; i < good.size(); ++i) {  // any one digit wrong is seen
      std::string wrong = good;
      if (wrong[i] < '0' || wrong[i] > '8') continue;
      ++wrong[i];
      EXPECT_FALSE(IsIban(wrong)) << wrong;
    }
  }
  for (const char* bad : {"", "DE", "de89370400440532013000", "DE8937040044053201300", "XX89370400440532013000",
                          "DE89 3704 0044 0532 0130 00"}) {
    EXPECT_FALSE(IsIban(bad)) << bad;
  }
}

TEST(CheckDigitsTest, SocialSecurityNumbers) {
  EXPECT_TRUE(IsSocialSecurityNumber("536904399"));
  EXPECT_TRUE(IsSocialSecurityNumber("899010001"));
  for (const char* bad : {"000123456", "666123456", "900123456", "123006789", "123450000", "12345678", "12345678x"}) {
    EXPECT_FALSE(IsSocialSecurityNumber(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir::policies
