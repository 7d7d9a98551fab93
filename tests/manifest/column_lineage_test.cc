#include "manifest/column_lineage.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/manifest/duckdb_for_tests.h"

namespace weir::manifest {
namespace {

Project ProjectOf(const std::vector<std::string>& statements, const std::string& adapter = "duckdb") {
  Project project;
  project.metadata.adapter_type = adapter;
  for (const char* name : {"people", "orders"}) {
    Source source;
    source.unique_id = std::string("source.p.raw.") + name;
    source.name = name;
    source.relation_name = std::string("\"db\".\"raw\".\"") + name + "\"";
    project.sources.push_back(std::move(source));
  }
  std::sort(project.sources.begin(), project.sources.end(),
            [](const Source& a, const Source& b) { return a.unique_id < b.unique_id; });
  for (std::size_t i = 0; i < statements.size(); ++i) {
    Node node;
    node.unique_id = "model.p.m" + std::to_string(1000 + i);
    node.type = ResourceType::kModel;
    node.name = "m" + std::to_string(1000 + i);
    node.compiled_code = statements[i];
    node.depends_on = {"source.p.raw.orders", "source.p.raw.people"};
    project.nodes.push_back(std::move(node));
  }
  return project;
}

std::string Shown(const ColumnLineage& lineage) {
  if (lineage.proof == LineageProof::kConservative) return "?";
  std::string out = lineage.copied ? "=" : "";
  for (const ColumnSource& source : lineage.from) {
    const std::string table = source.node.ends_with("people") ? "p." : "o.";
    out += (out.size() > 1 ? " " : "") + table + source.column;
  }
  return out;
}

class ColumnLineageTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.library = DuckdbForTests();
    options_.program = std::string(WEIR_BINARY_DIR) + "/weir-duckdb";
    if (options_.library.empty()) GTEST_SKIP() << kNoDuckdb;
  }
  LockedDuckdb::Options options_;
};

struct Case {
  std::string sql, column, expected;  // `=p.ssn`: a copy; `p.a p.b`: derived; `?`: not proven; empty: a constant
};

TEST_F(ColumnLineageTest, ReadsStatements) {
  const std::string p = "db.raw.people", o = "db.raw.orders";
  const std::vector<Case> cases = {
      {"select ssn from " + p, "ssn", "=p.ssn"},
      {"select ssn as s from " + p, "s", "=p.ssn"},
      {"select SSN as S from \"db\".\"raw\".\"people\"", "s", "=p.ssn"},
      {"select p.ssn s from raw.people p", "s", "=p.ssn"},
      {"select people.ssn s from people", "s", "=p.ssn"},
      {"select raw.people.ssn s from raw.people", "s", "=p.ssn"},
      {"select 1 as one from " + p, "one", ""},
      {"select ssn from " + p, "other", "?"},
      {"select * from " + p, "ssn", "=p.ssn"},
      {"select * exclude (ssn) from " + p, "ssn", "?"},
      {"select * exclude (ssn) from " + p, "name", "=p.name"},
      {"select * replace (ssn as name) from " + p, "name", "=p.ssn"},
      {"select *, ssn as s from " + p, "s", "p.s p.ssn"},
      {"select p.* from people p join orders o using (id)", "note", "=p.note"},
      {"select * from people join orders using (id)", "note", "o.note p.note"},
      {"select * from (select * from people join orders using (id))", "note_1", "?"},
      {"select columns('s.*') from people", "ssn", "?"},
      {"select * like 's%' from people", "ssn", "?"},
      {"select * rename (ssn as s) from people", "s", "?"},
      {"select upper(ssn) as s from people", "s", "p.ssn"},
      {"select ssn || name as s from people", "s", "p.name p.ssn"},
      {"select ssn::varchar as s from people", "s", "p.ssn"},
      {"select try_cast(ssn as int) as s from people", "s", "p.ssn"},
      {"select case when ssn like '1%' then 'a' else 'b' end as k from people", "k", "p.ssn"},
      {"select case ssn when '1' then name else zip end as k from people", "k", "p.name p.ssn p.zip"},
      {"select if(ssn = '1', 1, 0) as k from people", "k", "p.ssn"},
      {"select coalesce(name, ssn) as k from people", "k", "p.name p.ssn"},
      {"select nullif(1, ssn) as k from people", "k", "p.ssn"},
      {"select ssn is null as k from people", "k", "p.ssn"},
      {"select ssn between a and b as k from people", "k", "p.a p.b p.ssn"},
      {"select ssn in (name, zip) as k from people", "k", "p.name p.ssn p.zip"},
      {"select a and not ssn as k from people", "k", "p.a p.ssn"},
      {"select count(*) as n from people", "n", ""},
      {"select count(ssn) as n from people", "n", "p.ssn"},
      {"select sum(a) filter (where ssn = '1') as n from people", "n", "p.a p.ssn"},
      {"select string_agg(name, ',' order by ssn) as n from people", "n", "p.name p.ssn"},
      {"select row_number() over (partition by zip order by ssn) as n from people", "n", "p.ssn p.zip"},
      {"select lag(ssn) over w as n from people window w as (order by zip)", "n", "p.ssn p.zip"},
      {"select first_value(ssn) over (rows between a preceding and current row) as n from people", "n", "p.a p.ssn"},
      {"select name from people where ssn = '1'", "name", "=p.name"},
      {"select name from people qualify row_number() over (order by ssn) = 1", "name", "=p.name"},
      {"select p.name, o.total from people p join orders o on p.id = o.person", "total", "=o.total"},
      {"select p.name, o.total from people p left join orders o on p.id = o.person", "total", "=o.total"},
      {"select o.total from people p left join orders o on p.id = o.person and p.ssn = '1'", "total", "o.total p.ssn"},
      {"select o.one from people p left join (select id, 1 as one from orders where card = 1) o using (id)", "one", "o.card p.card"},
      {"select p.name from people p right join orders o on p.id = o.id and o.card > 1", "name", "o.card p.name"},
      {"select p.name from people p full join orders o on p.id = o.id or o.card > 1", "name", "o.card o.id p.id p.name"},
      {"select name from people, orders", "name", "o.name p.name"},
      {"with c as (select ssn as s from people) select s as t from c", "t", "=p.ssn"},
      {"with c(t) as (select ssn from people) select t from c", "t", "=p.ssn"},
      {"with c as (select * from people), d as (select * from c) select * from d", "ssn", "=p.ssn"},
      {"with c as (select *, upper(ssn) as u from people) select u from c", "u", "p.ssn p.u"},
      {"with people as (select ssn as name from db.raw.people) select name from people", "name", "=p.ssn"},
      {"with people as (select ssn as name from people) select name from people", "name", "=p.ssn"},
      {"with a as (select 1 as x), b as (with a as (select ssn as x from people) select x from a) select x from b", "x", "?"},
      {"with b as (with a as (select ssn as x from people) select x from a), a as (select x from b) select x from a", "x", "=p.ssn"},
      {"with \"C\" as (select ssn as x from people) select x from c", "x", "=p.ssn"},
      {"with c as (select ssn as x from people) select * from (with C as (select name as x from people) select x from c) q", "x", "?"},
      {"select identifier('ssn') as s from people", "s", "?"},
      {"select \"identifier\"('s' || 'sn') as s from people", "s", "?"},
      {"select max(query_to_xml('select ssn from people')) as s from people", "s", "?"},
      {"with recursive r as (select 1 as n union all select n + 1 from r) select n from r", "n", "?"},
      {"select s from (select ssn as s from people) t", "s", "=p.ssn"},
      {"select t.s from (select ssn from people) t(s)", "s", "=p.ssn"},
      {"select k from people t(k, l)", "k", "?"},
      {"select ssn as v from people union all select card from orders", "v", "o.card p.ssn"},
      {"select ssn as v from people union select ssn from people", "v", "=p.ssn"},
      {"select name as v from people except select ssn from people", "v", "p.name p.ssn"},
      {"select * from people union all select * from orders", "ssn", "?"},
      {"select ssn from people union by name select card from orders", "card", "?"},
      {"select (select max(card) from orders o where o.id = p.id) as m from people p", "m", "o.card o.id o.p p.card p.id"},
      {"select exists (select 1 from orders o where o.card = p.ssn) as e from people p", "e", "o.card o.p p.ssn"},
      {"select id in (select person from orders where card = 1) as e from people", "e", "o.card o.person p.card p.id p.person"},
      {"select (select ssn) as s from people", "s", "p.ssn"},
      {"select a.s from people p, lateral (select p.ssn as s) a", "s", "=p.ssn"},
      {"select ssn as a, a || 'x' as b from people", "b", "p.a p.ssn"},
      {"select people from people", "people", "p.* p.people"},
      {"select to_json(people) as j from people", "j", "p.* p.people"},
      {"select struct_pack(s := ssn) as j from people", "j", "?"},
      {"select {'s': ssn} as j from people", "j", "?"},
      {"select hash(people.*) as j from people", "j", "p.*"},
      {"select hash(*) as j from people, orders", "j", "o.* p.*"},
      {"select hash(*) over () as j from people", "j", "p.*"},
      {"select now() as j from people", "j", ""},
      {"select info.ssn as s from people", "s", "p.info"},
      {"select info -> 'ssn' as s from people", "s", "p.info"},
      {"select info ->> '$.ssn' as s from people", "s", "p.info"},
      {"select list_transform(l, x -> x || ssn) as s from people", "s", "p.l p.ssn p.x"},
      {"select [ssn, name][1] as s from people", "s", "p.name p.ssn"},
      {"select array(select ssn from people) as s", "s", "?"},
      {"select unnest(l) as s from people", "s", "p.l"},
      {"from people select ssn as s", "s", "=p.ssn"},
      {"select s from (values (1), (2)) t(s)", "s", ""},
      {"select s from (select ssn from people) x, (values ('a')) t(s)", "s", ""},
      {"select ssn as s from people order by name limit 1", "s", "=p.ssn"},
      {"select distinct on (ssn) name from people", "name", "=p.name"},
      {"select ssn as s from people tablesample 10%", "s", "=p.ssn"},
      {"select #1 as s from people", "s", "?"},
      {"select $1 as s from people", "s", "?"},
      {"select s : ssn from people", "s", "?"},
      {"select ssn as s from elsewhere", "s", "?"},
      {"select ssn as s from read_csv('people.csv')", "s", "?"},
      {"pivot people on zip using max(ssn)", "zip", "?"},
      {"select 1 as s; select ssn as s from people", "s", "?"},
      {"drop table people", "s", "?"},
      {"select ssn as from", "s", "?"},
      {"select /* /* */ 1 as x, ssn as s -- */\n from people", "s", "?"},
      {"select 1 as s -- ', ssn as t\n from people", "s", ""},
      {"select ssn as \"a\"\"b\" from people", "a\"b", "=p.ssn"},
      {"", "s", "?"},
  };
  std::vector<std::string> statements;
  for (const Case& one : cases) statements.push_back(one.sql);
  const Project project = ProjectOf(statements);
  const ProjectLineage lineage = ProjectLineage::Trace(project, options_);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const ColumnLineage found = lineage.Of(project, project.nodes[i], cases[i].column);
    EXPECT_EQ(Shown(found), cases[i].expected) << cases[i].sql << "\n" << found.remark;
  }
}

TEST_F(ColumnLineageTest, ReadsDialects) {
  struct DialectCase {
    std::string adapter, sql, expected;
  };
  std::vector<DialectCase> cases = {
      {"bigquery", "select `ssn` as s from `db.raw.people`", "=p.ssn"},
      {"bigquery", "select ssn as s from `db`.`raw`.`people`", "=p.ssn"},
      {"bigquery", "select * except (ssn) from `db.raw.people`", "=p.s"},
      {"bigquery", "select safe_cast(ssn as int) as s from people", "p.ssn"},
      {"bigquery", "select 1 as x # ' \n, ssn as s # ' \n from people", "?"},
      {"bigquery", "select '\\'' || ssn || '\\'' as s from people", "?"},
      {"bigquery", "select '''a'b''' as s from people", "?"},
      {"databricks", "select `ssn` s from people", "=p.ssn"},
      {"snowflake", "select ssn:city as s from people", "?"},
      {"snowflake", "select ssn::int as s from people", "p.ssn"},
      {"snowflake", "select $$a$$ as s from people", "?"},
      {"snowflake", "select 1 as s // , ' \n from people", "?"},
      {"snowflake", "select 1 as x, /* /* */ ssn as s from people -- */", "?"},
      {"postgres", "select e'\\'' || ssn as s from people", "?"},
      {"postgres", "select u&\"!0073sn\" uescape '!' as s from people", "?"},
      {"postgres", "select U&'a' as s from people", "?"},
      {"postgres", "select n'a' as s from people", "?"},
      {"postgres", "select u & '1' as s from people", "p.u"},
      {"postgres", "select '\\'' || ssn || ' || ' as s, -- ' as s\n 1 as t from people", "?"},
      {"redshift", "select '\\'' || ssn || ' || ' as s, -- ' as s\n 1 as t from people", "?"},
      {"redshift", "select '\\d' || ssn as s from people", "p.ssn"},
      {"duckdb", "select '\\' || ssn as s from people", "p.ssn"},
      {"bigquery", "select `\\x73sn` as s from people", "?"},
      {"snowflake", "select identifier('people.ssn') as s from people", "?"},
      {"databricks", "select identifier('people.' || 'ssn') as s from people", "?"},
      {"oracle", "select ssn as s from people", "?"},
      {"", "select ssn as s from people", "?"},
  };
  // To every dialect.
  const std::vector<DialectCase> of_all = {
      {"", "select name -- \r || ssn\n as s from people", "?"},
      {"", "select name -- a\r\n || ssn as s from people", "p.name p.ssn"},
      {"", "select name -- a\r\r\n as s from people", "?"},
      {"", "select name -- a\f || ssn\n as s from people", "?"},
      {"", "select name -- a\v || ssn\n as s from people", "?"},
      {"", "select name -- a\xC2\x85 || ssn\n as s from people", "?"},
      {"", "select name -- a\xE2\x80\xA8 || ssn\n as s from people", "?"},
      {"", "select name -- a\xE2\x80\xA9 || ssn\n as s from people", "?"},
      {"", "select name -- \\\n /* \n || ssn -- */\n as s from people", "?"},
      {"", "select name -- \\\r\n /* \n || ssn -- */\n as s from people", "?"},
      {"", "select name -- \\ as n\n as s from people", "=p.name"},
      {"", "select name -- gr\xC3\xB6\xC3\x9F\x65r\n as s from people", "=p.name"},
      {"", "select /* gr\xC3\xB6\xC3\x9F\x65r */ 'gr\xC3\xB6\xC3\x9F\x65r' || name as s from people", "p.name"},
      {"", "select /* /*/ name as s, -- */ */ ssn as s\n 1 as t from people", "?"},
      {"", "select /**/ name /***/ as s /*/ */ from people", "=p.name"},
      {"", "select /*! ssn as s, */ name as s from people", "?"},
      {"", "select /*+ broadcast(people), coalesce(3) */ name as s from people", "=p.name"},
      {"", "select /*+ a(b) -- */ name as s, \n */ ssn as s from people", "?"},
      {"", "select /*+ a('*/ name as s, /*') */ ssn as s from people", "?"},
      {"", "select name\xC2\xA0 as s from people", "?"},
      {"", "with c as (select ssn as s from people), d as (with c\xC2\xA0 as (select name as s from people) select s from c) select s from d", "?"},
      {"", "select name\f as s from people", "?"},
  };
  for (const char* adapter : {"duckdb", "motherduck", "postgres", "redshift", "trino", "athena", "snowflake", "bigquery", "databricks", "spark"}) {
    for (DialectCase one : of_all) {
      one.adapter = adapter;
      cases.push_back(std::move(one));
    }
  }
  // Names in quotes, and names that are cut.
  const std::string at_63(63, 'n'), at_127(127, 'n');
  const auto aliased = [](const std::string& name) { return "select t.ssn as s from people " + name + ", people t"; };
  const std::string quoted = "with c as (select ssn as s from people) select s from ";
  for (const DialectCase& one : std::vector<DialectCase>{
           {"postgres", aliased(at_63), "=p.ssn"},
           {"postgres", aliased(at_63 + "n"), "?"},
           {"postgres", aliased("\"" + at_63 + "n\""), "?"},
           {"redshift", aliased(at_127), "=p.ssn"},
           {"redshift", aliased(at_127 + "n"), "?"},
           {"bigquery", aliased(at_127 + "n"), "=p.ssn"},
           {"postgres", quoted + "c", "=p.ssn"},
           {"postgres", quoted + "\"C\"", "?"},
           {"postgres", quoted + "c as \"C\"", "?"},
           {"postgres", "with \"C\" as (select ssn as s from people) select s from c", "?"},
           {"postgres", "with \"C\" /* */ as (select ssn as s from people) select s from c", "?"},
           {"snowflake", quoted + "\"c\"", "?"},
           {"redshift", quoted + "\"c\"", "?"},
           {"duckdb", quoted + "\"C\"", "=p.ssn"},
           {"trino", quoted + "\"C\"", "=p.ssn"},
           {"databricks", quoted + "`C`", "=p.ssn"},
           {"bigquery", quoted + "`C`", "=p.ssn"},
           {"bigquery", "with `db.raw.people` as (select name as s from people) select s from `db.raw.people`", "?"},
           {"postgres", "with people as (select ssn as s from \"db\".\"raw\".\"people\") select s from people", "=p.ssn"},
           {"postgres", "select \"gr\xC3\xB6\xC3\x9F\x65\" as s from people", "=p.gr\xC3\xB6\xC3\x9F\x65"},
           {"snowflake", "select \"gr\xC3\xB6\xC3\x9F\x65\" as s from people", "?"},
           {"bigquery", "select `gr\xC3\xB6\xC3\x9F\x65` as s from people", "?"},
       }) {
    cases.push_back(one);
  }
  std::map<std::string, std::vector<DialectCase>> by_adapter;  // one process each
  for (const DialectCase& one : cases) by_adapter[one.adapter].push_back(one);
  for (const auto& [adapter, of_it] : by_adapter) {
    std::vector<std::string> statements;
    for (const DialectCase& one : of_it) statements.push_back(one.sql);
    const Project project = ProjectOf(statements, adapter);
    const ProjectLineage lineage = ProjectLineage::Trace(project, options_);
    for (std::size_t i = 0; i < of_it.size(); ++i) {
      const ColumnLineage found = lineage.Of(project, project.nodes[i], "s");
      EXPECT_EQ(Shown(found), of_it[i].expected) << adapter << ": " << of_it[i].sql << "\n" << found.remark;
    }
  }
}

TEST_F(ColumnLineageTest, TakesEveryParentWhereNothingIsProven) {
  const Project project = ProjectOf({"select ssn from elsewhere"});
  const ColumnLineage found = ProjectLineage::Trace(project, options_).Of(project, project.nodes[0], "ssn");
  EXPECT_EQ(found.proof, LineageProof::kConservative);
  EXPECT_EQ(found.from, (std::vector<ColumnSource>{{"source.p.raw.orders", "*"}, {"source.p.raw.people", "*"}}));
  EXPECT_EQ(found.remark, "its SQL reads table `elsewhere`, which is no parent of it");
}

// Written in kilobytes, it would stand for 2^30 columns.
TEST_F(ColumnLineageTest, GivesUpOnStarsOfStars) {
  std::string sql = "with c0 as (select id, ssn from db.raw.people)";
  for (int i = 1; i <= 30; ++i) {
    const std::string before = "c" + std::to_string(i - 1);
    sql += ", c" + std::to_string(i) + " as (select * from " + before + " a join " + before + " b using (id))";
  }
  const Project project = ProjectOf({sql + " select * from c30", sql + " select ssn from c5"});
  const ProjectLineage lineage = ProjectLineage::Trace(project, options_);
  for (const Node& node : project.nodes) {
    const ColumnLineage found = lineage.Of(project, node, "ssn");
    EXPECT_EQ(found.proof, LineageProof::kConservative);
    EXPECT_EQ(found.remark, "its SQL has stars that stand for more than 200000 columns");
  }
}

TEST_F(ColumnLineageTest, ProvesNothingWithoutDuckdb) {
  options_.program = "/no/such/program";
  const Project project = ProjectOf({"select ssn from people"});
  EXPECT_EQ(ProjectLineage::Trace(project, options_).Of(project, project.nodes[0], "ssn").proof, LineageProof::kConservative);
}

// The oracle is DuckDB: change one column of one row's table, run the statement again, and every output column whose
// values change must name that column. Statements are made at random; rows are kept by joining on an id that nobody changes.
TEST_F(ColumnLineageTest, NamesWhateverChangesAColumn) {
  std::mt19937 random(20261128);
  const auto pick = [&](std::size_t below) { return random() % below; };
  const std::vector<std::string> names = {"a", "b", "c", "d"};
  const auto any = [&](const std::string& alias) { return alias + "." + names[pick(4)]; };
  const auto expression = [&](const std::string& x, const std::string& y, auto&& self, int depth) -> std::string {
    const auto inner = [&] { return depth == 0 ? any(pick(2) == 0 ? x : y) : self(x, y, self, depth - 1); };
    switch (pick(9)) {
      case 0: return any(x);
      case 1: return "(" + inner() + " + " + inner() + ")";
      case 2: return "(case when " + inner() + " > 3 then " + inner() + " else 7 end)";
      case 3: return "coalesce(nullif(" + inner() + ", 2), " + inner() + ")";
      case 4: return "sum(" + any(x) + ") over (partition by " + any(y) + ")";
      case 5: return "(select count(*) from orders q where q.a = " + any(x) + ")";
      case 6: return "cast(" + inner() + " in (select c from people z where z.b > 2) as int)";
      case 7: return "greatest(" + inner() + ", " + inner() + ")";
      default: return "list_sum(list_transform([" + any(x) + "], k -> k + " + any(y) + "))";
    }
  };
  std::vector<std::string> statements;
  for (int i = 0; i < 40; ++i) {
    const auto e = [&](const char* x, const char* y) { return expression(x, y, expression, 1); };
    switch (pick(4)) {
      case 0:
        statements.push_back("select p.id, " + e("p", "o") + " as x, " + e("o", "p") + " as y from people p join orders o on p.id = o.id");
        break;
      case 1:
        statements.push_back("with w as (select id, " + e("p", "p") + " as x from people p) select o.id, w.x, " + e("o", "o") +
                             " as y from orders o left join w on w.id = o.id and " + any("o") + " > 2");
        break;
      case 2:
        statements.push_back("with w as (select * from people), v as (select *, " + e("w", "w") +
                             " as x from w) select v.id, v.x, v.a as y from v");
        break;
      default:
        statements.push_back("select o.id, s.x, coalesce(s.one, 0) as y from orders o left join (select id, 1 as one, " + e("p", "p") +
                             " as x from people p where " + any("p") + " > 4) s using (id)");
    }
  }
  const Project project = ProjectOf(statements);
  const ProjectLineage lineage = ProjectLineage::Trace(project, options_);
  LockedDuckdb duckdb(options_);
  const auto run = [&](const std::string& statement, const std::string& table, const std::string& changed, int seed) {
    std::string with;
    for (const std::string& name : {std::string("people"), std::string("orders")}) {
      with += (with.empty() ? "" : ", ") + name + " as (select i as id";
      for (std::size_t k = 0; k < names.size(); ++k) {
        const int salt = seed * 31 + static_cast<int>(k) * 7 + (name == "people" ? 3 : 0) +
                         (name == table && names[k] == changed ? 1009 : 0);
        with += ", (hash(i * 1000003 + " + std::to_string(salt) + ") % 7)::int as " + names[k];
      }
      with += " from range(12) r(i))";
    }
    return duckdb.Query("with " + with + " select id::varchar, x::varchar, y::varchar from (" + statement + ") order by 1");
  };
  std::size_t changes = 0, proven = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const ColumnLineage of_column[2] = {lineage.Of(project, project.nodes[i], "x"), lineage.Of(project, project.nodes[i], "y")};
    for (const ColumnLineage& one : of_column) proven += one.proof == LineageProof::kSql;
    for (int seed = 0; seed < 1; ++seed) {
      const auto before = run(statements[i], "", "", seed);
      ASSERT_EQ(before.status, LockedDuckdb::Answer::Status::kRows) << statements[i] << "\n" << before.problem;
      for (const std::string& table : {std::string("people"), std::string("orders")}) {
        for (const std::string& changed : names) {
          const auto after = run(statements[i], table, changed, seed);
          ASSERT_EQ(after.rows.size(), before.rows.size()) << statements[i];
          for (std::size_t column = 0; column < 2; ++column) {
            bool differs = false;
            for (std::size_t row = 0; row < after.rows.size(); ++row) {
              differs = differs || after.rows[row][column + 1] != before.rows[row][column + 1];
            }
            if (!differs) continue;
            ++changes;
            const auto& from = of_column[column].from;
            const std::string id = "source.p.raw." + table;
            const bool named = std::any_of(from.begin(), from.end(), [&](const ColumnSource& source) {
              return source.node == id && (source.column == changed || source.column == "*");
            });
            EXPECT_TRUE(named) << (column == 0 ? "x" : "y") << " changes with " << table << "." << changed << " in\n"
                               << statements[i] << "\n" << Shown(of_column[column]);
          }
        }
      }
    }
  }
  EXPECT_GT(changes, 100u);
  EXPECT_GT(proven, 70u);
}

}  // namespace
}  // namespace weir::manifest
