#include "manifest/project_diff.h"

#include <gtest/gtest.h>

#include <chrono>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

std::string Json(const Value& value) { return value.IsNull() ? "-" : value.CanonicalJson(); }

// A line for each change: kind node column before after.
std::vector<std::string> Lines(const ProjectDiff& diff) {
  std::vector<std::string> lines;
  for (const Change& change : diff.changes) {
    lines.push_back(Name(change) + " " + change.node + (change.column.empty() ? "" : " " + change.column) + " " +
                    Json(change.before) + " " + Json(change.after));
  }
  return lines;
}

std::vector<std::string> Between(const std::string& base, const std::string& head) {
  const Project a = ReadProjectFrom(AsFile(base)), b = ReadProjectFrom(AsFile(head));
  return Lines(DiffProjects({&a, nullptr}, {&b, nullptr}));
}

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  EXPECT_EQ(text.find(what, at + 1), std::string::npos) << what << " is there twice";
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

// Everything that a diff looks at, once.
std::string Shop() {
  return ManifestWith(
      R"("model.shop.a": {"resource_type": "model", "name": "a", "package_name": "shop", "access": "protected", "group": "core",
      "schema": "prod", "relation_name": "\"prod\".\"a\"", "raw_code": "select 1", "tags": ["daily"], "meta": {"tier": 1},
      "config": {"grants": {"select": ["bi", "ops"]}, "contract": {"enforced": true}}, "contract": {"enforced": true},
      "latest_version": 1, "deprecation_date": null, "constraints": [{"type": "primary_key", "columns": ["id"], "warn_unenforced": true}],
      "classifiers": ["pii.node"], "columns": {
        "id": {"name": "id", "data_type": "integer", "constraints": [{"type": "not_null"}]},
        "email": {"name": "email", "data_type": "text", "meta": {"contains": "email", "owner": "x"}, "tags": ["pii", "mail"],
          "classifiers": ["pii.email"], "policy_tags": ["p1"], "column_mask": {"function": "f"}, "databricks_tags": {"t": "v"}}}},
    "test.shop.t": {"resource_type": "test", "name": "t", "package_name": "shop", "test_metadata": {"name": "unique", "kwargs": {"column_name": "id"}},
      "attached_node": "model.shop.a", "column_name": "id", "config": {"severity": "ERROR", "warn_if": "!= 0", "error_if": "> 5", "where": null, "store_failures": null},
      "depends_on": {"nodes": ["model.shop.a"]}},
    "test.shop.gone": {"resource_type": "test", "name": "gone", "package_name": "shop", "depends_on": {"nodes": ["model.shop.a"]}}
    )",
      R"(, "groups": {"group.shop.core": {"unique_id": "group.shop.core", "name": "core", "package_name": "shop", "owner": {"name": "Core", "email": "c@x.example"}}},
      "disabled": {"model.shop.asleep": [{"resource_type": "model", "unique_id": "model.shop.asleep", "name": "asleep"}]})",
      R"("source.shop.raw.x": {"resource_type": "source", "name": "x", "source_name": "raw", "package_name": "shop", "schema": "raw",
      "unrendered_schema": "{{ target.schema }}_raw", "identifier": "x", "freshness": {"warn_after": {"count": 1, "period": "day"}},
      "columns": {"ssn": {"name": "ssn", "meta": {"contains_pii": true}}}})",
      R"("exposure.shop.crm": {"resource_type": "exposure", "name": "crm", "package_name": "shop", "type": "application", "maturity": "high",
      "owner": {"name": "Growth", "email": "g@x.example"}, "meta": {"weir": {"destination": "crm", "object": "contacts"}}, "depends_on": {"nodes": ["model.shop.a"]}})");
}

TEST(ProjectDiff, TellsEveryChangeAndNothingElse) {
  struct Row {
    std::string what, by;
    std::vector<std::string> expected;
  };
  const std::string column = "model.shop.a email ";
  const std::vector<Row> table = {
      // columns
      {R"("id": {"name": "id", "data_type": "integer", "constraints": [{"type": "not_null"}]},)", "",
       {R"(column_removed model.shop.a id "integer" -)"}},
      {R"("columns": {
        "id")", R"("columns": {"extra": {"name": "extra", "data_type": null}, "id")", {"column_added model.shop.a extra - -"}},
      {R"("integer")", R"("bigint")", {R"(column_retyped model.shop.a id "integer" "bigint")"}},
      {R"("integer")", "null", {R"(column_retyped model.shop.a id "integer" -)"}},
      {R"("integer")", R"("INTEGER ")", {}},
      {R"("owner": "x"})", R"("owner": "y", "contains_pii": true})",
       {"column_meta_changed " + column + R"({"owner":"x"} {"contains_pii":true,"owner":"y"})"}},
      {R"("owner": "x"})", R"("owner": "x", "more": null, "none": {}, "nobody": []})", {}},
      {R"("meta": {"contains": "email", "owner": "x"})", R"("config": {"meta": {"owner": "x", "contains": "email"}})", {}},
      {R"("tags": ["pii", "mail"])", R"("tags": ["mail"], "config": {"tags": ["mail", "pii"]})", {}},
      {R"(["pii", "mail"])", "[]", {"column_tags_changed " + column + R"(["mail","pii"] -)"}},
      {R"(["pii.email"])", "null", {"column_classifiers_changed " + column + R"(["pii.email"] -)"}},
      {R"(["p1"])", R"(["p2"])", {"column_policy_tags_changed " + column + R"(["p1"] ["p2"])"}},
      {R"({"t": "v"})", R"({"t": "w"})", {"column_policy_tags_changed " + column + R"({"t":"v"} {"t":"w"})"}},
      {R"("column_mask": {"function": "f"},)", "", {"column_mask_changed " + column + R"({"function":"f"} -)"}},
      {R"([{"type": "not_null"}])", "[]", {R"(column_constraints_changed model.shop.a id [{"type":"not_null"}] -)"}},
      {R"("id": {"name": "id", "data_type": "integer")", R"("ID": {"name": "ID", "data_type": "integer")", {}},
      // nodes
      {R"("access": "protected")", R"("access": "public")", {R"(access_changed model.shop.a "protected" "public")"}},
      {R"("group": "core",)", "", {R"(group_changed model.shop.a "core" -)"}},
      {R"(["bi", "ops"])", R"(["ops", "bi"])", {}},
      {R"(["bi", "ops"])", R"(["bi", "world"])",
       {R"(grants_changed model.shop.a {"select":["bi","ops"]} {"select":["bi","world"]})"}},
      {R"("contract": {"enforced": true}}, "contract": {"enforced": true})", R"("contract": {"enforced": false}}, "contract": {"enforced": false})",
       {"contract_changed model.shop.a true false"}},
      {R"("latest_version": 1)", R"("latest_version": 2)", {R"(version_changed model.shop.a "1" "2")"}},
      {R"("deprecation_date": null)", R"("deprecation_date": "2027-01-01")", {R"(deprecation_changed model.shop.a - "2027-01-01")"}},
      {R"(["id"], "warn_unenforced": true)", R"(["id"], "warn_unenforced": false)", {}},
      {R"("columns": ["id"])", R"("columns": ["id", "email"])",
       {R"(constraints_changed model.shop.a [{"columns":["id"],"type":"primary_key"}] [{"columns":["id","email"],"type":"primary_key"}])"}},
      {R"(["daily"])", R"(["daily", "pii"])", {R"(tags_changed model.shop.a ["daily"] ["daily","pii"])"}},
      {R"({"tier": 1})", R"({"tier": "1"})", {R"(meta_changed model.shop.a {"tier":1} {"tier":"1"})"}},
      {R"(["pii.node"])", "[]", {R"(classifiers_changed model.shop.a ["pii.node"] -)"}},
      {R"("schema": "prod", "relation_name": "\"prod\".\"a\"", "raw_code": "select 1")", R"("schema": "dev", "raw_code": "select 2")", {}},
      // tests
      {R"("severity": "ERROR")", R"("severity": "warn")", {R"(test_downgraded test.shop.t "error" "warn")"}},
      {R"("severity": "ERROR")", R"("severity": "error")", {}},
      {R"("error_if": "> 5")", R"("error_if": "> 50")", {R"(test_threshold_changed test.shop.t {"error_if":"> 5"} {"error_if":"> 50"})"}},
      {R"("warn_if": "!= 0", )", "", {}},
      {R"("where": null)", R"("where": "id > 9")", {R"(test_changed test.shop.t - {"where":"id > 9"})"}},
      {R"("store_failures": null)", R"("store_failures": true)", {R"(test_changed test.shop.t - {"stores_failures":true})"}},
      {R"({"column_name": "id"})", R"({"column_name": "id", "x": 1})", {R"(test_changed test.shop.t {"arguments":{"column_name":"id"}} {"arguments":{"column_name":"id","x":1}})"}},
      {R"("test.shop.gone": {"resource_type": "test", "name": "gone")", R"("test.shop.new": {"resource_type": "test", "name": "new")",
       {R"(test_removed test.shop.gone "enabled" -)", R"(test_added test.shop.new - "enabled")"}},
      // the rest
      {R"("email": "c@x.example")", R"("email": ["c@x.example"])", {}},
      {R"("email": "c@x.example")", R"("email": "d@x.example")", {R"(owner_changed group.shop.core {"email":["c@x.example"]} {"email":["d@x.example"]})"}},
      {R"("name": "Growth")", R"("name": "Sales")", {R"(owner_changed exposure.shop.crm {"name":"Growth"} {"name":"Sales"})"}},
      {R"("maturity": "high")", R"("maturity": "low")", {R"(exposure_changed exposure.shop.crm {"maturity":"high"} {"maturity":"low"})"}},
      {R"("object": "contacts"}}, "depends_on": {"nodes": ["model.shop.a"]})", R"("object": "contacts"}}, "depends_on": {"nodes": []})",
       {R"(exposure_changed exposure.shop.crm {"depends_on":["model.shop.a"]} -)"}},
      {R"("object": "contacts")", R"("object": "leads")",
       {R"(meta_changed exposure.shop.crm {"weir":{"destination":"crm","object":"contacts"}} {"weir":{"destination":"crm","object":"leads"}})"}},
      {R"("identifier": "x")", R"("identifier": "y")", {R"(source_changed source.shop.raw.x {"identifier":"x"} {"identifier":"y"})"}},
      {R"("schema": "raw")", R"("schema": "dev_raw")", {}},
      {R"({{ target.schema }}_raw)", "raw", {R"(source_changed source.shop.raw.x {"schema":"{{ target.schema }}_raw"} {"schema":"raw"})"}},
      {R"({"warn_after": {"count": 1, "period": "day"}})", "null", {R"(source_changed source.shop.raw.x {"freshness":{"warn_after_seconds":86400}} -)"}},
      {R"({"contains_pii": true})", "{}", {R"(column_meta_changed source.shop.raw.x ssn {"contains_pii":true} -)"}},
      {R"("model.shop.a": {"resource_type": "model", "name": "a")", R"("model.shop.asleep": {"resource_type": "model", "name": "asleep")",
       {R"(model_removed model.shop.a "enabled" -)", R"(model_enabled model.shop.asleep "disabled" "enabled")"}},
      {R"(_type": "exposure", "name": "crm", "package_name": "shop", "type": "application")",
       R"(_type": "exposure", "name": "crm", "package_name": "shop", "type": "ml")",
       {R"(exposure_changed exposure.shop.crm {"type":"application"} {"type":"ml"})"}},
  };
  EXPECT_EQ(Between(Shop(), Shop()), std::vector<std::string>());
  for (const Row& row : table) EXPECT_EQ(Between(Shop(), Replaced(Shop(), row.what, row.by)), row.expected) << row.by;
}

TEST(ProjectDiff, TellsDisabledFromRemoved) {
  const std::string head = Replaced(
      Replaced(Shop(), R"("test.shop.gone": {"resource_type": "test", "name": "gone", "package_name": "shop", "depends_on": {"nodes": ["model.shop.a"]}})",
               R"("analysis.shop.z": {"resource_type": "analysis", "name": "z"})"),
      R"("disabled": {)", R"("disabled": {"test.shop.gone": [{"resource_type": "test", "unique_id": "test.shop.gone"}],)");
  EXPECT_EQ(Between(Shop(), head), std::vector<std::string>({R"(test_disabled test.shop.gone "enabled" "disabled")"}));
}

TEST(ProjectDiff, ComparesWhatOnlyTheWarehouseKnowsWhereBothSidesHaveIt) {
  const auto catalog = [](const std::string& columns) {
    return ReadCatalogFrom(ArtifactFile::FromText("catalog.json",
                                                  R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}, "sources": {},
        "nodes": {"model.shop.a": {"metadata": {"type": "t", "schema": "s", "name": "a"}, "columns": {)" + columns + "}}}}"));
  };
  Project base = ReadProjectFrom(AsFile(Shop())), head = ReadProjectFrom(AsFile(Shop()));
  const Catalog before = catalog(R"("ID": {"type": "INT", "index": 1, "name": "ID"}, "OLD": {"type": "INT", "index": 2, "name": "OLD"},
      "SAME": {"type": "TEXT", "index": 3, "name": "SAME"})");
  const Catalog after = catalog(R"("ID": {"type": "BIGINT", "index": 1, "name": "ID"}, "NEW": {"type": "DATE", "index": 2, "name": "NEW"},
      "same": {"type": "VARCHAR", "index": 3, "name": "same"})");
  JoinCatalog(before, &base);
  JoinCatalog(after, &head);
  EXPECT_EQ(Lines(DiffProjects({&base, &before}, {&head, &after})),
            std::vector<std::string>({R"(column_added model.shop.a NEW - "DATE")", R"(column_removed model.shop.a OLD "INT" -)",
                                      R"(column_retyped model.shop.a same "TEXT" "VARCHAR")"}))
      << "the declared type of `id` is what counts";
  EXPECT_EQ(Lines(DiffProjects({&base, &before}, {&head, nullptr})), std::vector<std::string>());
}

Project Sample(const char* path) { return ReadProject((SampleFolder() / path).string()); }

TEST(ProjectDiff, ARealPullRequestGivesExactlyItsChanges) {
  if (SampleFolder().empty()) GTEST_SKIP() << "no samples";
  const Project base = Sample("teamster/pr_base.manifest.json"), head = Sample("teamster/pr_head.manifest.json");
  const ProjectDiff diff = DiffProjects({&base, nullptr}, {&head, nullptr});
  const std::string model = "column_meta_changed model.kipptaf.int_powerschool__gradebook_assignments_scores ";
  EXPECT_EQ(Lines(diff),
            std::vector<std::string>(
                {model + R"(student_number - {"contains_pii":true})", model + R"(teacher_name - {"contains_pii":true})",
                 R"(model_disabled model.kipptaf.int_powerschool__section_grade_config "enabled" "disabled")",
                 "test_downgraded test.kipptaf.dbt_utils_unique_combination_of_columns_rpt_deanslist__missing_assignments_"
                 R"(student_number__assignmentsectionid.c1117f80b3 "error" "warn")"}));
  EXPECT_EQ(diff.warnings, std::vector<std::string>());
}

TEST(ProjectDiff, AnotherSchemaIsNoChange) {
  if (SampleFolder().empty()) GTEST_SKIP() << "no samples";
  const Project base = Sample("recce/base/manifest.json"), head = Sample("recce/pr2/manifest.json");
  const auto before = ReadCatalog((SampleFolder() / "recce/base/catalog.json").string());
  const auto after = ReadCatalog((SampleFolder() / "recce/pr2/catalog.json").string());
  EXPECT_EQ(Lines(DiffProjects({&base, &*before}, {&head, &*after})),
            std::vector<std::string>({R"(model_added model.jaffle_shop.int_customer_orders - "enabled")",
                                      R"(model_added model.jaffle_shop.int_customer_payments - "enabled")"}));
}

TEST(ProjectDiff, OneProjectReadByTwoEnginesIsOneProject) {
  if (SampleFolder().empty()) GTEST_SKIP() << "no samples";
  const Project core = Sample("dbt-bouncer/dbt_112/manifest.json"), fusion = Sample("dbt-bouncer/dbt_20/manifest.json");
  // dbt 2 runs no Python models.
  const ProjectDiff diff = DiffProjects({&core, nullptr}, {&fusion, nullptr});
  EXPECT_EQ(Lines(diff), std::vector<std::string>({R"(model_disabled model.dbt_bouncer_test_project.py_order_stats "enabled" "disabled")"}));
  EXPECT_EQ(diff.warnings,
            std::vector<std::string>({"base is of dbt `1.12.2`, head of `2.0.0-beta.2`: some changes may come from dbt itself; make both "
                                      "with one version to be sure"}));
  EXPECT_EQ(Lines(DiffProjects({&fusion, nullptr}, {&core, nullptr})),
            std::vector<std::string>({R"(model_enabled model.dbt_bouncer_test_project.py_order_stats "disabled" "enabled")"}));
  // What really changed between the two fixtures' projects, and nothing that comes from the engine.
  const Project old = Sample("dbt-bouncer/dbt_110/manifest.json");
  const std::vector<std::string> real = {
      R"(metric_added metric.dbt_bouncer_test_project.total_order_amount - "enabled")",
      R"(semantic_model_removed semantic_model.dbt_bouncer_test_project.customers "enabled" -)",
      R"(semantic_model_added semantic_model.dbt_bouncer_test_project.orders - "enabled")",
      R"(source_changed source.dbt_bouncer_test_project.dummy_source.customers {"schema":"dummy_source"} {"schema":"main"})",
      R"(column_added source.dbt_bouncer_test_project.dummy_source.customers first_name - -)",
      R"(column_added source.dbt_bouncer_test_project.dummy_source.customers last_name - -)"};
  std::vector<std::string> found = Lines(DiffProjects({&old, nullptr}, {&fusion, nullptr}));
  std::erase_if(found, [](const std::string& line) { return line.find("py_order_stats") != std::string::npos; });
  EXPECT_EQ(found, real);
  // The digest of a singular test differs too, though its SQL is the same but for what dbt strips at its ends; between two
  // engines digests are not compared.
  std::vector<std::string> same_engine = real;
  same_engine.push_back(
      R"(test_changed test.dbt_bouncer_test_project.test_assert_something {"definition":"f5d4504d0bfed9d199452e341562bb7a0ef7115c5c89b28df7a263630bee33dd"})"
      R"( {"definition":"a120bbb0795af681c68c86d5d8e706bfb95604fa19f5fe4ec29a25e1b4cc0218"})");
  EXPECT_EQ(Lines(DiffProjects({&old, nullptr}, {&core, nullptr})), same_engine);
}

TEST(ProjectDiff, ASampleDoesNotDifferFromItself) {
  for (const auto& path : Samples("manifest")) {
    const Project project = ReadProject(path.string());
    EXPECT_EQ(Lines(DiffProjects({&project, nullptr}, {&project, nullptr})), std::vector<std::string>()) << path;
  }
}

// One model of many columns, and many tests whose ids all differ: whatever searched for each among all others would take
// minutes.
TEST(ProjectDiff, IsLinear) {
  constexpr std::size_t kMany = 20'000;
  const auto make = [](const std::string& version, const std::string& prefix) {
    Project project;
    project.metadata.dbt_version = version;
    Node& node = project.nodes.emplace_back();
    node.unique_id = "model.shop.a";
    node.resource_type = "model";
    for (std::size_t i = 0; i < kMany; ++i) {
      node.columns.emplace_back().name = (prefix == "X" ? "C" : "c") + std::to_string(i);
      manifest::Test& test = project.tests.emplace_back();
      test.unique_id = "test.shop." + prefix + std::to_string(100'000 + i);
      test.name = "t" + std::to_string(i);
    }
    return project;
  };
  const Project base = make("1.12.0", "x"), head = make("2.0.0", "X");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Lines(DiffProjects({&base, nullptr}, {&head, nullptr})), std::vector<std::string>());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace weir::manifest
