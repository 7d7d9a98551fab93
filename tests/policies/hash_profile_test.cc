#include "policies/hash_profile.h"

#include <gtest/gtest.h>

#include <span>

namespace weir::policies {
namespace {

struct Case {
  HashProfile profile;
  std::string_view input;
  std::optional<std::string> expected;  // nullopt: not normalizable
};

// These tables are the definition of the profiles. A line may be added; none may ever change.
const Case kEmail[] = {
    {HashProfile::kEmail1, "ann@acme.com", "ann@acme.com"},
    {HashProfile::kEmail1, " \t\n\v\f\rAnn.Lee+x@ACME.com \r\n", "ann.lee+x@acme.com"},
    {HashProfile::kEmail1, "JÖRG@acme.com", "jÖrg@acme.com"},
    {HashProfile::kEmail1, "a b@acme.com", "a b@acme.com"},
    {HashProfile::kEmail1, "ann@acme", "ann@acme"},
    {HashProfile::kEmail1, "\u00a0ann@acme.com", "\u00a0ann@acme.com"},
    {HashProfile::kEmail1, "", std::nullopt},
    {HashProfile::kEmail1, "  ", std::nullopt},
    {HashProfile::kEmail1, "ann", std::nullopt},
    {HashProfile::kEmail1, "@", std::nullopt},
    {HashProfile::kEmail1, "@acme.com", std::nullopt},
    {HashProfile::kEmail1, "ann@", std::nullopt},
    {HashProfile::kEmail1, "ann@@acme.com", std::nullopt},
    {HashProfile::kEmail1, "a@b@acme.com", std::nullopt},
};
const Case kPhone[] = {
    {HashProfile::kPhone1, "+4930123456", "+4930123456"},
    {HashProfile::kPhone1, "004930123456", "+4930123456"},
    {HashProfile::kPhone1, " +49 (30) 123-456 ", "+4930123456"},
    {HashProfile::kPhone1, "(+49) 30.123.456", "+4930123456"},
    {HashProfile::kPhone1, "00 49-30 123456", "+4930123456"},
    {HashProfile::kPhone1, "+1234567", "+1234567"},
    {HashProfile::kPhone1, "+123456789012345", "+123456789012345"},
    {HashProfile::kPhone1, "+123456", std::nullopt},
    {HashProfile::kPhone1, "+1234567890123456", std::nullopt},
    {HashProfile::kPhone1, "030 123456", std::nullopt},
    {HashProfile::kPhone1, "49 30 123456", std::nullopt},
    {HashProfile::kPhone1, "+049 30 123456", std::nullopt},
    {HashProfile::kPhone1, "000 30 123456", std::nullopt},
    {HashProfile::kPhone1, "++49 30 123456", std::nullopt},
    {HashProfile::kPhone1, "+49 30 123456 ext 5", std::nullopt},
    {HashProfile::kPhone1, "+49/30/123456", std::nullopt},
    {HashProfile::kPhone1, "+４９30123456", std::nullopt},
    {HashProfile::kPhone1, "+", std::nullopt},
    {HashProfile::kPhone1, "", std::nullopt},
};
const Case kText[] = {
    {HashProfile::kText1, "  Ann LEE\t", "ann lee"},
    {HashProfile::kText1, "ÄRGER", "Ärger"},
    {HashProfile::kText1, "", ""},
    {HashProfile::kBytes, " As It Is ", " As It Is "},
};

void Check(std::span<const Case> cases) {
  for (const Case& c : cases) {
    std::string out = "left over";
    ASSERT_EQ(Normalize(c.profile, c.input, &out), c.expected.has_value()) << c.input;
    if (c.expected) {
      EXPECT_EQ(out, *c.expected) << c.input;
      std::string again;
      EXPECT_TRUE(Normalize(c.profile, out, &again));
      EXPECT_EQ(again, out) << "a normal form is its own normal form";
    }
  }
}

TEST(HashProfileTest, Email) { Check(kEmail); }
TEST(HashProfileTest, Phone) { Check(kPhone); }
TEST(HashProfileTest, Text) { Check(kText); }

TEST(HashProfileTest, NamesArePinnedByVersion) {
  EXPECT_EQ(FindHashProfile(""), HashProfile::kBytes);
  EXPECT_EQ(FindHashProfile("email@1"), HashProfile::kEmail1);
  EXPECT_EQ(FindHashProfile("phone@1"), HashProfile::kPhone1);
  EXPECT_EQ(FindHashProfile("text@1"), HashProfile::kText1);
  for (const std::string_view name : {"email", "email@2", "Email@1", "email@1 "}) {
    EXPECT_EQ(FindHashProfile(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace weir::policies
