#include "manifest/relation_mention.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::manifest {
namespace {

TEST(RelationMention, IsOfTheWholeName) {
  struct Row {
    std::string name, adapter, relation, sql;
    bool expected;
  };
  const std::string shop = "SHOP.ANALYTICS.DIM", quoted = R"("d"."s"."t")";
  const std::vector<Row> table = {
      {"alone", "snowflake", shop, "select * from SHOP.ANALYTICS.DIM", true},
      {"in brackets", "snowflake", shop, "select * from (select * from SHOP.ANALYTICS.DIM)", true},
      {"with a comma", "snowflake", shop, "select * from X.Y.Z,SHOP.ANALYTICS.DIM,A.B.C", true},
      {"in another case", "snowflake", shop, "select * from shop.analytics.dim", true},
      {"in quotes that say the same", "snowflake", shop, R"(select * from "SHOP"."ANALYTICS"."DIM")", true},
      {"in quotes that say another", "snowflake", shop, R"(select * from "shop"."analytics"."dim")", false},
      {"more before", "snowflake", shop, "select * from CI_SHOP.ANALYTICS.DIM", false},
      {"more behind", "snowflake", shop, "select * from SHOP.ANALYTICS.DIM_V2", false},
      {"a dollar behind", "snowflake", shop, "select * from SHOP.ANALYTICS.DIM$V2", false},
      {"a letter of another script behind", "snowflake", shop, "select * from SHOP.ANALYTICS.DIM\xc3\xa9", false},
      {"a dash before", "bigquery", "shop.a.dim", "select * from ci-shop.a.dim", false},
      {"a part before", "snowflake", shop, "select * from CI.SHOP.ANALYTICS.DIM", false},
      {"a part behind", "snowflake", shop, "select SHOP.ANALYTICS.DIM.ID from X", false},
      {"a part before two", "spark", "default.orders", "select * from ci.default.orders", false},
      {"two", "spark", "default.orders", "select * from default.orders where a.b = 1", true},
      {"quoted", "postgres", quoted, R"(select "t"."id" from "d"."s"."t" as "t")", true},
      {"quoted, without quotes", "postgres", quoted, "select id from d.s.t", true},
      {"quoted, in another case", "postgres", quoted, R"(select id from "d"."s"."T")", false},
      {"a quote within", "postgres", R"("d"."s"."a""b")", R"(select id from "d"."s"."a""b")", true},
      {"within a quoted name", "postgres", "d.s.t", R"(select "from d.s.t" from "x")", false},
      {"backticks", "bigquery", "`p`.`d`.`t`", "select id from `p`.`d`.`t`", true},
      {"backticks, a longer one", "bigquery", "`p`.`d`.`t`", "select id from `p`.`d`.`t2`", false},
      {"brackets", "sqlserver", "[d].[s].[t]", "select id from [d].[s].[t]", true},
      {"a list", "duckdb", quoted, R"(select a[1], [b, c] from "d"."s"."t")", true},
      {"a string literal", "duckdb", quoted, R"(select 'from "d"."s"."t"' from "x")", false},
      {"behind one", "duckdb", quoted, R"(select 'it''s' from "d"."s"."t")", true},
      {"a comment", "duckdb", quoted, "select 1 -- from \"d\".\"s\".\"t\"\n", false},
      {"behind one", "duckdb", quoted, "select 1 -- it's\nfrom \"d\".\"s\".\"t\"", true},
      {"a comment at once behind", "duckdb", "d.s.t", "select 1 from d.s.t--x", true},
      {"a long comment", "duckdb", quoted, R"(select /* from "d"."s"."t" */ 1)", false},
      {"a comment of BigQuery", "bigquery", quoted, "select 1 # from \"d\".\"s\".\"t\"", false},
      {"quotes that never end", "duckdb", quoted, R"(select 1 from "d"."s"."t" where a = 'x)", false},
      {"a backslash before a quote", "bigquery", quoted, R"(select '\' from "d"."s"."t" where a = ''')", false},
      {"no name", "duckdb", "", "select 1", false},
      {"no SQL", "duckdb", quoted, "", false},
  };
  for (const Row& row : table) EXPECT_EQ(MentionsRelation(row.sql, row.relation, row.adapter), row.expected) << row.name << ": " << row.sql;
}

}  // namespace
}  // namespace weir::manifest
