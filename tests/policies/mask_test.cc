#include "policies/mask.h"

#include <gtest/gtest.h>

namespace weir::policies {
namespace {

Transform Mask(std::uint32_t first, std::uint32_t last, bool domain = false) {
  Transform transform;
  transform.kind = TransformKind::kMask;
  transform.keep_first = first;
  transform.keep_last = last;
  transform.keep_domain = domain;
  return transform;
}

std::string Masked(std::string_view text, const Transform& transform) {
  std::string out;
  AppendMasked(text, transform, &out);
  return out;
}

struct Case {
  std::string_view input;
  std::string_view expected;
};

TEST(MaskTest, KeepsTheFirst) {
  const Case cases[] = {{"Anna Schmidt", "An**********"}, {"Ann", "An*"}, {"An", "**"}, {"A", "*"}, {"", ""},
                        {"Łukasz", "Łu****"},            {"日本語", "日本*"}, {"😀😃😄", "😀😃*"}};
  for (const auto& [input, expected] : cases) EXPECT_EQ(Masked(input, Mask(2, 0)), expected) << input;
}

TEST(MaskTest, KeepsTheLast) {
  const Case cases[] = {{"4111111111111111", "************1111"}, {"12345", "*2345"}, {"1234", "****"}, {"123", "***"},
                        {"", ""},                                 {"aé日😀x", "*é日😀x"}, {"é日😀x", "****"}};
  for (const auto& [input, expected] : cases) EXPECT_EQ(Masked(input, Mask(0, 4)), expected) << input;
}

TEST(MaskTest, KeepsTheDomainOfAnAddressOnly) {
  const Case cases[] = {
      {"ann@acme.com", "***@acme.com"},
      {"a@b.co.uk", "*@b.co.uk"},
      {"jörg@acme.com", "****@acme.com"},
      {"Ann@Mail.ACME.com", "***@Mail.ACME.com"},
      {"x@xn--mnchen-3ya.de", "*@xn--mnchen-3ya.de"},
      {"no address", "**********"},
      {"@acme.com", "*********"},
      {"ann@", "****"},
      {"ann@acme", "********"},
      {"a@b@acme.com", "************"},
      {"call ann@acme.com", "*****************"},
      {"ann@555.1234", "************"},
      {"ann@acme.com or phone", "*********************"},
      {"ann@acme.com\n", "*************"},
      {"ann@-acme.com", "*************"},
      {"ann@acme..com", "*************"},
      {"ann@münchen.de", "**************"},
      {"", ""},
  };
  for (const auto& [input, expected] : cases) EXPECT_EQ(Masked(input, Mask(0, 0, true)), expected) << input;
}

TEST(MaskTest, KeepsNothingWithoutBeingTold) { EXPECT_EQ(Masked("secret", Mask(0, 0)), "******"); }

TEST(MaskTest, NeverGivesAValueUnchanged) {
  const std::string_view text = "aé日😀bcdefgh";
  for (std::uint32_t keep = 1; keep < 20; ++keep) {
    EXPECT_NE(Masked(text, Mask(keep, 0)), text) << keep;
    EXPECT_NE(Masked(text, Mask(0, keep)), text) << keep;
  }
}

TEST(MaskTest, AppendsBehindWhatIsThere) {
  std::string out = "before|";
  AppendMasked("secret", Mask(1, 0), &out);
  EXPECT_EQ(out, "before|s*****");
}

}  // namespace
}  // namespace weir::policies
