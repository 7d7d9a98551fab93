#include "manifest/selector.h"

#include <gtest/gtest.h>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

// raw.x -> stg_a -> dim_a (public, tier 1) -> exposure crm; dim_a -> fct_b.v1, fct_b.v2 -> exposure board
Project Shop() {
  const std::string nodes = R"(
    "model.shop.stg_a": {"resource_type": "model", "name": "stg_a", "package_name": "shop", "fqn": ["shop", "staging", "stg_a"],
      "original_file_path": "models/staging/stg_a.sql", "config": {"materialized": "view"}, "depends_on": {"nodes": ["source.shop.raw.x"]}},
    "model.shop.dim_a": {"resource_type": "model", "name": "dim_a", "package_name": "shop", "fqn": ["shop", "marts", "core", "dim_a"],
      "original_file_path": "models/marts/core/dim_a.sql", "config": {"materialized": "table", "meta": {"tier": 1, "owner": {"team": "growth"},
      "publish.include": true, "uses": ["crm", "ads"]}}, "access": "public", "group": "core", "tags": ["nightly", "PII"], "depends_on": {"nodes": ["model.shop.stg_a"]}},
    "model.shop.fct_b.v1": {"resource_type": "model", "name": "fct_b", "package_name": "shop", "version": 1, "latest_version": 2,
      "fqn": ["shop", "marts", "fct_b", "v1"], "original_file_path": "models/marts/fct_b_v1.sql", "depends_on": {"nodes": ["model.shop.dim_a"]}},
    "model.shop.fct_b.v2": {"resource_type": "model", "name": "fct_b", "package_name": "shop", "version": 2, "latest_version": 2,
      "fqn": ["shop", "marts", "fct_b", "v2"], "original_file_path": "models/marts/fct_b_v2.sql", "depends_on": {"nodes": ["model.shop.dim_a"]}},
    "seed.pkg.codes": {"resource_type": "seed", "name": "codes", "package_name": "pkg", "fqn": ["pkg", "codes"], "original_file_path": "seeds/codes.csv"},
    "test.shop.unique_dim_a": {"resource_type": "test", "name": "unique_dim_a_id", "package_name": "shop", "fqn": ["shop", "marts", "unique_dim_a_id"],
      "original_file_path": "models/marts/core/schema.yml", "config": {"severity": "WARN"}, "test_metadata": {"name": "unique", "namespace": "dbt_utils", "kwargs": {}},
      "depends_on": {"nodes": ["model.shop.dim_a"]}})";
  const std::string sources =
      R"("source.shop.raw.x": {"resource_type": "source", "name": "x", "source_name": "raw", "package_name": "shop",
      "fqn": ["shop", "staging", "raw", "x"], "original_file_path": "models/staging/sources.yml", "tags": ["nightly"]})";
  const std::string exposures = R"(
    "exposure.shop.crm": {"resource_type": "exposure", "name": "crm", "package_name": "shop", "fqn": ["shop", "crm"], "original_file_path": "models/exposures.yml",
      "meta": {"tier": 1}, "depends_on": {"nodes": ["model.shop.dim_a"]}},
    "exposure.shop.board": {"resource_type": "exposure", "name": "board", "package_name": "shop", "fqn": ["shop", "board"], "original_file_path": "models/exposures.yml",
      "meta": {"tier": 2}, "depends_on": {"nodes": ["model.shop.fct_b.v2"]}})";
  return ReadProjectFrom(AsFile(ManifestWith(nodes, "", sources, exposures)));
}

std::string Selected(const Project& project, const std::string& text) {
  std::string error;
  const std::optional<Selector> selector = Selector::Parse(text, &error);
  if (!selector) return "error: " + error;
  std::string out;
  for (const std::string& id : selector->Select(project)) {
    EXPECT_TRUE(selector->Matches(project, id));
    out += (out.empty() ? "" : " ") + id;
  }
  return out;
}

struct Row {
  std::string text, expected;
};

TEST(Selector, SelectsAsDbtDoes) {
  const std::vector<Row> table = {
      {"dim_a", "model.shop.dim_a"},
      {"shop.marts.core.dim_a", "model.shop.dim_a"},
      {"marts.core", "model.shop.dim_a"},
      {"marts", "model.shop.dim_a model.shop.fct_b.v1 model.shop.fct_b.v2 test.shop.unique_dim_a"},
      {"fct_b", "model.shop.fct_b.v1 model.shop.fct_b.v2"},
      {"fct_b.v2", "model.shop.fct_b.v2"},
      {"fct_b_v2", "model.shop.fct_b.v2"},
      {"fqn:*dim_a", "model.shop.dim_a"},
      {"stg_?", "model.shop.stg_a"},
      {"stg_[a-c]", "model.shop.stg_a"},
      {"stg_[!a]", ""},
      {"dim", ""},
      {"Dim_a", ""},
      {"path:models/marts",
       "model.shop.dim_a model.shop.fct_b.v1 model.shop.fct_b.v2 test.shop.unique_dim_a"},
      {"models/marts/*.sql", "model.shop.fct_b.v1 model.shop.fct_b.v2"},
      {"models/**/dim_*.sql", "model.shop.dim_a"},
      {"./models/staging/", "model.shop.stg_a source.shop.raw.x"},
      {"file:dim_a", "model.shop.dim_a"},
      {"codes.csv", "seed.pkg.codes"},
      {"tag:nightly", "model.shop.dim_a source.shop.raw.x"},
      {"tag:pii", ""},
      {"tag:P*", "model.shop.dim_a"},
      {"package:pkg", "seed.pkg.codes"},
      {"package:this,resource_type:exposure", "exposure.shop.board exposure.shop.crm"},
      {"resource_type:seed", "seed.pkg.codes"},
      {"source:raw", "source.shop.raw.x"},
      {"source:raw.x", "source.shop.raw.x"},
      {"source:shop.raw.*", "source.shop.raw.x"},
      {"source:other", ""},
      {"exposure:*", "exposure.shop.board exposure.shop.crm"},
      {"exposure:crm*", "exposure.shop.crm"},
      {"exposure:shop.board", "exposure.shop.board"},
      {"exposure:*,config.meta.tier:1", "exposure.shop.crm"},
      {"config.meta.tier:1", "exposure.shop.crm model.shop.dim_a"},
      {"config.meta.owner.team:growth", "model.shop.dim_a"},
      {"config.meta.publish.include:true", "model.shop.dim_a"},
      {"config.meta.uses:ads", "model.shop.dim_a"},
      {"config.meta.owner:team", ""},
      {"config.meta.uses:a*", ""},
      {"config.materialized:view", "model.shop.stg_a"},
      {"config.severity:warn", "test.shop.unique_dim_a"},
      {"access:public", "model.shop.dim_a"},
      {"group:core", "model.shop.dim_a"},
      {"test_name:unique", "test.shop.unique_dim_a"},
      {"test_type:generic", "test.shop.unique_dim_a"},
      {"+crm", "exposure.shop.crm model.shop.dim_a model.shop.stg_a source.shop.raw.x"},
      {"fct_*", "model.shop.fct_b.v1 model.shop.fct_b.v2"},
      {"anywhere.fct_b.v2", "model.shop.fct_b.v2"},
      {"group:c*", "model.shop.dim_a"},
      {"+exposure:crm", "exposure.shop.crm model.shop.dim_a model.shop.stg_a source.shop.raw.x"},
      {"1+exposure:crm", "exposure.shop.crm model.shop.dim_a"},
      {"dim_a+1,resource_type:exposure", "exposure.shop.crm"},
      {"dim_a+,resource_type:exposure", "exposure.shop.board exposure.shop.crm"},
      {"source:raw+,exposure:*", "exposure.shop.board exposure.shop.crm"},
      {"@stg_a,resource_type:source", "source.shop.raw.x"},
      {"stg_a codes  dim_a", "model.shop.dim_a model.shop.stg_a seed.pkg.codes"},
  };
  const Project project = Shop();
  for (const Row& row : table) EXPECT_EQ(Selected(project, row.text), row.expected) << row.text;
}

TEST(Selector, RefusesWhatItDoesNotKnow) {
  const std::string known =
      "; there are fqn, tag, resource_type, package, path, file, source, exposure, access, group, version, "
      "test_name, test_type, unit_test, metric, semantic_model, saved_query, config.<path>";
  const std::vector<Row> table = {
      {"", "error: the selector is empty"},
      {"  ", "error: the selector is empty"},
      {"owner:growth", "error: unknown method `owner:`" + known},
      {"state:modified",
       "error: `state:` needs the artifacts of another run, which a selector does not have; `weir inspect --base DIR "
       "--head DIR` compares two"},
      {"selector:nightly", "error: `selector:` needs selectors.yml, which weir does not read; write the selection out"},
      {"exposures:crm", "error: unknown method `exposures:`; did you mean `exposure`?"},
      {"config:x",
       "error: `config:` says no key; write `config.materialized:table` or `config.meta.owner:growth`"},
      {"config.meta:x", "error: `config.meta:` is a whole map; write which key of it: `config.meta.owner:growth`"},
      {"config.meta..a:x",
       "error: `config.meta..a:` says no key; write `config.materialized:table` or `config.meta.owner:growth`"},
      {"config.materialised:table", "error: unknown config key `materialised`; did you mean `materialized`?"},
      {"version:newest", "error: `version:` has no `newest`; there are latest, prerelease, old, none"},
      {"test_type:uint", "error: `test_type:` has no `uint`; did you mean `unit`?"},
      {"metric:a.b.c", "error: `metric:a.b.c` has too many parts; a metric is `package.name`"},
      {"unit_test:a.b.c", "error: `unit_test:a.b.c` has too many parts; a unit_test is `package.name`"},
      {"exposure:", "error: `exposure:` selects nothing: a name is missing"},
      {"a,,b", "error: `` selects nothing: a name is missing"},
      {"exposure:a.b.c", "error: `exposure:a.b.c` has too many parts; an exposure is `package.name`"},
      {"source:a.b.c.d", "error: `source:a.b.c.d` has too many parts; a source is `package.source.table`"},
      {"resource_type:modle", "error: unknown resource type `modle`; did you mean `model`?"},
      {"@a+", "error: `@a+` has both `@` and a `+` behind; `@` walks down already"},
  };
  const Project project = Shop();
  for (const Row& row : table) EXPECT_EQ(Selected(project, row.text), row.expected) << row.text;
}

TEST(Glob, IsPythonsFnmatch) {
  struct Case {
    std::string text, pattern;
    bool matches;
  };
  const std::vector<Case> table = {{"abc", "a*c", true},
                                   {"abc", "a*d", false},
                                   {"a.b/c", "*", true},
                                   {"", "*", true},
                                   {"", "?", false},
                                   {"[x]", "[[]x]", true},
                                   {"[", "[", true},
                                   {"a]", "a[]]", true},
                                   {"b", "[!a]", true},
                                   {"a", "[!a]", false},
                                   {"a-b", "a[-]b", true},
                                   {"aXbXc", "a*b*c", true},
                                   {"aaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*a*c", false}};
  for (const Case& row : table)
    EXPECT_EQ(MatchesGlob(row.text, row.pattern), row.matches) << row.text << " " << row.pattern;
}

}  // namespace
}  // namespace weir::manifest
