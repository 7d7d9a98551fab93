#include "manifest/relation.h"

#include <gtest/gtest.h>

namespace weir::manifest {
namespace {

std::string Shown(const std::optional<Relation>& relation) {
  if (!relation) return "none";
  std::string out;
  for (const RelationPart& part : relation->parts) {
    out += (out.empty() ? "" : "|") + std::string(part.quoted ? "q:" : "") + part.text;
  }
  return out;
}

TEST(Relation, IsTakenApartByItsQuotes) {
  struct Row {
    std::string written, parts;
  };
  const std::vector<Row> table = {{R"("d"."s"."t")", "q:d|q:s|q:t"},
                                  {"`my-project`.`d`.`t`", "q:my-project|q:d|q:t"},
                                  {"DB.public.customers", "DB|public|customers"},
                                  {"DB.\"Mixed Case\".T", "DB|q:Mixed Case|T"},
                                  {"default.orders", "default|orders"},
                                  {"orders", "orders"},
                                  {"[d].[s].[a]]b]", "q:d|q:s|q:a]b"},
                                  {R"("a""b"."c.d")", "q:a\"b|q:c.d"},
                                  {"\"caf\xc3\xa9\"", "q:caf\xc3\xa9"},
                                  {"", "none"},
                                  {"a..b", "none"},
                                  {"a.", "none"},
                                  {".a", "none"},
                                  {"a.b.c.d", "none"},
                                  {R"("a)", "none"},
                                  {R"("a"b)", "none"},
                                  {R"("")", "none"},
                                  {"a; drop table b", "none"},
                                  {"(select 1)", "none"}};
  for (const Row& row : table) EXPECT_EQ(Shown(ParseRelation(row.written)), row.parts) << row.written;
}

TEST(Relation, NamesItsParts) {
  const std::optional<Relation> relation = ParseRelation(R"("d"."s"."t")");
  ASSERT_TRUE(relation.has_value());
  EXPECT_EQ(relation->database(), "d");
  EXPECT_EQ(relation->schema(), "s");
  EXPECT_EQ(relation->identifier(), "t");
  EXPECT_EQ(ParseRelation("t")->schema(), "");
}

TEST(Relation, IsComparedByTheAdaptersRulesOfCase) {
  struct Row {
    std::string a, b, adapter;
    bool same;
  };
  const std::vector<Row> table = {{R"("d"."s"."t")", "d.s.t", "postgres", true},
                                  {R"("d"."s"."t")", "D.S.T", "postgres", true},
                                  {R"("d"."s"."T")", "d.s.T", "postgres", false},
                                  {R"("D"."S"."T")", "d.s.t", "snowflake", true},
                                  {R"("d"."s"."t")", "d.s.t", "snowflake", false},
                                  {"`p`.`d`.`T`", "`p`.`d`.`t`", "bigquery", false},
                                  {R"("d"."s"."T")", R"("d"."s"."t")", "duckdb", true},
                                  {"`c`.`s`.`T`", "c.s.t", "databricks", true},
                                  {R"("d"."s"."T")", R"("d"."s"."t")", "unheard", false},
                                  {R"("d"."s"."t")", R"("s"."t")", "postgres", false},
                                  {R"("d"."ci"."t")", R"("d"."prod"."t")", "postgres", false},
                                  {"", "", "postgres", false}};
  for (const Row& row : table)
    EXPECT_EQ(SameRelation(row.a, row.b, row.adapter), row.same) << row.a << " " << row.b;
}

}  // namespace
}  // namespace weir::manifest
