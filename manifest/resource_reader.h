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
    std::vector<Text> tags, classifiers, policy_tags;

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
    std::string text;
    JsonNode::Rest rest;  // of that text
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
  std::vector<Text> configs = std::vector<Text>(kConfigs);
  TextBlocks blocks;

  // A manifest's thousands of configurations are some hundred.
  const Text& Share(std::string_view config) {
    Text& known = configs[std::hash<std::string_view>()(config) % kConfigs];
    if (known != config) known = blocks.Add(config);
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
  Text fail_calc, store_failures_as;
  Text config_access, config_group;
  std::optional<Freshness> config_freshness;
  Text config_loaded_at_field, config_loaded_at_query;
  Text severity, warn_if, error_if, where;
  std::optional<std::int64_t> limit;

  // of tests
  bool has_test_metadata = false;
  Text test_name, test_namespace;
  Value kwargs;
  Text macros;
  Text column_name, attached_node, file_key_name, tested_node;

  // of sources and exposures
  Text unrendered_database, unrendered_schema;
  Text source_name, identifier, loader, loaded_at_field, loaded_at_query;
  std::optional<Freshness> freshness;
  Text type, maturity, label, url;
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
std::vector<Text> ReadStrings(JsonNode& json);
// `over` on top of `base`, key by key, as dbt merges meta.
Value MergeMeta(Value&& base, Value&& over);
// Appends what is not yet there.
void AddDistinct(std::vector<Text>&& more, std::vector<Text>* strings);

Test ToTest(Resource&& resource, bool unit);
Source ToSource(Resource&& resource);
Exposure ToExposure(Resource&& resource);

// The columns are compared with the node's meta, as Column::meta_copied_from_node says.
void MarkCopiedMeta(const Value& node_meta, std::vector<Column>* columns);

}  // namespace weir::manifest
