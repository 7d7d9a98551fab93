#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/json_document.h"
#include "manifest/project.h"

namespace weir::manifest {

// Any resource of a manifest, before it is known which: `resource_type` may stand behind the fields that
// depend on it. One reader serves every manifest version, because no field changed its meaning while it kept
// its name; where a field was renamed (raw_sql, raw_code) both are read.
struct Resource {
  Node node;

  // of `config`
  Value config_meta;
  std::optional<bool> config_contract, config_enabled, store_failures;
  std::string fail_calc, store_failures_as;
  std::string config_access, config_group;
  std::optional<Freshness> config_freshness;
  std::string config_loaded_at_field, config_loaded_at_query;
  std::string severity, warn_if, error_if, where;
  std::optional<std::int64_t> limit;

  // of tests
  bool has_test_metadata = false;
  std::string test_name, test_namespace;
  Value kwargs;
  std::string column_name, attached_node, file_key_name, tested_node;

  // of sources and exposures
  std::string unrendered_database, unrendered_schema;
  std::string source_name, identifier, loader, loaded_at_field, loaded_at_query;
  std::optional<Freshness> freshness;
  std::string type, maturity, label, url;
  Owner owner;
};

// `key`: of the map that holds it, which must be its unique_id.
Resource ReadResource(std::string_view key, JsonNode& json);
Group ReadGroup(std::string_view key, JsonNode& json);
// What `disabled` holds of one unique_id: a list of resources, or one.
DisabledResource ReadDisabledResource(std::string_view unique_id, JsonNode& json);
ResourceType ResourceTypeOf(std::string_view resource_type);
Owner ReadOwner(JsonNode& json);

// A string, or a list of strings; null: none.
std::vector<std::string> ReadStrings(JsonNode& json);
// `over` on top of `base`, key by key, as dbt merges meta.
Value MergeMeta(Value base, Value over);
// Appends what is not yet there.
void AddDistinct(std::vector<std::string> more, std::vector<std::string>* strings);

std::vector<Column> ReadColumns(JsonNode& json);

Test ToTest(Resource resource, bool unit);
Source ToSource(Resource resource);
Exposure ToExposure(Resource resource);

// The columns are compared with the node's meta, as Column::meta_copied_from_node says.
void MarkCopiedMeta(const Value& node_meta, std::vector<Column>* columns);

}  // namespace weir::manifest
