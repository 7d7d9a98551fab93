#include "manifest/diagnostic.h"

#include <gtest/gtest.h>

namespace weir::manifest {
namespace {

std::string RenderOne(const std::string& text, Position at, const std::string& message = "wrong") {
  Diagnostics diagnostics;
  diagnostics.AddSource("f.yml", text);
  diagnostics.Error("W-POL-001", "f.yml", at, message);
  return diagnostics.Render();
}

TEST(Diagnostics, ShowsTheLineWithACaret) {
  EXPECT_EQ(RenderOne("version: 1\nrules:\n  - give: pii.emial\n", {3, 11}, "unknown class `pii.emial`"),
            "f.yml:3:11: error: unknown class `pii.emial` [W-POL-001]\n"
            "  3 |   - give: pii.emial\n"
            "    |           ^\n");
}

TEST(Diagnostics, CaretsStandRightBehindTabsAndWideText) {
  EXPECT_EQ(RenderOne("\ta: \xc3\xa9\xc3\xa9 b\n", {1, 10}),
            "f.yml:1:10: error: wrong [W-POL-001]\n"
            "  1 |  a: \xc3\xa9\xc3\xa9 b\n"
            "    |        ^\n");
}

TEST(Diagnostics, WithoutASourceOrAPositionTheMessageStandsAlone) {
  Diagnostics diagnostics;
  diagnostics.Warning("W-POL-002", "exposure.shop.crm", {}, "no owner");
  diagnostics.Error("W-POL-001", "a.yml", {2, 3}, "wrong");
  diagnostics.Add({Severity::kNote, "", "", {}, "told once"});
  EXPECT_EQ(diagnostics.Render(),
            "note: told once\n"
            "a.yml:2:3: error: wrong [W-POL-001]\n"
            "exposure.shop.crm: warning: no owner [W-POL-002]\n");
}

TEST(Diagnostics, AreSortedByFileLineAndColumn) {
  Diagnostics diagnostics;
  diagnostics.Error("C", "b.yml", {1, 1}, "4");
  diagnostics.Error("C", "a.yml", {10, 1}, "3");
  diagnostics.Error("C", "a.yml", {2, 9}, "2");
  diagnostics.Error("C", "a.yml", {2, 3}, "1");
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics.Sorted()) order += diagnostic.message;
  EXPECT_EQ(order, "1234");
}

TEST(Diagnostics, NeverEchoASecret) {
  const std::string key = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";
  EXPECT_EQ(RenderOne("key: " + key + " # mine\n", {1, 6}, "unknown value `" + key + "`"),
            "f.yml:1:6: error: unknown value `***` [W-POL-001]\n"
            "  1 | key: *** # mine\n"
            "    |      ^\n");
  EXPECT_EQ(RenderOne("password: correct horse battery\n", {1, 11}),
            "f.yml:1:11: error: wrong [W-POL-001]\n"
            "  1 | password: ***\n"
            "    |           ^\n");
  EXPECT_EQ(RenderOne("password: env:PGPASSWORD\n", {1, 1}),
            "f.yml:1:1: error: wrong [W-POL-001]\n"
            "  1 | password: env:PGPASSWORD\n"
            "    | ^\n");
  EXPECT_EQ(RenderOne("{\"api_key\": \"hunter2\", \"x\": 1}\n", {1, 2}),
            "f.yml:1:2: error: wrong [W-POL-001]\n"
            "  1 | {\"api_key\": \"***\n"
            "    |  ^\n");
}

TEST(Diagnostics, EscapesWhatDrivesATerminal) {
  EXPECT_EQ(RenderOne("a: \x1b[31mred\xc2\x9b \xe2\x80\xae \xff\n", {1, 4}, "wrong `\x1b[0m`"),
            "f.yml:1:4: error: wrong `\\x1b[0m` [W-POL-001]\n"
            "  1 | a: \\x1b[31mred\\xc2\\x9b \\xe2\\x80\\xae \\xff\n"
            "    |    ^\n");
}

TEST(Diagnostics, CutsLongLinesAroundTheColumn) {
  const std::string line(1'000'000, 'x');
  const std::string rendered = RenderOne(line, {1, 500'000});
  EXPECT_LT(rendered.size(), 500u);
  EXPECT_NE(rendered.find("  1 | …xxx"), std::string::npos);
  EXPECT_NE(rendered.find("xxx…\n"), std::string::npos);
}

struct Suggestion {
  std::string written, expected;
};

TEST(DidYouMean, NamesTheNearest) {
  const std::vector<std::string> candidates = {"pii.email", "pii.phone", "mode", "all", "Owner"};
  const std::vector<Suggestion> table = {{"pii.emial", "; did you mean `pii.email`?"},
                                         {"mdoe", "; did you mean `mode`?"},
                                         {"owner", "; did you mean `Owner`?"},
                                         {"any", ""},
                                         {"destination", ""},
                                         {"", ""}};
  for (const Suggestion& row : table)
    EXPECT_EQ(DidYouMean(row.written, candidates), row.expected) << row.written;
}

struct Likeness {
  std::string text;
  bool secret;
};

TEST(LooksLikeSecret, TellsCredentialsFromNames) {
  const std::vector<Likeness> table = {
      {"sk_live_4eC39HqLyjWDarjtT1zdp7dc", true},
      {"AKIAIOSFODNN7EXAMPLE", true},
      {"ghp_16C7e42F292c6912E7710c838347Ae178B4a", true},
      {"postgres://bob:hunter22@db.example/shop", true},
      {"host=db password=hunter22", true},
      {"9f86d081884c7d659a2feaa0c55ad015", true},
      {"q8Zt3Kx0mB7vR2nW9sLp4Yd6Hc1Ja5Fe", true},
      {"-----BEGIN PRIVATE KEY-----", true},
      {"postgres://db.example/shop", false},
      {"https://api.crm.example/v3/objects?limit=100", false},
      {"env:CRM_TOKEN", false},
      {"pii.email", false},
      {"test.shop.unique_dim_customers_customer_id.5c9bf9911d", false},
      {"dbt_utils_unique_combination_of_columns_orders_a__b", false},
      {"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", false},
      {"DimCustomersWithLifetimeValueV2", false},
      {"01a01f6c-fe2a-7c61-96fc-75fb49790e5c", false},
      {"marketing consent was withdrawn by the customer", false},
  };
  for (const Likeness& row : table) EXPECT_EQ(LooksLikeSecret(row.text), row.secret) << row.text;
}

}  // namespace
}  // namespace weir::manifest
