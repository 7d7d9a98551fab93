#include "gateway/json_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "gateway/compact_json.h"

namespace weir::gateway {
namespace {

using policies::ColumnType;

TEST(JsonWriterTest, EscapesStrings) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"\n\r\t\x01\x1f\x7f", R"("\n\r\t\u0001\u001f\u007f")"},
      {std::string_view("a\0b", 3), R"("a\u0000b")"},
      {"Łukasz 日本 😀 </script>", R"("Łukasz 日本 😀 </script>")"},
  };
  for (const auto& [text, expected] : cases) {
    std::string out;
    AppendJsonString(&out, text);
    EXPECT_EQ(out, expected);
  }
}

// Judged by a reader that we did not write: each byte at each place of texts about eight bytes long, where the writer
// looks at eight at once.
TEST(JsonWriterTest, EscapesWhereverItStands) {
  for (std::size_t size = 1; size <= 17; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        std::string out;
        AppendJsonString(&out, text);
        const auto read = nlohmann::json::parse(out, nullptr, false);
        ASSERT_TRUE(read.is_string()) << out;
        ASSERT_EQ(read.get<std::string>(), text);
        ASSERT_EQ(out.find('\x7f'), std::string::npos);
      }
    }
  }
}

TEST(JsonWriterTest, WritesCellsByType) {
  struct Case {
    ColumnType type;
    std::string_view text;
    std::string_view expected;
  };
  const Case cases[] = {
      {ColumnType::kInteger, "-42", "-42"},
      {ColumnType::kInteger, "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"},
      {ColumnType::kInteger, "007", R"("007")"},
      {ColumnType::kInteger, "12x", R"("12x")"},
      {ColumnType::kDecimal, "12.50", "12.50"},
      {ColumnType::kDecimal, "NaN", R"("NaN")"},
      {ColumnType::kFloat, "1e+300", "1e+300"},
      {ColumnType::kFloat, "-Infinity", R"("-Infinity")"},
      {ColumnType::kFloat, "1.", R"("1.")"},
      {ColumnType::kFloat, "-", R"("-")"},
      {ColumnType::kFloat, "1e", R"("1e")"},
      {ColumnType::kBoolean, "true", "true"},
      {ColumnType::kBoolean, "false", "false"},
      {ColumnType::kBoolean, "t", R"("t")"},
      {ColumnType::kDate, "2026-11-22", R"("2026-11-22")"},
      {ColumnType::kText, "42", R"("42")"},
      {ColumnType::kText, "true", R"("true")"},
      {ColumnType::kJson, R"({"a": [1, null]})", R"({"a":[1,null]})"},
      {ColumnType::kJson, "not json", R"("not json")"},
      {ColumnType::kJson, R"({"a":1}},{"b":2)", R"("{\"a\":1}},{\"b\":2")"},
  };
  for (const Case& c : cases) {
    std::string out;
    AppendJsonCell(&out, c.type, false, c.text);
    EXPECT_EQ(out, c.expected) << c.text;
  }
  std::string null;
  AppendJsonCell(&null, ColumnType::kText, true, "");
  EXPECT_EQ(null, "null");
}

// A line break inside would end a JSONL record; digits, order and repeated keys are the warehouse's.
TEST(JsonWriterTest, JsonStaysAsItIsOnOneLine) {
  std::string out;
  AppendJsonCell(&out, ColumnType::kJson, false,
                 "\n{\"b\":\n 1.10,\r\n\t\"a\": 12345678901234567890123, \"a\": \" \\n\\u00e9 \", \"c\" : [ ] , \"d\":{ }} ");
  EXPECT_EQ(out, "{\"b\":1.10,\"a\":12345678901234567890123,\"a\":\" \\n\\u00e9 \",\"c\":[],\"d\":{}}");
}

TEST(JsonWriterTest, WhatIsNoJsonIsAString) {
  const std::string cases[] = {"",        "{",          "{}}",      "[1,]",       "{\"a\"}",     "{a:1}",     "'a'",
                               "01",      "+1",         "1 2",      "nul",        "truex",       "\"a",       "\"\\x\"",
                               "\"\\u12", "\"\n\"",     "[1 2]",    "{\"a\":1,}", "\"\xff\"",    "NaN",       "[\"a\":1]",
                               "\v1",     "// x\n1",    "{\"a\":}", "\"\\",       std::string(300, '[') + std::string(300, ']'),
                               std::string(100'000, '[')};
  for (const std::string& text : cases) {
    std::string compact = "before";
    EXPECT_FALSE(AppendCompactJson(text, &compact)) << text.substr(0, 20);
    EXPECT_EQ(compact, "before");
    std::string out;
    AppendJsonCell(&out, ColumnType::kJson, false, text);
    EXPECT_TRUE(out.starts_with('"') && out.ends_with('"')) << out.substr(0, 20);
  }
}

// Against another reader, on texts near to JSON.
TEST(JsonWriterTest, AgreesWithAnotherReader) {
  std::mt19937 random(11);
  const std::string_view pieces[] = {"{", "}", "[", "]", ",", ":", "\"a\"", "\"\\n\"", "1", "-0.5", "true", "null", " ", "\n"};
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t left = 1 + random() % 7; left > 0; --left) text += pieces[random() % std::size(pieces)];
    std::string out;
    const bool mine = AppendCompactJson(text, &out);
    ASSERT_EQ(mine, nlohmann::json::accept(text)) << text;
    if (!mine) continue;
    ++accepted;
    ASSERT_EQ(out.find('\n'), out.npos);
    ASSERT_EQ(nlohmann::json::parse(out), nlohmann::json::parse(text)) << text;
  }
  EXPECT_GT(accepted, 1000);
}

TEST(JsonWriterTest, WhateverGoesInComesBack) {
  std::mt19937 random(7);
  const std::string_view pieces[] = {"\"", "\\", "\n", "\t", "\x01", "\x7f", "a", "é", "日", "😀", "/", "u0000", "'"};
  for (int round = 0; round < 2000; ++round) {
    std::string text, out;
    for (std::size_t left = random() % 12; left > 0; --left) text += pieces[random() % std::size(pieces)];
    AppendJsonString(&out, text);
    EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
  }
}

}  // namespace
}  // namespace weir::gateway
