#include <gtest/gtest.h>

#include <random>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

Project Read(const std::string& text) { return ReadProjectFrom(AsFile(text), {.descriptions = true}); }

std::string ModelWith(const std::string& fields) {
  return R"("model.shop.orders": {"unique_id": "model.shop.orders", "resource_type": "model", "name": "orders",
    "package_name": "shop")" +
         fields + "}";
}

template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : " ") + text;
  return out;
}

TEST(ReadProject, MetaOfAColumnIsMergedFromBothPlaces) {
  struct Row {
    std::string name, column, meta, tags;
  };
  const std::vector<Row> table = {
      {"1.8: top level", R"("meta": {"pii": true}, "tags": ["a"])", R"({"pii":true})", "a"},
      {"1.9: config only", R"("meta": {}, "tags": [], "config": {"meta": {"pii": true}, "tags": ["a"]})",
       R"({"pii":true})", "a"},
      {"1.10: both, config wins",
       R"("meta": {"pii": true, "x": 1}, "tags": ["b", "a"], "config": {"meta": {"pii": "email"}, "tags": ["a"]})",
       R"({"pii":"email","x":1})", "b a"},
      {"2.0: an empty config", R"("meta": {"pii": true}, "tags": [], "config": {})", R"({"pii":true})", ""},
      {"null", R"("meta": null, "tags": null, "config": null)", "null", ""},
      {"a tag that is a string", R"("tags": "pii")", "null", "pii"},
      {"dotted key, nested", R"("meta": {"publish.include": true, "a": {"b": [1, 2.50, null]}})",
       R"({"a":{"b":[1,2.50,null]},"publish.include":true})", ""},
      {"surrogate pair and emoji", "\"meta\": {\"note\": \"\\ud83d\\ude00 \xf0\x9f\x98\x80 \\u00e9\"}",
       "{\"note\":\"\xf0\x9f\x98\x80 \xf0\x9f\x98\x80 \xc3\xa9\"}", ""},
      {"a key twice: the last counts", R"("meta": {"pii": false, "pii": true})", R"({"pii":true})", ""},
  };
  for (const Row& row : table) {
    const Project project =
        Read(ManifestWith(ModelWith(R"(, "columns": {"email": {"name": "email", )" + row.column + "}}")));
    const Column& column = project.nodes.at(0).columns.at(0);
    EXPECT_EQ(column.meta.CanonicalJson(), row.meta) << row.name;
    EXPECT_EQ(Joined(column.tags), row.tags) << row.name;
  }
}

TEST(ReadProject, ColumnsKeepClassifiersPolicyTagsAndOrder) {
  const Project project = Read(ManifestWith(ModelWith(
      R"(, "columns": {"z": {"name": "Z", "classifiers": ["pii.email"], "policy_tags": ["projects/p/1"]},
                       "a": {"data_type": "text", "constraints": [{"type": "not_null"}]}})")));
  const Node& node = project.nodes.at(0);
  ASSERT_EQ(node.columns.size(), 2u);
  EXPECT_EQ(node.columns[0].name, "Z");
  EXPECT_EQ(Joined(node.columns[0].classifiers), "pii.email");
  EXPECT_EQ(Joined(node.columns[0].policy_tags), "projects/p/1");
  EXPECT_EQ(node.columns[1].name, "a");
  EXPECT_EQ(node.columns[1].constraints.CanonicalJson(), R"([{"type":"not_null"}])");
  EXPECT_EQ(node.FindColumn("z"), &node.columns[0]);
  EXPECT_EQ(node.FindColumn("A"), &node.columns[1]);
  EXPECT_EQ(node.FindColumn("b"), nullptr);
}

TEST(ReadProject, AColumnNameThatDiffersOnlyByCaseIsNoGuess) {
  const Project project =
      Read(ManifestWith(ModelWith(R"(, "columns": {"Id": {"name": "Id"}, "ID": {"name": "ID"}})")));
  EXPECT_EQ(project.nodes.at(0).FindColumn("ID")->name, "ID");
  EXPECT_EQ(project.nodes.at(0).FindColumn("id"), nullptr);
}

TEST(ReadProject, NodeFieldsAreReadUnderOldAndNewNames) {
  const Project project = Read(ManifestWith(ModelWith(
      R"(, "raw_sql": "select 1", "compiled_sql": "select 1;", "config": {"materialized": "table", "access": "public",
      "group": "growth", "contract": {"enforced": true}, "tags": "nightly", "meta": {"tier": 1}}, "tags": ["nightly", "x"],
      "version": 2.0, "latest_version": 3, "checksum": {"name": "sha256", "checksum": "ab"}, "created_at": 1777629600.5,
      "relation_name": null, "database": null, "depends_on": null, "deprecation_date": null)")));
  const Node& node = project.nodes.at(0);
  EXPECT_EQ(node.raw_code, "");  // nobody asked
  EXPECT_EQ(node.compiled_code, "select 1;");
  EXPECT_EQ(node.materialized, "table");
  EXPECT_EQ(node.access, "public");
  EXPECT_EQ(node.group, "growth");
  EXPECT_TRUE(node.contract_enforced);
  EXPECT_EQ(Joined(node.tags), "nightly x");
  EXPECT_EQ(node.meta.CanonicalJson(), R"({"tier":1})");
  EXPECT_EQ(node.version, "2.0");
  EXPECT_EQ(node.latest_version, "3");
  EXPECT_EQ(node.checksum, "ab");
  EXPECT_EQ(node.created_at, 1777629600.5);
  EXPECT_EQ(node.relation_name, "");
}

TEST(ReadProject, WhatNotEverybodyNeedsIsReadOnDemand) {
  const std::string text = ManifestWith(
      ModelWith(R"(, "description": "Orders", "raw_sql": "select 1", "columns": {"a": {"description": "A", "data_type": "int"}})") +
          R"(, "model.shop.b": {"raw_code": "select '\u00e9\n'"})",
      "", "", R"("exposure.shop.e": {"name": "e", "description": "E"})");
  const ArtifactFile file = AsFile(text);
  const Project all = ReadProjectFrom(file, {.digest = true, .raw_code = true, .descriptions = true});
  EXPECT_EQ(all.nodes.at(0).raw_code, "select '\xc3\xa9\n'");
  EXPECT_EQ(all.nodes.at(1).raw_code, "select 1");
  EXPECT_EQ(all.nodes[1].description + all.nodes[1].columns.at(0).description + all.exposures.at(0).description, "OrdersAE");
  EXPECT_EQ(all.digest, audit::Hex(audit::Sha256(text)));
  const Project least = ReadProjectFrom(file, {.digest = false, .raw_code = false, .descriptions = false});
  EXPECT_EQ(least.nodes.at(1).description + least.nodes[1].columns.at(0).description, "");
  EXPECT_EQ(least.nodes[1].columns[0].data_type, "int");
  EXPECT_EQ(least.exposures.at(0).description, "E");
  EXPECT_EQ(least.nodes.at(1).raw_code, "");
  EXPECT_EQ(least.digest, "");
}

TEST(ReadProject, KeysMayBeWrittenWithEscapes) {
  const Project project = Read(ManifestWith(ModelWith(
      R"(, "d\u0065scription": "x\ty", "columns": {"\u0061": {"n\u0061me": "a", "t\u0061gs": ["pii"]}})")));
  EXPECT_EQ(project.nodes.at(0).description, "x\ty");
  EXPECT_EQ(project.nodes.at(0).columns.at(0).name, "a");
  EXPECT_EQ(Joined(project.nodes.at(0).columns.at(0).tags), "pii");
}

// A value that is written as an earlier one shares what that one holds; only the very same text is the same.
TEST(ReadProject, ValuesThatAreWrittenAlikeAreOne) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"pii": true, "n": [1, {"x": null}]})", R"({"n":[1,{"x":null}],"pii":true})"},
      {R"({"pii": true, "n": [1, {"x": null}]})", R"({"n":[1,{"x":null}],"pii":true})"},
      {R"({"pii": true, "n": [1, {"x": null }]})", R"({"n":[1,{"x":null}],"pii":true})"},
      {R"({"pii": false, "n": [1, {"x": null}]})", R"({"n":[1,{"x":null}],"pii":false})"},
      {R"({"pii": "}", "n": 1})", R"({"n":1,"pii":"}"})"},
      {"{}", "{}"},
      {"{ }", "{}"}};
  std::string columns;
  for (std::size_t i = 0; i < table.size(); ++i) {
    columns += (i == 0 ? "\"" : ", \"") + std::to_string(i) + R"(": {"meta": )" + table[i].first + "}";
  }
  const Project project = Read(ManifestWith(ModelWith(R"(, "columns": {)" + columns + "}")));
  ASSERT_EQ(project.nodes.at(0).columns.size(), table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(project.nodes[0].columns[i].meta.CanonicalJson(), table[i].second) << table[i].first;
  }
  EXPECT_TRUE(project.nodes[0].columns[0].meta.IsSameAs(project.nodes[0].columns[1].meta));
  EXPECT_FALSE(project.nodes[0].columns[0].meta.IsSameAs(project.nodes[0].columns[3].meta));
}

std::string Described(const Column& column) {
  return column.name + "|" + column.data_type + "|" + column.description + "|" + column.meta.CanonicalJson() + "|" +
         Joined(column.tags) + "|" + Joined(column.classifiers) + "|" + Joined(column.policy_tags) + "|" +
         column.constraints.CanonicalJson() + "|" + column.mask.CanonicalJson() + "|" +
         column.databricks_tags.CanonicalJson() + "|" + (column.quote ? (*column.quote ? "yes" : "no") : "");
}

// The reader passes over what it knows from the column before; each column alone is its oracle.
TEST(ReadProject, AColumnReadsTheSameAmongOthersAsAlone) {
  const std::vector<std::string> before = {"", R"("meta": {}, )", R"("meta": {"a": 1}, "tags": ["t"], )",
                                           R"("config": {"meta": {"b": 2}, "tags": ["u"]}, )",
                                           R"("column_mask": {"function": "f"}, "constraints": [{"type": "unique"}], )"};
  const std::vector<std::string> behind = {
      "",
      R"(, "constraints": [], "quote": null, "config": {"meta": {}, "tags": []}, "tags": [], "doc_blocks": [])",
      R"(, "constraints": [], "quote": null, "config": {"meta": {}, "tags": []}, "tags": [ ], "doc_blocks": [])",
      R"(, "constraints": [{"type": "not_null"}], "meta": {"c": 3})",
      R"(, "tags": ["pii"])",
      R"(, "config": {"classifiers": ["pii.email"], "databricks_tags": {"x": "y"}}, "quote": false)",
      R"(, "meta": {"a": null}, "column_mask": null)",
      R"(, "config": {"meta": {"pii": true}})"};
  const std::vector<std::string> types = {R"("data_type": "int")", R"("description": "it } \"ends\"")", ""};
  std::mt19937 random(20260815);
  const auto pick = [&random](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  std::string all;
  std::vector<std::string> alone;
  for (int i = 0; i < 400; ++i) {
    const std::string name = "c" + std::to_string(i);
    std::string fields = R"("name": ")" + name + R"(", )" + pick(before) + pick(types);
    if (fields.ends_with(", ")) fields.resize(fields.size() - 2);
    // The usual end is usual.
    const std::string column = "\"" + name + "\": {" + fields + (random() % 3 != 0 ? behind[1] : pick(behind)) + "}";
    all += (i == 0 ? "" : ", ") + column;
    const Project one = Read(ManifestWith(ModelWith(R"(, "columns": {)" + column + "}")));
    alone.push_back(Described(one.nodes.at(0).columns.at(0)));
  }
  const Project project = Read(ManifestWith(ModelWith(R"(, "columns": {)" + all + "}")));
  ASSERT_EQ(project.nodes.at(0).columns.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(Described(project.nodes[0].columns[i]), alone[i]);
}

TEST(ReadProject, FindsWhatATestIsAttachedTo) {
  struct Row {
    std::string name, fields, attached;
  };
  const std::vector<Row> table = {
      {"as written",
       R"("attached_node": "model.shop.a", "depends_on": {"nodes": ["model.shop.b", "model.shop.a"]})",
       "model.shop.a"},
      {"of a source",
       R"("attached_node": null, "test_metadata": {"name": "unique", "kwargs": {}}, "depends_on": {"nodes": ["source.shop.raw.a"]})",
       "source.shop.raw.a"},
      {"singular on one", R"("depends_on": {"nodes": ["model.shop.a"]})", "model.shop.a"},
      {"singular on two", R"("depends_on": {"nodes": ["model.shop.a", "model.shop.b"]})", ""},
      {"singular on none", R"("depends_on": {})", ""},
      {"no depends_on", R"("test_metadata": null)", ""},
      {"v8 relationships by argument",
       R"("test_metadata": {"name": "relationships", "kwargs": {"model": "{{ get_where_subquery(ref('b')) }}"}},
          "depends_on": {"nodes": ["model.shop.a", "model.shop.b"]})",
       "model.shop.b"},
      {"v8 relationships by file key",
       R"("test_metadata": {"name": "relationships", "kwargs": {}}, "file_key_name": "models.b",
          "depends_on": {"nodes": ["model.shop.a", "model.shop.b.v2"]})",
       "model.shop.b.v2"},
      {"cannot be told",
       R"("test_metadata": {"name": "relationships", "kwargs": {}}, "depends_on": {"nodes": ["model.shop.a", "model.shop.b"]})",
       ""},
  };
  for (const Row& row : table) {
    const Project project =
        Read(ManifestWith(R"("test.shop.t": {"resource_type": "test", "name": "t", )" + row.fields + "}"));
    EXPECT_EQ(project.tests.at(0).attached_node, row.attached) << row.name;
  }
}

TEST(ReadProject, TestsKeepTheirRules) {
  const Project project = Read(ManifestWith(
      R"("test.shop.t": {"resource_type": "test", "name": "long", "column_name": null,
       "config": {"severity": "WARN", "warn_if": "> 10", "error_if": "!= 0", "where": null, "limit": 5},
       "test_metadata": {"name": "unique_combination", "namespace": "dbt_utils", "kwargs": {"column_name": "id", "n": [1]}}},
       "test.shop.s": {"resource_type": "test", "name": "singular", "config": {}})",
      R"(, "unit_tests": {"unit_test.shop.a.u": {"resource_type": "unit_test", "name": "u", "model": "a",
       "depends_on": {"nodes": ["model.shop.a"]}}})"));
  ASSERT_EQ(project.tests.size(), 3u);
  const manifest::Test& singular = project.tests[0];
  const manifest::Test& generic = project.tests[1];
  const manifest::Test& unit = project.tests[2];
  EXPECT_EQ(singular.name, "singular");
  EXPECT_FALSE(singular.generic);
  EXPECT_EQ(singular.severity, "error");
  EXPECT_EQ(generic.name, "dbt_utils.unique_combination");
  EXPECT_TRUE(generic.generic);
  EXPECT_EQ(generic.severity, "warn");
  EXPECT_EQ(generic.warn_if, "> 10");
  EXPECT_EQ(generic.where, "");
  EXPECT_EQ(generic.limit, 5);
  EXPECT_EQ(generic.column_name, "id");
  EXPECT_TRUE(unit.unit);
  EXPECT_EQ(unit.attached_node, "model.shop.a");
}

TEST(ReadProject, OwnersHaveNoOneOrManyEmails) {
  struct Row {
    std::string owner, name, emails;
  };
  const std::vector<Row> table = {{R"({"name": "Growth", "email": "g@x.y"})", "Growth", "g@x.y"},
                                  {R"({"name": null, "email": ["a@x.y", "b@x.y"]})", "", "a@x.y b@x.y"},
                                  {R"({"name": "Growth", "email": null, "slack": "#g"})", "Growth", ""},
                                  {"null", "", ""}};
  for (const Row& row : table) {
    const std::string exposure =
        R"("exposure.shop.crm": {"resource_type": "exposure", "name": "crm", "owner": )" + row.owner +
        R"(, "maturity": null, "meta": {"a": 1}, "config": {"meta": {"b": 2}}})";
    const Project project = Read(ManifestWith(
        "", R"(, "groups": {"group.shop.g": {"name": "g", "owner": )" + row.owner + "}}", "", exposure));
    EXPECT_EQ(project.exposures.at(0).owner.name, row.name);
    EXPECT_EQ(Joined(project.exposures[0].owner.emails), row.emails);
    EXPECT_EQ(project.exposures[0].meta.CanonicalJson(), R"({"a":1,"b":2})");
    EXPECT_EQ(Joined(project.groups.at(0).owner.emails), row.emails);
  }
}

TEST(ReadProject, FreshnessIsARuleOnlyWhenDbtHasOne) {
  struct Row {
    std::string fields;
    std::optional<std::int64_t> warn, error;
  };
  const std::vector<Row> table = {
      {R"("freshness": {"warn_after": {"count": 12, "period": "hour"}, "error_after": {"count": 2, "period": "day"}, "filter": null})",
       43200, 172800},
      {R"("freshness": {"warn_after": {"count": null, "period": null}, "error_after": {"count": 30, "period": "minute"}})",
       {},
       1800},
      {R"("freshness": null, "config": {"freshness": {"warn_after": {"count": 1, "period": "hour"}}})",
       3600,
       {}},
      {R"("freshness": {"warn_after": {"count": null, "period": null}, "error_after": {"count": null, "period": null}})",
       {},
       {}},
      {R"("freshness": null)", {}, {}},
      {R"("name": "x")", {}, {}},
  };
  for (const Row& row : table) {
    const Project project =
        Read(ManifestWith("", "", R"("source.shop.raw.a": {"resource_type": "source", )" + row.fields + "}"));
    const std::optional<Freshness>& freshness = project.sources.at(0).freshness;
    EXPECT_EQ(freshness.has_value(), row.warn || row.error) << row.fields;
    if (!freshness) continue;
    EXPECT_EQ(freshness->warn_after_seconds, row.warn) << row.fields;
    EXPECT_EQ(freshness->error_after_seconds, row.error) << row.fields;
  }
}

TEST(ReadProject, DisabledIsAMapOfListsOrAList) {
  struct Row {
    std::string disabled, expected;
  };
  const std::vector<Row> table = {
      {R"({"test.shop.b.1": [{"unique_id": "test.shop.b.1", "resource_type": "test", "name": "b", "package_name": "shop"},
          {"name": "of another package, read later"}], "model.shop.a": [], "model.shop.c": {"name": "c"}})",
       "model model.shop.a= model model.shop.c=c test test.shop.b.1=b"},
      {R"([{"unique_id": "model.shop.a", "x": [1]}, {"unique_id": "model.shop.a"}, 5])", "model model.shop.a="},
      {"null", ""},
      {"{}", ""}};
  for (const Row& row : table) {
    const Project project = Read(ManifestWith("", ", \"disabled\": " + row.disabled));
    std::vector<std::string> found;
    for (const DisabledResource& disabled : project.disabled) {
      found.push_back(disabled.resource_type + " " + disabled.unique_id + "=" + disabled.name);
    }
    EXPECT_EQ(Joined(found), row.expected) << row.disabled;
  }
}

TEST(ReadProject, GrantsContractAndMasksAreKept) {
  const Project project = Read(ManifestWith(ModelWith(
      R"(, "description": "Orders", "language": "sql", "contract": {"enforced": true, "alias_types": true, "checksum": "c1"},
      "constraints": [{"type": "primary_key", "columns": ["id"]}], "primary_key": ["id"],
      "config": {"grants": {"write": ["ops"], "select": ["reporter", "bi"]}, "databricks_tags": {"tier": "gold"}},
      "columns": {"email": {"name": "email", "quote": true, "column_mask": {"function": "mask_email", "using_columns": "region"},
        "databricks_tags": {"contains_pii": "true"}}, "id": {"name": "id", "quote": null,
        "config": {"databricks_tags": {"key": ""}, "column_mask": {"function": "f"}}}})")));
  const Node& node = project.nodes.at(0);
  EXPECT_EQ(node.description, "Orders");
  EXPECT_EQ(node.language, "sql");
  EXPECT_TRUE(node.contract_enforced);
  EXPECT_TRUE(node.contract_alias_types);
  EXPECT_EQ(node.contract_checksum, "c1");
  EXPECT_EQ(node.constraints.CanonicalJson(), R"([{"columns":["id"],"type":"primary_key"}])");
  EXPECT_EQ(Joined(node.primary_key), "id");
  EXPECT_EQ(node.grants, (std::vector<Grant>{{"select", {"reporter", "bi"}}, {"write", {"ops"}}}));
  EXPECT_EQ(node.databricks_tags.CanonicalJson(), R"({"tier":"gold"})");
  EXPECT_EQ(node.columns.at(0).mask.CanonicalJson(), R"({"function":"mask_email","using_columns":"region"})");
  EXPECT_EQ(node.columns[0].databricks_tags.CanonicalJson(), R"({"contains_pii":"true"})");
  EXPECT_EQ(node.columns[0].quote, true);
  EXPECT_EQ(node.columns.at(1).mask.CanonicalJson(), R"({"function":"f"})");
  EXPECT_EQ(node.columns[1].databricks_tags.CanonicalJson(), R"({"key":""})");
  EXPECT_EQ(node.columns[1].quote, std::nullopt);
}

TEST(ReadProject, KnowsWhichTestsKeepTheirFailingRows) {
  struct Row {
    std::string config;
    bool stores;
  };
  const std::vector<Row> table = {{R"("store_failures": null)", false},
                                  {R"("store_failures": true)", true},
                                  {R"("store_failures": true, "store_failures_as": "view")", true},
                                  {R"("store_failures": false, "store_failures_as": "table")", true},
                                  {R"("store_failures": true, "store_failures_as": "ephemeral")", false},
                                  {R"("store_failures": true, "store_failures_as": null)", true}};
  for (const Row& row : table) {
    const Project project = Read(ManifestWith(R"("test.shop.t": {"resource_type": "test", "config": {)" + row.config +
                                              R"x(, "fail_calc": "count(*)"}, "relation_name": "\"d\".\"a\".\"t\""})x"));
    EXPECT_EQ(project.tests.at(0).stores_failures, row.stores) << row.config;
    EXPECT_EQ(project.tests[0].relation_name, R"("d"."a"."t")");
    EXPECT_EQ(project.tests[0].fail_calc, "count(*)");
  }
}

TEST(ReadProject, ResourcesOfOldManifestsLackWholeFields) {
  // Seeds of 1.4 have no `depends_on`, those of 1.8 no `nodes` in it, unit tests a checksum that is a text.
  const Project project = Read(ManifestWith(
      R"("seed.shop.s": {"resource_type": "seed", "name": "s", "root_path": "/x"},
         "seed.shop.t": {"resource_type": "seed", "name": "t", "depends_on": {"macros": []}})",
      R"(, "unit_tests": {"unit_test.shop.a.u_v3": {"resource_type": "unit_test", "name": "u", "checksum": "c",
         "version": 3, "tested_node_unique_id": "model.shop.a.v3", "depends_on": {"nodes": ["model.shop.b"]}}},
         "groups": {"group.shop.g": {"name": "g", "package_name": "shop", "description": "G", "meta": {"a": 1},
         "config": {"meta": {"b": 2}}}})"));
  EXPECT_EQ(Joined(project.nodes.at(0).depends_on) + Joined(project.nodes.at(1).depends_on), "");
  EXPECT_EQ(project.tests.at(0).checksum, "c");
  EXPECT_EQ(project.tests[0].attached_node, "model.shop.a.v3");
  EXPECT_EQ(project.groups.at(0).unique_id, "group.shop.g");
  EXPECT_EQ(project.groups[0].description, "G");
  EXPECT_EQ(project.groups[0].meta.CanonicalJson(), R"({"a":1,"b":2})");
}

// dbt hashes it: `python3 -c "import hashlib; print(hashlib.md5(b'shop').hexdigest())"`.
TEST(ReadProject, BeforeDbt16TheProjectsNameIsFoundByItsHash) {
  const std::string text = ManifestWith(R"("model.dbt_utils.a": {"resource_type": "model", "name": "a", "package_name": "dbt_utils"},
      "model.shop.b": {"resource_type": "model", "name": "b", "package_name": "shop"})");
  const auto named = [&](const std::string& instead) {
    std::string other = text;
    other.replace(other.find(R"("project_name": "shop")"), std::string(R"("project_name": "shop")").size(), instead);
    return ReadProjectFrom(AsFile(other), {}).metadata.project_name;
  };
  EXPECT_EQ(named(R"("project_id": "fb54f3c5992b96d001bb16e8e92d968d")"), "shop");
  EXPECT_EQ(named(R"("project_name": null, "project_id": "fb54f3c5992b96d001bb16e8e92d968d")"), "shop");
  EXPECT_EQ(named(R"("project_name": "dbt_utils", "project_id": "fb54f3c5992b96d001bb16e8e92d968d")"), "dbt_utils");
  EXPECT_EQ(named(R"("project_id": "00000000000000000000000000000000")"), "");
  EXPECT_EQ(named(R"("project_id": null)"), "");
}

TEST(ReadProject, CatalogTypesAreJoinedWithoutRegardToCase) {
  Project project = Read(ManifestWith(
      ModelWith(R"(, "columns": {"email": {"name": "email", "data_type": "string"}, "Both": {"name": "Both"},
                   "both": {"name": "both"}, "either": {"name": "either"}, "absent": {"name": "absent"}})"),
      "", R"("source.shop.raw.x": {"resource_type": "source", "columns": {"Id": {"name": "Id"}}})"));
  const Catalog catalog = ReadCatalogFrom(AsFile(R"({"metadata": {"dbt_schema_version":
      "https://schemas.getdbt.com/dbt/catalog/v1.json", "invocation_id": "run-1", "dbt_version": "1.11.2"}, "errors": null,
      "nodes": {"model.shop.orders": {"unique_id": "model.shop.orders", "metadata": {"type": "BASE TABLE", "schema": "S",
        "name": "ORDERS", "database": "D", "comment": null, "owner": null}, "stats": {}, "columns": {
        "EMAIL": {"type": "TEXT", "index": 1, "name": "EMAIL"}, "Both": {"type": "A", "index": 3}, "both": {"type": "B", "index": 2},
        "EITHER": {"type": "C", "index": 4}, "Either": {"type": "D", "index": 5}}}},
      "sources": {"source.shop.raw.x": {"metadata": {}, "columns": {"ID": {"type": "NUMBER", "index": 1}}}}})"));
  JoinCatalog(catalog, &project);
  const Node& node = project.nodes.at(0);
  EXPECT_EQ(node.FindColumn("email")->catalog_type, "TEXT");
  EXPECT_EQ(node.FindColumn("email")->data_type, "string");
  EXPECT_EQ(node.FindColumn("Both")->catalog_type, "A");
  EXPECT_EQ(node.FindColumn("both")->catalog_type, "B");
  EXPECT_EQ(node.FindColumn("either")->catalog_type, "");  // two could be meant
  EXPECT_EQ(node.FindColumn("absent")->catalog_type, "");
  EXPECT_EQ(project.sources.at(0).columns.at(0).catalog_type, "NUMBER");
  const CatalogTable* table = catalog.Find("model.shop.orders");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->database + "." + table->schema + "." + table->name, "D.S.ORDERS");
  EXPECT_EQ(table->columns.at(1).name, "both");
  EXPECT_EQ(catalog.invocation_id, "run-1");
}

TEST(ReadProject, FindsModelsAsPeopleWriteThem) {
  const auto model = [](const std::string& id, const std::string& package, const std::string& name,
                        const std::string& more) {
    return "\"" + id + R"(": {"resource_type": "model", "package_name": ")" + package + R"(", "name": ")" +
           name + "\"" + more + "}";
  };
  const Project project = Read(
      ManifestWith(model("model.shop.a", "shop", "a", "") + "," +
                   model("model.shop.d.v1", "shop", "d", R"(, "version": 1, "latest_version": 2)") + "," +
                   model("model.shop.d.v2", "shop", "d", R"(, "version": 2, "latest_version": 2)") + "," +
                   model("model.shop.e", "shop", "e", "") + "," + model("model.pkg.e", "pkg", "e", "")));
  struct Row {
    std::string written, found, ambiguous;
  };
  const std::vector<Row> table = {{"a", "model.shop.a", ""},
                                  {"shop.a", "model.shop.a", ""},
                                  {"model.shop.a", "model.shop.a", ""},
                                  {"d", "model.shop.d.v2", ""},
                                  {"d.v1", "model.shop.d.v1", ""},
                                  {"shop.d.v1", "model.shop.d.v1", ""},
                                  {"d.v3", "", ""},
                                  {"pkg.a", "", ""},
                                  {"e", "", "model.pkg.e model.shop.e"},
                                  {"pkg.e", "model.pkg.e", ""},
                                  {"", "", ""}};
  for (const Row& row : table) {
    std::vector<std::string> ambiguous;
    const Node* node = project.FindModel(row.written, &ambiguous);
    EXPECT_EQ(node == nullptr ? "" : node->unique_id, row.found) << row.written;
    EXPECT_EQ(Joined(ambiguous), row.ambiguous) << row.written;
  }
}

TEST(ReadProject, WalksUpToTheSources) {
  const Project project = Read(ManifestWith(
      R"("model.shop.a": {"resource_type": "model", "depends_on": {"nodes": ["model.shop.b", "source.shop.raw.x"]}},
         "model.shop.b": {"resource_type": "model", "depends_on": {"nodes": ["source.shop.raw.y", "model.shop.a", "model.shop.gone"]}})",
      R"(, "metrics": {"metric.shop.m": {"resource_type": "metric", "depends_on": {"nodes": ["model.shop.a"]}}})",
      R"("source.shop.raw.x": {}, "source.shop.raw.y": {}, "source.shop.raw.z": {})",
      R"("exposure.shop.e": {"depends_on": {"nodes": ["metric.shop.m"]}})"));
  for (const char* id : {"model.shop.a", "model.shop.b", "metric.shop.m", "exposure.shop.e"}) {
    std::string found;
    for (const Source* source : project.SourcesAbove(id)) found += source->unique_id + " ";
    EXPECT_EQ(found, "source.shop.raw.x source.shop.raw.y ") << id;
  }
  EXPECT_TRUE(project.SourcesAbove("model.shop.gone").empty());
}

TEST(ReadProject, TestsOfANodeAreItsOwnAndThoseAttachedToNone) {
  const Project project = Read(ManifestWith(
      R"("test.shop.own": {"resource_type": "test", "attached_node": "model.shop.a", "depends_on": {"nodes": ["model.shop.a", "model.shop.b"]}},
         "test.shop.both": {"resource_type": "test", "depends_on": {"nodes": ["model.shop.a", "model.shop.b"]}})"));
  EXPECT_EQ(project.TestsOf("model.shop.a").size(), 2u);
  ASSERT_EQ(project.TestsOf("model.shop.b").size(), 1u);
  EXPECT_EQ(project.TestsOf("model.shop.b")[0]->unique_id, "test.shop.both");
}

}  // namespace
}  // namespace weir::manifest
