#include "manifest/yaml_document.h"

#include <gtest/gtest.h>

namespace weir::manifest {
namespace {

std::string Problems(const std::string& text, const YamlLimits& limits = {}) {
  Diagnostics diagnostics;
  const std::optional<Value> value = ReadYaml(text, "f.yml", &diagnostics, limits);
  EXPECT_EQ(value.has_value(), !diagnostics.HasErrors());
  return diagnostics.Render();
}

TEST(YamlDocument, KeepsTextPositionsAndQuotes) {
  Diagnostics diagnostics;
  const std::optional<Value> value =
      ReadYaml("a: NO\nb: \"2\"\nc: {d: [x, ~, ''], e: }\n", "f.yml", &diagnostics);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->CanonicalJson(), R"({"a":"NO","b":"2","c":{"d":["x",null,""],"e":null}})");
  EXPECT_TRUE(value->Find("a")->plain());
  EXPECT_EQ(value->Find("a")->AsBool(), std::nullopt);
  EXPECT_FALSE(value->Find("b")->plain());
  EXPECT_EQ(value->Find("b")->AsInteger(), std::nullopt);
  EXPECT_EQ(value->Find("c")->Find("d")->items()[2].position(), (Position{3, 15}));
  EXPECT_EQ(value->members()[2].key_position, (Position{3, 1}));
}

TEST(YamlDocument, AnEmptyDocumentIsNull) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "\xef\xbb\xbf"}) {
    Diagnostics diagnostics;
    const std::optional<Value> value = ReadYaml(text, "f.yml", &diagnostics);
    ASSERT_TRUE(value.has_value()) << text << diagnostics.Render();
    EXPECT_TRUE(value->IsNull());
  }
}

struct Bad {
  std::string name, input, expected;
};

TEST(YamlDocument, RefusesWithAPosition) {
  const std::vector<Bad> table = {
      {"alias to nothing", "a: *x",
       "f.yml:1:4: error: aliases are not allowed; write the value out [W-YAML-001]\n"},
      {"anchor and alias", "a: &x 1\nb: *x\n",
       "f.yml:1:4: error: anchors are not allowed; write the value out [W-YAML-002]\n"
       "f.yml:2:4: error: aliases are not allowed; write the value out [W-YAML-002]\n"},
      {"merge key", "<<: {a: 1}\n",
       "f.yml:1:1: error: merge keys are not allowed; write the keys out [W-YAML-002]\n"},
      {"tag", "c: !!str 3\n",
       "f.yml:1:4: error: tags are not allowed; quote text that begins with `!` [W-YAML-002]\n"},
      {"bare tag", "c: ! 3\n",
       "f.yml:1:4: error: tags are not allowed; quote text that begins with `!` [W-YAML-002]\n"},
      {"duplicate key", "a: 1\nb: 2\na: 3\n", "f.yml:3:1: error: duplicate key `a` [W-YAML-003]\n"},
      {"duplicate key in flow", "{a: 1, \"a\": 2}", "f.yml:1:8: error: duplicate key `a` [W-YAML-003]\n"},
      {"list as key", "[a, b]: c\n", "f.yml:1:1: error: a key cannot be a list [W-YAML-001]\n"},
      {"map as key", "{a: b}: c\n", "f.yml:1:1: error: a key cannot be a map [W-YAML-001]\n"},
      {"null as key", "~: 1\n", "f.yml:1:1: error: a key cannot be null; quote it [W-YAML-001]\n"},
      {"two documents", "a: 1\n---\nb: 2\n",
       "f.yml:2:1: error: a second document; a file holds one [W-YAML-001]\n"},
      {"less indented", "  a: 1\n b: 2\n",
       "f.yml:2:2: error: this does not belong to what precedes; check the indentation [W-YAML-001]\n"},
      {"more indented", "a: 1\n  b: 2\n",
       "f.yml:2:4: error: `: ` cannot stand here; check the indentation, or quote the text [W-YAML-001]\n"},
      {"between", "a:\n    b: 1\n  c: 2\n",
       "f.yml:3:3: error: expected a key of the map above; check the indentation [W-YAML-001]\n"},
      {"tab", "a:\n\tb: 1\n", "f.yml:2:1: error: a tab cannot indent; use spaces [W-YAML-001]\n"},
      {"open list", "a: [1, 2\nb: 3\n",
       "f.yml:1:4: error: this `[` has no `]`, or a `,` is missing [W-YAML-001]\n"},
      {"open map", "a: {x: 1", "f.yml:1:4: error: this `{` has no `}`, or a `,` is missing [W-YAML-001]\n"},
      {"closed twice", "a: 1\n]\n", "f.yml:2:1: error: this bracket closes nothing [W-YAML-001]\n"},
      {"at sign", "a: @x\n",
       "f.yml:1:4: error: this character cannot begin a value; quote the text [W-YAML-001]\n"},
      {"escape", "a: \"\\q\"\n",
       "f.yml:1:7: error: unknown escape; use single quotes, or write `\\\\` for a backslash [W-YAML-001]\n"},
      {"colon in text", "a: b: c\n",
       "f.yml:1:5: error: `: ` cannot stand here; check the indentation, or quote the text [W-YAML-001]\n"},
      {"item behind key", "a: - b\n",
       "f.yml:1:4: error: a list item cannot stand here; put it on a line of its own [W-YAML-001]\n"},
      {"not UTF-8", "a: 1\nb: \xff\n", "f.yml:2:4: error: not UTF-8: byte `\\xff` [W-YAML-004]\n"},
      {"surrogate", "a: \xed\xa0\x80", "f.yml:1:4: error: not UTF-8: byte `\\xed` [W-YAML-004]\n"},
      {"zero byte", std::string("a: \0b", 5), "f.yml:1:4: error: control character `\\x00` [W-YAML-004]\n"},
      {"end of transmission", "a: 1\n\x04 b: 2",
       "f.yml:2:1: error: control character `\\x04` [W-YAML-004]\n"},
  };
  for (const Bad& bad : table) EXPECT_EQ(Problems(bad.input), bad.expected) << bad.name;
}

TEST(YamlDocument, HasLimits) {
  EXPECT_EQ(Problems("a: 12345", {.max_bytes = 7}), "f.yml: error: larger than 7 bytes [W-YAML-005]\n");
  EXPECT_EQ(Problems("[[[[1]]]]", {.max_depth = 3}),
            "f.yml:1:4: error: nested deeper than 3 levels [W-YAML-005]\n");
  EXPECT_EQ(Problems("[1, 2, 3]", {.max_nodes = 3}),
            "f.yml:1:8: error: more than 3 values; split the file [W-YAML-005]\n");
  // yaml-cpp takes the first bracket for the start of a key, until it knows better.
  EXPECT_EQ(Problems(std::string(100'000, '[')), "f.yml:1:1: error: a key cannot be a list [W-YAML-001]\n");
  EXPECT_EQ(Problems(std::string(100'000, '{')), "f.yml:1:1: error: a key cannot be a map [W-YAML-001]\n");
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "- ";
  EXPECT_EQ(Problems(nested), "f.yml:1:129: error: nested deeper than 64 levels [W-YAML-005]\n");
}

TEST(YamlDocument, EveryPrefixEndsWell) {
  const std::string text =
      "a: [1, {b: \"\\u00e9\"}]\nc:\n  - 'x''y'\n  - |\n    text\nd: *e\nf: !g h\n? i\n: &j k\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    Diagnostics diagnostics;
    const std::optional<Value> value = ReadYaml(text.substr(0, size), "f.yml", &diagnostics);
    EXPECT_EQ(value.has_value(), !diagnostics.HasErrors()) << size;
  }
}

}  // namespace
}  // namespace weir::manifest
