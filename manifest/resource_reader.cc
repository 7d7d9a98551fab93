#include "manifest/resource_reader.h"

#include <algorithm>
#include <cctype>

#include "manifest/artifacts.h"

namespace weir::manifest {
namespace {

std::optional<std::int64_t> Seconds(JsonNode& json) {
  std::optional<std::int64_t> count;
  std::int64_t unit = 0;
  if (!json.IsMap()) return std::nullopt;
  json.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "count") {
      count = Value::Number(value.Text()).AsInteger();
    } else if (key == "period") {
      const std::string period = value.Text();
      unit = period == "minute" ? 60 : period == "hour" ? 3600 : period == "day" ? 86400 : 0;
    }
  });
  static constexpr std::int64_t kMost = 1'000'000'000;
  if (!count || unit == 0 || *count < 0 || *count > kMost) return std::nullopt;
  return *count * unit;
}

std::optional<Freshness> ReadFreshness(JsonNode& json) {
  if (!json.IsMap()) return std::nullopt;
  Freshness freshness;
  json.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "warn_after") freshness.warn_after_seconds = Seconds(value);
    if (key == "error_after") freshness.error_after_seconds = Seconds(value);
  });
  // dbt checks nothing when neither is set, whatever else the block holds.
  if (!freshness.warn_after_seconds && !freshness.error_after_seconds) return std::nullopt;
  return freshness;
}

std::string Inner(JsonNode& json, std::string_view name) {
  std::string text;
  if (!json.IsMap()) return text;
  json.EachField([&](std::string_view key, JsonNode& value) {
    if (key == name) text = value.Text();
  });
  return text;
}

void ReadConfig(JsonNode& json, Resource* out) {
  if (!json.IsMap()) return;
  json.EachField([out](std::string_view key, JsonNode& value) {
    if (key == "meta") {
      out->config_meta = value.ToValue();
    } else if (key == "tags") {
      AddDistinct(ReadStrings(value), &out->node.tags);
    } else if (key == "classifiers") {
      AddDistinct(ReadStrings(value), &out->node.classifiers);
    } else if (key == "materialized") {
      out->node.materialized = value.Text();
    } else if (key == "access") {
      out->config_access = value.Text();
    } else if (key == "group") {
      out->config_group = value.Text();
    } else if (key == "contract") {
      out->config_contract = Inner(value, "enforced") == "true";
    } else if (key == "freshness") {
      out->config_freshness = ReadFreshness(value);
    } else if (key == "loaded_at_field") {
      out->config_loaded_at_field = value.Text();
    } else if (key == "severity") {
      out->severity = value.Text();
    } else if (key == "warn_if") {
      out->warn_if = value.Text();
    } else if (key == "error_if") {
      out->error_if = value.Text();
    } else if (key == "where") {
      out->where = value.Text();
    } else if (key == "limit") {
      out->limit = Value::Number(value.Text()).AsInteger();
    }
  });
}

void ReadTestMetadata(JsonNode& json, Resource* out) {
  if (!json.IsMap()) return;
  out->has_test_metadata = true;
  json.EachField([out](std::string_view key, JsonNode& value) {
    if (key == "name") {
      out->test_name = value.Text();
    } else if (key == "namespace") {
      out->test_namespace = value.Text();
    } else if (key == "kwargs") {
      out->kwargs = value.ToValue();
    }
  });
}

std::vector<std::string> ReadDependencies(JsonNode& json) {
  std::vector<std::string> nodes;
  if (!json.IsMap()) return nodes;
  json.EachField([&nodes](std::string_view key, JsonNode& value) {
    if (key == "nodes") nodes = ReadStrings(value);
  });
  return nodes;
}

// The fields that say what a resource is. False: it is none of them.
bool ReadIdentity(std::string_view key, JsonNode& value, Node* node) {
  if (key == "unique_id") {
    node->unique_id = value.Text();
  } else if (key == "resource_type") {
    node->resource_type = value.Text();
  } else if (key == "name") {
    node->name = value.Text();
  } else if (key == "package_name") {
    node->package = value.Text();
  } else if (key == "database") {
    node->database = value.Text();
  } else if (key == "schema") {
    node->schema = value.Text();
  } else if (key == "alias") {
    node->alias = value.Text();
  } else if (key == "relation_name") {
    node->relation_name = value.Text();
  } else if (key == "original_file_path") {
    node->original_file_path = value.Text();
  } else if (key == "patch_path") {
    node->patch_path = value.Text();
  } else if (key == "fqn") {
    node->fqn = ReadStrings(value);
  } else if (key == "version") {
    node->version = value.Text();
  } else if (key == "latest_version") {
    node->latest_version = value.Text();
  } else {
    return false;
  }
  return true;
}

bool ReadDeclaration(std::string_view key, JsonNode& value, Resource* out) {
  Node& node = out->node;
  if (key == "config") {
    ReadConfig(value, out);
  } else if (key == "meta") {
    node.meta = value.ToValue();
  } else if (key == "tags") {
    AddDistinct(ReadStrings(value), &node.tags);
  } else if (key == "classifiers") {
    AddDistinct(ReadStrings(value), &node.classifiers);
  } else if (key == "columns") {
    if (value.IsMap()) node.columns = ReadColumns(value);
  } else if (key == "depends_on") {
    node.depends_on = ReadDependencies(value);
  } else if (key == "access") {
    node.access = value.Text();
  } else if (key == "group") {
    node.group = value.Text();
  } else if (key == "contract") {
    node.contract_enforced = Inner(value, "enforced") == "true";
  } else if (key == "deprecation_date") {
    node.deprecation_date = value.Text();
  } else if (key == "checksum") {
    node.checksum = Inner(value, "checksum");
  } else if (key == "created_at") {
    node.created_at = value.Number();
  } else if (key == "compiled_code" || key == "compiled_sql") {
    if (node.compiled_code.empty()) node.compiled_code = value.Text();
  } else if (key == "raw_code" || key == "raw_sql") {
    if (node.raw_code.empty()) node.raw_code = value.Text();
  } else {
    return false;
  }
  return true;
}

void ReadOfItsKind(std::string_view key, JsonNode& value, Resource* out) {
  if (key == "test_metadata") {
    ReadTestMetadata(value, out);
  } else if (key == "column_name") {
    out->column_name = value.Text();
  } else if (key == "attached_node") {
    out->attached_node = value.Text();
  } else if (key == "file_key_name") {
    out->file_key_name = value.Text();
  } else if (key == "tested_node_unique_id") {
    out->tested_node = value.Text();
  } else if (key == "source_name") {
    out->source_name = value.Text();
  } else if (key == "identifier") {
    out->identifier = value.Text();
  } else if (key == "loaded_at_field") {
    out->loaded_at_field = value.Text();
  } else if (key == "freshness") {
    out->freshness = ReadFreshness(value);
  } else if (key == "type") {
    out->type = value.Text();
  } else if (key == "maturity") {
    out->maturity = value.Text();
  } else if (key == "label") {
    out->label = value.Text();
  } else if (key == "url") {
    out->url = value.Text();
  } else if (key == "owner") {
    out->owner = ReadOwner(value);
  }
}

ResourceType TypeOf(std::string_view resource_type) {
  if (resource_type == "model") return ResourceType::kModel;
  if (resource_type == "seed") return ResourceType::kSeed;
  if (resource_type == "snapshot") return ResourceType::kSnapshot;
  if (resource_type == "source") return ResourceType::kSource;
  if (resource_type == "test") return ResourceType::kTest;
  if (resource_type == "unit_test") return ResourceType::kUnitTest;
  if (resource_type == "exposure") return ResourceType::kExposure;
  return ResourceType::kOther;
}

}  // namespace

std::vector<std::string> ReadStrings(JsonNode& json) {
  std::vector<std::string> strings;
  if (!json.IsList()) {
    std::string text = json.Text();
    if (!text.empty()) strings.push_back(std::move(text));
    return strings;
  }
  json.EachItem([&strings](JsonNode& item) {
    // What is no text says something nevertheless; it must not get lost where it restricts.
    strings.push_back(item.IsMap() || item.IsList() ? item.ToValue().CanonicalJson() : item.Text());
  });
  return strings;
}

void AddDistinct(std::vector<std::string> more, std::vector<std::string>* strings) {
  for (std::string& text : more) {
    if (std::find(strings->begin(), strings->end(), text) == strings->end())
      strings->push_back(std::move(text));
  }
}

Value MergeMeta(Value base, Value over) {
  if (over.kind() != Value::Kind::kMap || over.members().empty()) return base;
  if (base.kind() != Value::Kind::kMap || base.members().empty()) return over;
  std::vector<Value::Member> members = base.members();
  for (const Value::Member& member : over.members()) {
    const auto same = std::find_if(members.begin(), members.end(),
                                   [&member](const Value::Member& other) { return other.key == member.key; });
    if (same == members.end()) {
      members.push_back(member);
    } else {
      same->value = member.value;
    }
  }
  return Value::Map(std::move(members));
}

Owner ReadOwner(JsonNode& json) {
  Owner owner;
  if (!json.IsMap()) return owner;
  json.EachField([&owner](std::string_view key, JsonNode& value) {
    if (key == "name") owner.name = value.Text();
    if (key == "email") owner.emails = ReadStrings(value);
  });
  return owner;
}

Group ReadGroup(std::string_view key, JsonNode& json) {
  Group group;
  json.EachField([&group](std::string_view field, JsonNode& value) {
    if (field == "name") group.name = value.Text();
    if (field == "owner") group.owner = ReadOwner(value);
  });
  if (group.name.empty()) group.name = key;
  return group;
}

Resource ReadResource(std::string_view key, JsonNode& json) {
  Resource resource;
  const std::string map_key(key);
  json.EachField([&resource](std::string_view field, JsonNode& value) {
    if (ReadIdentity(field, value, &resource.node)) return;
    if (ReadDeclaration(field, value, &resource)) return;
    ReadOfItsKind(field, value, &resource);
  });
  Node& node = resource.node;
  if (node.unique_id.empty()) node.unique_id = map_key;
  if (node.unique_id != map_key) {
    json.Refuse("`" + map_key + "` holds the unique_id `" + node.unique_id + "`");
  }
  if (node.resource_type.empty()) node.resource_type = map_key.substr(0, map_key.find('.'));
  node.type = TypeOf(node.resource_type);
  node.meta = MergeMeta(std::move(node.meta), std::move(resource.config_meta));
  if (node.access.empty()) node.access = resource.config_access;
  if (node.group.empty()) node.group = resource.config_group;
  if (resource.config_contract.value_or(false)) node.contract_enforced = true;
  MarkCopiedMeta(node.meta, &node.columns);
  return resource;
}

}  // namespace weir::manifest
