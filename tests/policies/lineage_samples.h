#pragma once

#include <memory>
#include <string>

#include "manifest/column_lineage.h"
#include "tests/manifest/duckdb_for_tests.h"
#include "tests/policies/policy_samples.h"

namespace weir::policies {

// Source `people` (ssn, name, email, id) → `stg` → `dim` (id, s, country), with their compiled SQL.
inline manifest::Project Chain(const std::string& stg, const std::string& dim) {
  manifest::Project project;
  project.metadata.adapter_type = "duckdb";
  project.metadata.project_name = "shop";
  manifest::Source source;
  source.unique_id = "source.shop.raw.people";
  source.source_name = "raw";
  source.name = "people";
  source.relation_name = "\"shop\".\"raw\".\"people\"";
  source.columns = {Col("ssn", "{contains: ssn}"), Col("name"), Col("email"), Col("id")};
  project.sources = {source};
  project.nodes = {Model("dim", {Col("id"), Col("s"), Col("country")}, {"model.shop.stg"}),
                   Model("stg", {Col("id"), Col("country")}, {"source.shop.raw.people"})};
  project.nodes[0].compiled_code = dim;
  project.nodes[1].compiled_code = stg;
  return project;
}

// False without DuckDB.
inline bool Trace(manifest::Project* project, const manifest::InfoSchema* info_schema = nullptr) {
  manifest::LockedDuckdb::Options options;
  options.library = manifest::DuckdbForTests();
  options.program = std::string(WEIR_BINARY_DIR) + "/weir-duckdb";
  if (options.library.empty()) return false;
  project->lineage = std::make_shared<manifest::ProjectLineage>(manifest::ProjectLineage::Trace(*project, options, info_schema));
  return true;
}

}  // namespace weir::policies
