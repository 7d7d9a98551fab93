#include "manifest/resource_reader.h"

#include <algorithm>
#include <cctype>
#include <utility>

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
    if (key == "filter") freshness.filter = value.Text();
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

std::vector<Grant> ReadGrants(JsonNode& json) {
  std::vector<Grant> grants;
  if (!json.IsMap()) return grants;
  json.EachField([&grants](std::string_view key, JsonNode& value) {
    grants.push_back({std::string(key), ReadStrings(value)});
  });
  std::sort(grants.begin(), grants.end(),
            [](const Grant& a, const Grant& b) { return a.privilege < b.privilege; });
  return grants;
}

// The fields of `config` that only tests have. False: it is none of them.
bool ReadTestConfig(std::string_view key, JsonNode& value, Resource* out) {
  if (key == "severity") {
    out->severity = value.Text();
  } else if (key == "warn_if") {
    out->warn_if = value.Text();
  } else if (key == "error_if") {
    out->error_if = value.Text();
  } else if (key == "fail_calc") {
    out->fail_calc = value.Text();
  } else if (key == "where") {
    out->where = value.Text();
  } else if (key == "limit") {
    out->limit = Value::Number(value.Text()).AsInteger();
  } else if (key == "store_failures") {
    if (!value.IsNull()) out->store_failures = value.Text() == "true";
  } else if (key == "store_failures_as") {
    out->store_failures_as = value.Text();
  } else {
    return false;
  }
  return true;
}

void ReadConfig(JsonNode& json, Resource* out) {
  if (!json.IsMap()) return;
  out->node.config = json.EachFieldOfText([out](std::string_view key, JsonNode& value) {
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
    } else if (key == "loaded_at_query") {
      out->config_loaded_at_query = value.Text();
    } else if (key == "grants") {
      out->node.grants = ReadGrants(value);
    } else if (key == "databricks_tags") {
      out->node.databricks_tags = value.ToValue();
    } else if (key == "enabled") {
      if (!value.IsNull()) out->config_enabled = value.Text() == "true";
    } else {
      ReadTestConfig(key, value, out);
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
  } else if (key == "description") {
    node->description = value.Text();
  } else if (key == "language") {
    node->language = value.Text();
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

void ReadContract(JsonNode& json, Node* node) {
  if (!json.IsMap()) return;
  json.EachField([node](std::string_view key, JsonNode& value) {
    if (key == "enforced") node->contract_enforced = value.Text() == "true";
    if (key == "alias_types") node->contract_alias_types = value.Text() == "true";
    if (key == "checksum") node->contract_checksum = value.Text();
  });
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
    ReadContract(value, &node);
  } else if (key == "constraints") {
    node.constraints = value.ToValue();
  } else if (key == "primary_key") {
    node.primary_key = ReadStrings(value);
  } else if (key == "deprecation_date") {
    node.deprecation_date = value.Text();
  } else if (key == "checksum") {
    node.checksum = value.IsString() ? value.Text() : Inner(value, "checksum");  // a text of unit tests
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
  } else if (key == "unrendered_database") {
    out->unrendered_database = value.Text();
  } else if (key == "unrendered_schema") {
    out->unrendered_schema = value.Text();
  } else if (key == "loaded_at_field") {
    out->loaded_at_field = value.Text();
  } else if (key == "loaded_at_query") {
    out->loaded_at_query = value.Text();
  } else if (key == "loader") {
    out->loader = value.Text();
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

}  // namespace

ResourceType ResourceTypeOf(std::string_view resource_type) {
  if (resource_type == "model") return ResourceType::kModel;
  if (resource_type == "seed") return ResourceType::kSeed;
  if (resource_type == "snapshot") return ResourceType::kSnapshot;
  if (resource_type == "source") return ResourceType::kSource;
  if (resource_type == "test") return ResourceType::kTest;
  if (resource_type == "unit_test") return ResourceType::kUnitTest;
  if (resource_type == "exposure") return ResourceType::kExposure;
  return ResourceType::kOther;
}

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
  Value config_meta;
  const std::string map_key(key);
  json.EachField([&](std::string_view field, JsonNode& value) {
    if (field == "name") {
      group.name = value.Text();
    } else if (field == "package_name") {
      group.package = value.Text();
    } else if (field == "description") {
      group.description = value.Text();
    } else if (field == "original_file_path") {
      group.original_file_path = value.Text();
    } else if (field == "owner") {
      group.owner = ReadOwner(value);
    } else if (field == "meta") {
      group.meta = value.ToValue();
    } else if (field == "config" && value.IsMap()) {
      value.EachField([&config_meta](std::string_view inner, JsonNode& of_it) {
        if (inner == "meta") config_meta = of_it.ToValue();
      });
    }
  });
  group.unique_id = map_key;
  if (group.name.empty()) group.name = map_key;
  group.meta = MergeMeta(std::move(group.meta), std::move(config_meta));
  return group;
}

DisabledResource ReadDisabledResource(std::string_view unique_id, JsonNode& json) {
  DisabledResource disabled;
  disabled.unique_id = unique_id;
  bool first = true;
  const auto read = [&](JsonNode& item) {
    if (!std::exchange(first, false) || !item.IsMap()) return;
    item.EachField([&disabled](std::string_view field, JsonNode& value) {
      if (field == "unique_id") {
        if (disabled.unique_id.empty()) disabled.unique_id = value.Text();
      } else if (field == "resource_type") {
        disabled.resource_type = value.Text();
      } else if (field == "name") {
        disabled.name = value.Text();
      } else if (field == "package_name") {
        disabled.package = value.Text();
      } else if (field == "original_file_path") {
        disabled.original_file_path = value.Text();
      }
    });
  };
  if (json.IsList()) {
    json.EachItem(read);
  } else {
    read(json);
  }
  if (disabled.resource_type.empty()) {
    disabled.resource_type = disabled.unique_id.substr(0, disabled.unique_id.find('.'));
  }
  disabled.type = ResourceTypeOf(disabled.resource_type);
  return disabled;
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
  node.type = ResourceTypeOf(node.resource_type);
  node.meta = MergeMeta(std::move(node.meta), std::move(resource.config_meta));
  if (node.access.empty()) node.access = resource.config_access;
  if (node.group.empty()) node.group = resource.config_group;
  if (resource.config_contract.value_or(false)) node.contract_enforced = true;
  MarkCopiedMeta(node.meta, &node.columns);
  return resource;
}

}  // namespace weir::manifest
