#include "manifest/json_document.h"

#include <gtest/gtest.h>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

// What `{"it": TEXT}` holds there, or the message about it.
template <typename Read>
std::string Of(const std::string& text, Read read) {
  const ArtifactFile file = AsFile(R"({"it": )" + text + "}", "a.json");
  JsonDocument document(file, "mend it");
  std::string out;
  try {
    document.EachField([&](std::string_view, JsonNode& value) { out = read(value); });
  } catch (const ArtifactError& error) {
    return error.what();
  }
  return out;
}

struct Row {
  std::string text, expected;
};

TEST(JsonNode, AnIntegerIsANumberOrItsText) {
  const std::vector<Row> table = {
      {"0", "0"}, {"-7", "-7"}, {"9223372036854775807", "9223372036854775807"}, {R"("12")", "12"}, {R"("1\u0032")", "12"},
      // none
      {"9223372036854775808", "none"}, {"1.0", "none"}, {"1e3", "none"}, {R"("007")", "none"}, {R"("+7")", "none"}, {R"(" 7")", "none"},
      {R"("7 days")", "none"}, {R"("")", "none"}, {"null", "none"}, {"true", "none"},
      // wrong
      {"007", "a.json:1:8: not JSON: a wrong number; mend it"}, {"[7]", "a.json:1:8: expected a string, not a list"}};
  for (const Row& row : table) {
    const std::string found = Of(row.text, [](JsonNode& value) {
      const std::optional<std::int64_t> integer = value.Integer();
      return integer ? std::to_string(*integer) : "none";
    });
    EXPECT_EQ(found, row.expected) << row.text;
  }
}

// Strings that are written alike are one value: what is said again and again takes memory once.
TEST(JsonNode, ShortStringsAreShared) {
  Of(R"(["powerschool", {"a": "powerschool"}, "power\u0073chool", "", "", "a text that is too long to be shared",
        "a text that is too long to be shared", "powerschool"])",
     [](JsonNode& value) {
       const Value list = value.ToValue();
       const std::vector<Value>& items = list.items();
       EXPECT_EQ(items.size(), 8u);
       for (const std::size_t at : {0u, 2u, 7u}) EXPECT_EQ(items.at(at).text(), "powerschool") << at;
       EXPECT_EQ(items.at(1).Find("a")->text(), "powerschool");
       EXPECT_TRUE(items.at(7).IsSameAs(items.at(0)));
       EXPECT_TRUE(items.at(1).Find("a")->IsSameAs(items.at(0)));
       EXPECT_FALSE(items.at(2).IsSameAs(items.at(0))) << "written otherwise";
       for (const std::size_t at : {3u, 4u}) {
         EXPECT_EQ(items.at(at).text(), "");
         EXPECT_EQ(items.at(at).kind(), Value::Kind::kString);
       }
       EXPECT_EQ(items.at(5).text(), "a text that is too long to be shared");
       EXPECT_FALSE(items.at(5).IsSameAs(items.at(6)));
       return std::string();
     });
}

// More different strings than there are places for them: each is what it is.
TEST(JsonNode, SharedStringsStayThemselves) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += (i == 0 ? "[" : ",") + ("\"w" + std::to_string(i % 1700)) + "\"";
  Of(text + "]", [](JsonNode& value) {
    const Value list = value.ToValue();
    EXPECT_EQ(list.items().size(), 5000u);
    for (std::size_t i = 0; i < list.items().size(); ++i) EXPECT_EQ(list.items()[i].text(), "w" + std::to_string(i % 1700));
    return std::string();
  });
}

}  // namespace
}  // namespace weir::manifest
