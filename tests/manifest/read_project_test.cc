#include <gtest/gtest.h>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

Project Read(const std::string& text) { return ReadProjectFrom(AsFile(text)); }

std::string ModelWith(const std::string& fields) {
  return R"("model.shop.orders": {"unique_id": "model.shop.orders", "resource_type": "model", "name": "orders",
    "package_name": "shop")" +
         fields + "}";
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : " ") + text;
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

TEST(ReadProject, SeesMetaThatWasCopiedFromTheNode) {
  const Project project = Read(ManifestWith(ModelWith(
      R"(, "meta": {"owner": "x", "tier": 1}, "columns": {
        "a": {"name": "a", "meta": {"tier": 1, "owner": "x"}}, "b": {"name": "b", "meta": {"tier": 2, "owner": "x"}},
        "c": {"name": "c", "meta": {}}})")));
  ASSERT_EQ(project.nodes.at(0).columns.size(), 3u);
  EXPECT_TRUE(project.nodes[0].columns[0].meta_copied_from_node);
  EXPECT_FALSE(project.nodes[0].columns[1].meta_copied_from_node);
  EXPECT_FALSE(project.nodes[0].columns[2].meta_copied_from_node);
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
  EXPECT_EQ(node.raw_code, "select 1");
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
  EXPECT_EQ(
      Joined(
          Read(ManifestWith(
                   "",
                   R"(, "disabled": {"model.shop.b": [{"unique_id": "model.shop.b"}], "model.shop.a": []})"))
              .disabled),
      "model.shop.a model.shop.b");
  EXPECT_EQ(
      Joined(Read(ManifestWith("", R"(, "disabled": [{"unique_id": "model.shop.a", "x": [1]}])")).disabled),
      "model.shop.a");
  EXPECT_EQ(Joined(Read(ManifestWith("", R"(, "disabled": null)")).disabled), "");
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
