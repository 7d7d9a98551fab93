#include "policies/json_path.h"

#include <gtest/gtest.h>

namespace weir::policies {
namespace {

TEST(JsonPathTest, HasOneSpellingForAPlace) {
  const struct {
    std::string text, expected;
  } cases[] = {
      {"$.a", "$.a"},
      {"$['a']", "$.a"},
      {"$.a['b'].c", "$.a.b.c"},
      {"$['a name'].b", "$['a name'].b"},
      {"$.items[*].sku", "$.items[*].sku"},
      {"$[*]", "$[*]"},
      {"$['a.b']", "$['a.b']"},
      {"$.über", ""},
      {"$['über']", "$['über']"},
      {"$", ""},
      {"", ""},
      {"a", ""},
      {".a", ""},
      {"$.", ""},
      {"$..a", ""},
      {"$.a.", ""},
      {"$.*", ""},
      {"$[0]", ""},
      {"$[*", ""},
      {"$['']", ""},
      {"$['a]", ""},
      {"$['it\\'s']", ""},
      {"$['a\nb']", ""},
      {"$.a b", ""},
      {"$[?@.a]", ""},
      {"$.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a",
       "$.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"},
      {"$.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", ""},
      {"$." + std::string(499, 'a'), ""},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(CanonicalJsonPath(one.text).value_or(""), one.expected) << one.text;
  }
}

TEST(JsonPathTest, HoldsWhatLiesBelow) {
  EXPECT_TRUE(HoldsJsonPath("$.a", "$.a"));
  EXPECT_TRUE(HoldsJsonPath("$.a", "$.a.b"));
  EXPECT_TRUE(HoldsJsonPath("$.a", "$.a[*]"));
  EXPECT_TRUE(HoldsJsonPath("$.a", "$.a['b c']"));
  EXPECT_FALSE(HoldsJsonPath("$.a", "$.ab"));
  EXPECT_FALSE(HoldsJsonPath("$.a.b", "$.a"));
}

}  // namespace
}  // namespace weir::policies
