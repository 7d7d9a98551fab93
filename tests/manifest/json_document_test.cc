#include "manifest/json_document.h"

#include <gtest/gtest.h>

#include <random>

#include "manifest/artifacts.h"
#include "manifest/field_table.h"
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

// A text of `depth` levels at most, whose strings hold what ends a part of a text elsewhere.
std::string AnyText(std::mt19937* random, int depth) {
  const auto below = [random](unsigned count) { return std::uniform_int_distribution<unsigned>(0, count - 1)(*random); };
  static const char* const kScalars[] = {"null", "true", "-1.5e3", "\"\"", "\"}, \\\"a\"", "\"}, \"", "\"\\\\\"",
                                         "\"\u00e9\u20ac}\"", "\"\\ud83d\\ude00\"", "\"{[\"", "7 "};
  static const char* const kSpaces[] = {"", "", " ", "\n  "};
  const auto space = [&] { return kSpaces[below(4)]; };
  const unsigned kind = depth == 0 ? 0 : below(3);
  if (kind == 0) return kScalars[below(std::size(kScalars))];
  std::string text = kind == 1 ? "{" : "[";
  const unsigned count = below(7);
  for (unsigned i = 0; i < count; ++i) {
    text += (i == 0 ? "" : ",") + std::string(space());
    if (kind == 1) text += "\"k" + std::to_string(below(9)) + "\"" + space() + ":" + space();
    text += AnyText(random, depth - 1);
  }
  return text + space() + (kind == 1 ? "}" : "]");
}

// All that a reader may ask, or the code of the error: fields of fields, lists of lists, and every third value not at all.
std::string Walk(const std::string& text, std::size_t window_bytes) {
  const ArtifactFile file = AsFile(text, "a.json", window_bytes);
  JsonDocument document(file, "mend it");
  std::string out;
  std::size_t count = 0;
  const auto take = [&](JsonNode& value) {
    if (++count % 3 != 0) out += value.ToValue().CanonicalJson() + "\n";
  };
  try {
    document.EachField([&](std::string_view key, JsonNode& value) {
      out += key;
      if (value.IsMap() && ++count % 4 != 0) {
        value.EachField([&](std::string_view inner, JsonNode& of_it) {
          out += inner;
          if (of_it.IsList()) return of_it.EachItem(take);
          take(of_it);
        });
      } else {
        take(value);
      }
    });
  } catch (const ArtifactError& error) {
    return error.code();
  }
  return out;
}

// However little is looked at ahead, the text says the same; and where it is cut off, the same is refused.
TEST(JsonDocument, SaysTheSameHoweverFarItLooksAhead) {
  std::size_t read = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::string text = "{";
    for (int i = 0; i < 12; ++i) text += (i == 0 ? "\"" : ", \"") + std::to_string(i) + "\": " + AnyText(&random, 5);
    text += "}";
    const std::string expected = Walk(text, text.size());
    if (expected != "W-ART-002") ++read;
    for (const std::size_t ahead : {1u, 64u, 100u, 333u, 1000u}) ASSERT_EQ(Walk(text, ahead), expected) << seed << " " << ahead;
    for (int i = 0; i < 20; ++i) {
      const std::string cut = text.substr(0, std::uniform_int_distribution<std::size_t>(0, text.size() - 1)(random));
      ASSERT_EQ(Walk(cut, text.size()), "W-ART-002") << seed << " " << cut.size();
      ASSERT_EQ(Walk(cut, 64), "W-ART-002") << seed << " " << cut.size();
    }
  }
  EXPECT_EQ(read, 300u);
}

// What is wrong far behind is found out, though nobody reads it, and said at its place.
TEST(JsonDocument, DamageFarBehindIsFound) {
  std::string rows;
  for (int i = 0; i < 200; ++i) rows += "\"k" + std::to_string(i) + "\": {\"a\": 1},\n";
  const std::vector<Row> table = {
      {"\"x\": \"\xff\"}", "a.json:201:7: not JSON: not UTF-8; mend it"},
      {"\"x\": \"\t\"}", "a.json:201:7: not JSON: a control character inside of a string; mend it"},
      {"\"x\": \"\\\t\"}", "a.json:201:8: not JSON: a control character inside of a string; mend it"},
      {"\"x\": \"", "a.json:201:7: the file ends inside of a string: it is cut off or damaged; mend it"},
      {"\"x\": [1}", "a.json:201:8: not JSON; mend it"},
      {"\"x\": 1", "a.json:201:7: the file ends too early: it is cut off or damaged; mend it"},
      {"\"x\": 1} {}", "a.json:201:9: not JSON: text behind the end; mend it"},
      {"\"x\": 1}\n\n", ""}};
  for (const Row& row : table) {
    for (const std::size_t ahead : {64u, 500u, 100'000u}) {
      const ArtifactFile file = AsFile("{" + rows + row.text, "a.json", ahead);
      JsonDocument document(file, "mend it");
      std::string found;
      try {
        document.EachField([](std::string_view, JsonNode&) {});
      } catch (const ArtifactError& error) {
        found = error.what();
      }
      EXPECT_EQ(found, row.expected) << row.text << " " << ahead;
    }
  }
}

using ReadLetter = void (*)(JsonNode&, std::string*);

constexpr FieldTable kLetters({TableField<ReadLetter>{"a", [](JsonNode& value, std::string* out) { *out += "a" + value.Text(); }},
                               {"bb", [](JsonNode& value, std::string* out) { *out += "b" + value.Text(); }}});

// What was read of maps before never changes what is read of the next one.
TEST(FieldOrder, OnlyGuesses) {
  const std::vector<Row> table = {
      {R"({"a": 1, "x": null, "y": [1, {}], "bb": 2})", "a1b2"},
      {R"({"a": 1, "x": null, "y": [1, {}], "bb": 3})", "a1b3"},
      {R"({"a": 1, "x": null, "y": [1, {"a": 7}], "bb": 3})", "a1b3"},
      {R"({"a": 1, "x": null, "y": [1, {"a": 7}]})", "a1"},
      {R"({"a": 1, "x": null, "y": [1, {"a": 7}], "a": 5})", "a1a5"},
      {R"({"x": null, "y": [1, {"a": 7}], "bb": 2, "a": 5})", "b2a5"},
      {R"({"x": nulL, "bb": 2})", "b2"},
      {R"({"bb": 2, "x": null})", "b2"},
      {R"({"bb": 2, "x": null, "x": null, "bb": 4})", "b2b4"},
      {R"({"bb" : 2, "\u0061" : 4, "aa": 1, "\u0061" : 5})", "b2a4a5"},
      {R"({})", ""}};
  std::string text = "{\"all\": [";
  for (int round = 0; round < 3; ++round) {
    for (const Row& row : table) text += row.text + ",";
  }
  for (const std::size_t ahead : {64u, 100'000u}) {
    const ArtifactFile file = AsFile(text + "null]}", "a.json", ahead);
    JsonDocument document(file, "mend it");
    FieldOrder<ReadLetter> order;
    std::size_t at = 0;
    document.EachField([&](std::string_view, JsonNode& all) {
      all.EachItem([&](JsonNode& map) {
        std::string found;
        map.ReadFields(kLetters, &order, &found);
        EXPECT_EQ(found, at == 3 * table.size() ? "" : table[at % table.size()].expected) << at;
        ++at;
      });
    });
    EXPECT_EQ(at, 3 * table.size() + 1);
  }
}

// A map of more fields than are remembered, and damage behind fields that were met before.
TEST(FieldOrder, HasALimitAndHidesNoDamage) {
  std::string many = "{";
  for (int i = 0; i < 500; ++i) many += "\"k" + std::to_string(i) + "\": " + std::to_string(i) + ", ";
  const std::vector<Row> table = {
      {many + "\"a\": 1}," + many + "\"a\": 2}", "a1a2"},
      {R"({"x": null, "a": 1}, {"x": null "a": 1})", "a.json:1:41: not JSON; mend it"},
      {R"({"x": null, "a": 1}, {"x": null, "a" 1})", "a.json:1:46: not JSON; mend it"},
      {R"({"x": null, "a": 1}, {"x": null, a: 1})", "a.json:1:42: not JSON; mend it"},
      {R"({"x": [], "a": 1}, {"x": [}, "a": 1})", "a.json:1:35: not JSON; mend it"},
      {R"({"x": 1}, {"x": 1)", "a.json:1:26: not JSON; mend it"}};
  for (const Row& row : table) {
    FieldOrder<ReadLetter> order;
    EXPECT_EQ(Of("[" + row.text + "]",
                 [&order](JsonNode& all) {
                   std::string found;
                   all.EachItem([&](JsonNode& map) { map.ReadFields(kLetters, &order, &found); });
                   return found;
                 }),
              row.expected)
        << row.text.substr(0, 100);
  }
}

}  // namespace
}  // namespace weir::manifest
