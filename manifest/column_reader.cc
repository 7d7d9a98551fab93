#include "manifest/resource_reader.h"

namespace weir::manifest {
namespace {

struct Extras {
  Value meta;
  std::vector<std::string> tags, classifiers, policy_tags;
  Value mask, databricks_tags;
};

bool ReadExtra(std::string_view key, JsonNode& value, Extras* out) {
  if (key == "meta") {
    out->meta = value.ToValue();
  } else if (key == "tags") {
    out->tags = ReadStrings(value);
  } else if (key == "classifiers") {
    out->classifiers = ReadStrings(value);
  } else if (key == "policy_tags") {
    out->policy_tags = ReadStrings(value);
  } else if (key == "column_mask") {
    out->mask = value.ToValue();
  } else if (key == "databricks_tags") {
    out->databricks_tags = value.ToValue();
  } else {
    return false;
  }
  return true;
}

Column ReadColumn(std::string_view key, JsonNode& json) {
  Column column;
  const std::string map_key(key);
  Extras top, config;
  json.EachField([&](std::string_view field, JsonNode& value) {
    if (ReadExtra(field, value, &top)) return;
    if (field == "name") {
      column.name = value.Text();
    } else if (field == "data_type") {
      column.data_type = value.Text();
    } else if (field == "description") {
      column.description = value.Text();
    } else if (field == "constraints") {
      column.constraints = value.ToValue();
    } else if (field == "quote") {
      if (!value.IsNull()) column.quote = value.Text() == "true";
    } else if (field == "config" && value.IsMap()) {
      value.EachField(
          [&config](std::string_view inner, JsonNode& of_it) { ReadExtra(inner, of_it, &config); });
    }
  });
  if (column.name.empty()) column.name = map_key;
  column.meta = MergeMeta(std::move(top.meta), std::move(config.meta));
  column.mask = config.mask.IsNull() ? std::move(top.mask) : std::move(config.mask);
  column.databricks_tags = MergeMeta(std::move(top.databricks_tags), std::move(config.databricks_tags));
  for (Extras* extras : {&top, &config}) {
    AddDistinct(std::move(extras->tags), &column.tags);
    AddDistinct(std::move(extras->classifiers), &column.classifiers);
    AddDistinct(std::move(extras->policy_tags), &column.policy_tags);
  }
  return column;
}

}  // namespace

std::vector<Column> ReadColumns(JsonNode& json) {
  std::vector<Column> columns;
  json.EachField(
      [&columns](std::string_view key, JsonNode& value) { columns.push_back(ReadColumn(key, value)); });
  return columns;
}

void MarkCopiedMeta(const Value& node_meta, std::vector<Column>* columns) {
  if (node_meta.members().empty()) return;
  std::string node_json;
  for (Column& column : *columns) {
    if (column.meta.members().size() != node_meta.members().size()) continue;
    if (node_json.empty()) node_json = node_meta.CanonicalJson();
    column.meta_copied_from_node = column.meta.CanonicalJson() == node_json;
  }
}

}  // namespace weir::manifest
