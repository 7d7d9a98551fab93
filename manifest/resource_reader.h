#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/artifacts.h"
#include "manifest/json_document.h"
#include "manifest/project.h"

namespace weir::manifest {

// Reads the columns of the resources of one document. Manifests hold tens of thousands of columns, most of which end in
// the same fields, all of them empty (`"constraints": [], "quote": null, "config": {"meta": {}, …`): what follows the last
// text is compared with the usual end first, and read when it differs. Not thread-safe; the document outlives it.
class ColumnReader {
 public:
  explicit ColumnReader(bool descriptions) {
    reading_.descriptions = descriptions;
    reading_.config_order = &config_order_;
  }
  ColumnReader(const ColumnReader&) = delete;
  ColumnReader& operator=(const ColumnReader&) = delete;

  std::vector<Column> Read(JsonNode& json);

  // What may stand both on a column and in its `config`.
  struct Extras {
    Value meta, mask, databricks_tags;
    std::vector<std::string> tags, classifiers, policy_tags;

    bool HasNoLabels() const { return tags.empty() && classifiers.empty() && policy_tags.empty(); }
    bool SaysNothing() const;
  };
  // One column while it is read.
  struct Reading {
    Column* column = nullptr;
    Extras top, config;
    Extras* extras = &top;  // where the fields that are being read belong
    std::size_t last_text = 0;  // the token of the last name, type or description
    bool descriptions = false;  // are kept
    FieldOrder<void (*)(JsonNode&, Reading*)>* config_order = nullptr;

    bool SaysNothing() const;  // beyond name, type and description: nothing that a key's second value would replace
  };

 private:
  void ReadColumn(std::string_view key, JsonNode& json, Column* column);
  void LearnRest(JsonNode& json, std::size_t last_text);

  struct {
    JsonNode::Rest rest;
    Value constraints;
    Extras top, config;  // without a tag
    std::size_t hits = 0, misses_in_a_row = 0, learnt = 0;
  } usual_;
  FieldOrder<void (*)(JsonNode&, Reading*)> order_, config_order_;
  Reading reading_;  // empty between columns
  std::vector<Column> columns_;
};

struct Resource;

// What the resources of one document are read with.
struct ReadContext {
  explicit ReadContext(const ReadOptions& asked) : options(asked), descriptions(asked.descriptions), columns(asked.descriptions) {}

  ReadOptions options;
  bool descriptions;  // of the resources that are being read
  ColumnReader columns;
  FieldOrder<void (*)(JsonNode&, Resource*)> resource_order, config_order;
  FieldOrder<void (*)(JsonNode&, DisabledResource*)> disabled_order;
  // By the hash of the text; the last one of each hash.
  static constexpr std::size_t kConfigs = 2048;
  std::vector<SharedText> configs = std::vector<SharedText>(kConfigs);

  SharedText Share(std::string_view config) {
    SharedText& known = configs[std::hash<std::string_view>()(config) % kConfigs];
    if (known == nullptr || *known != config) known = std::make_shared<const std::string>(config);
    return known;
  }
};

// Any resource of a manifest, before it is known which: `resource_type` may stand behind the fields that
// depend on it. One reader serves every manifest version, because no field changed its meaning while it kept
// its name; where a field was renamed (raw_sql, raw_code) both are read.
struct Resource {
  Node node;
  ReadContext* context = nullptr;

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
  SharedText macros;
  std::string column_name, attached_node, file_key_name, tested_node;

  // of sources and exposures
  std::string unrendered_database, unrendered_schema;
  std::string source_name, identifier, loader, loaded_at_field, loaded_at_query;
  std::optional<Freshness> freshness;
  std::string type, maturity, label, url;
  Owner owner;
};

// `key`: of the map that holds it, which must be its unique_id.
Resource ReadResource(std::string_view key, JsonNode& json, ReadContext* context);
Group ReadGroup(std::string_view key, JsonNode& json);
Macro ReadMacro(std::string_view key, JsonNode& json);
// What `disabled` holds of one unique_id: a list of resources, or one.
DisabledResource ReadDisabledResource(std::string_view unique_id, JsonNode& json, ReadContext* context);
ResourceType ResourceTypeOf(std::string_view resource_type);
Owner ReadOwner(JsonNode& json);

// A string, or a list of strings; null: none.
std::vector<std::string> ReadStrings(JsonNode& json);
// `over` on top of `base`, key by key, as dbt merges meta.
Value MergeMeta(Value&& base, Value&& over);
// Appends what is not yet there.
void AddDistinct(std::vector<std::string>&& more, std::vector<std::string>* strings);

Test ToTest(Resource&& resource, bool unit);
Source ToSource(Resource&& resource);
Exposure ToExposure(Resource&& resource);

// The columns are compared with the node's meta, as Column::meta_copied_from_node says.
void MarkCopiedMeta(const Value& node_meta, std::vector<Column>* columns);

}  // namespace weir::manifest
