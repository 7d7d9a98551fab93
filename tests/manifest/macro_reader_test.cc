#include <gtest/gtest.h>

#include <string>

#include "manifest/artifacts.h"
#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

TEST(ReadMacros, WhatTestsRunIsReadOnDemand) {
  const ArtifactFile file = AsFile(ManifestWith(
      R"("model.shop.a": {"resource_type": "model", "raw_code": "select 1", "depends_on": {"macros": ["macro.shop.m"], "nodes": []}},
             "test.shop.g": {"resource_type": "test", "test_metadata": {"name": "unique", "kwargs": {}}, "raw_code": "{{ test_unique() }}",
             "depends_on": {"macros": ["macro.dbt.test_unique", "macro.shop.m"], "nodes": []}},
             "test.shop.h": {"raw_sql": "select 2", "resource_type": "test", "depends_on": {"macros": ["macro.dbt.test_unique", "macro.shop.m"]}},
             "test.shop.i": {"resource_type": "test", "depends_on": {"macros": null, "nodes": []}})",
      R"(, "macros": {"macro.shop.m": {"name": "m", "package_name": "shop", "macro_sql": "{% macro m() %}\n  1 {% endmacro %}",
                     "depends_on": {"macros": ["macro.shop.n"]}},
                     "macro.shop.a": {"macro_sql": "{% macro m() %} 1  {% endmacro %}", "depends_on": null}})"));
  const Project with = ReadProjectFrom(file, {.digest = false, .test_code = true});
  ASSERT_EQ(with.tests.size(), 3u);
  ASSERT_FALSE(with.tests[0].macros.empty());
  EXPECT_EQ(with.tests[0].macros, "macro.dbt.test_unique\nmacro.shop.m\n");
  EXPECT_EQ(with.tests[0].macros, with.tests[1].macros);  // one text
  EXPECT_EQ(with.tests[2].macros, "");
  EXPECT_EQ(with.tests[0].raw_code + "|" + with.tests[1].raw_code, "|select 2");
  EXPECT_EQ(with.nodes.at(0).raw_code, "");
  ASSERT_EQ(with.macros.size(), 2u);
  const Macro* const macro = with.FindMacro("macro.shop.m");
  ASSERT_NE(macro, nullptr);
  EXPECT_EQ(macro->name + " " + macro->package + " " + macro->depends_on.at(0), "m shop macro.shop.n");
  EXPECT_EQ(macro->digest, with.macros[0].digest);  // but for its spacing the same
  const Project without = ReadProjectFrom(file);
  EXPECT_TRUE(without.macros.empty());
  EXPECT_EQ(without.tests.at(0).macros, "");
  EXPECT_EQ(without.tests.at(1).raw_code, "");
}

}  // namespace
}  // namespace weir::manifest
