#include "manifest/resource_reader.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "manifest/artifacts.h"
#include "manifest/field_table.h"

namespace weir::manifest {
namespace {

std::optional<std::int64_t> Seconds(JsonNode& json) {
  std::optional<std::int64_t> count;
  std::int64_t unit = 0;
  if (!json.IsMap()) return std::nullopt;
  json.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "count") {
      count = value.Integer();
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

Text Inner(JsonNode& json, std::string_view name) {
  Text text;
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

// How one field is read; the same for the fields of a resource and of its `config`.
using ReadField = void (*)(JsonNode&, Resource*);

template <Text Node::*kMember>
void NodeText(JsonNode& value, Resource* out) {
  out->node.*kMember = value.Text();
}

template <Text Resource::*kMember>
void TextField(JsonNode& value, Resource* out) {
  out->*kMember = value.Text();
}

template <std::optional<bool> Resource::*kMember>
void Flag(JsonNode& value, Resource* out) {
  if (!value.IsNull()) out->*kMember = value.Text() == "true";
}

template <std::optional<Freshness> Resource::*kMember>
void FreshnessRule(JsonNode& value, Resource* out) {
  out->*kMember = ReadFreshness(value);
}

void Tags(JsonNode& value, Resource* out) { AddDistinct(ReadStrings(value), &out->node.tags); }
void Classifiers(JsonNode& value, Resource* out) { AddDistinct(ReadStrings(value), &out->node.classifiers); }

constexpr FieldTable kConfigFields({
    TableField<ReadField>{"meta", [](JsonNode& value, Resource* out) { out->config_meta = value.ToMap(); }},
    {"tags", Tags},
    {"classifiers", Classifiers},
    {"materialized", NodeText<&Node::materialized>},
    {"access", TextField<&Resource::config_access>},
    {"group", TextField<&Resource::config_group>},
    {"contract",
     [](JsonNode& value, Resource* out) { out->config_contract = Inner(value, "enforced") == "true"; }},
    {"freshness", FreshnessRule<&Resource::config_freshness>},
    {"loaded_at_field", TextField<&Resource::config_loaded_at_field>},
    {"loaded_at_query", TextField<&Resource::config_loaded_at_query>},
    {"grants", [](JsonNode& value, Resource* out) { out->node.grants = ReadGrants(value); }},
    {"databricks_tags", [](JsonNode& value, Resource* out) { out->node.databricks_tags = value.ToValue(); }},
    {"enabled", Flag<&Resource::config_enabled>},
    // of tests
    {"severity", TextField<&Resource::severity>},
    {"warn_if", TextField<&Resource::warn_if>},
    {"error_if", TextField<&Resource::error_if>},
    {"fail_calc", TextField<&Resource::fail_calc>},
    {"where", TextField<&Resource::where>},
    {"limit",
     [](JsonNode& value, Resource* out) { out->limit = value.Integer(); }},
    {"store_failures", Flag<&Resource::store_failures>},
    {"store_failures_as", TextField<&Resource::store_failures_as>},
});

void ReadConfig(JsonNode& json, Resource* out) {
  out->node.config = out->context->Share(json.ReadFields(kConfigFields, &out->context->config_order, out));
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

// Of a test, or of what may be one: versions write its type before or behind its code.
bool TellsTestCode(const Resource& resource) {
  return resource.context->options.test_code && (resource.node.resource_type.empty() || resource.node.resource_type == "test");
}

// Thousands of tests depend on the same few macros.
Text ReadMacroIds(JsonNode& json, ReadContext* context) {
  std::string ids;
  for (const Text& id : ReadStrings(json)) ids += id + "\n";
  return ids.empty() ? Text() : context->Share(ids);
}

void ReadDependencies(JsonNode& json, Resource* out) {
  json.EachField([out](std::string_view key, JsonNode& value) {
    if (key == "nodes") out->node.depends_on = ReadStrings(value);
    if (key == "macros" && TellsTestCode(*out)) out->macros = ReadMacroIds(value, out->context);
  });
}

void ReadContract(JsonNode& json, Resource* out) {
  if (!json.IsMap()) return;
  json.EachField([&node = out->node](std::string_view key, JsonNode& value) {
    if (key == "enforced") node.contract_enforced = value.Text() == "true";
    if (key == "alias_types") node.contract_alias_types = value.Text() == "true";
    if (key == "checksum") node.contract_checksum = value.Text();
  });
}

void CompiledCode(JsonNode& value, Resource* out) {
  if (out->node.compiled_code.empty()) out->node.compiled_code = value.Text();
}

void Description(JsonNode& value, Resource* out) {
  if (out->context->descriptions) out->node.description = value.Text();
}

void RawCode(JsonNode& value, Resource* out) {
  // That of a generic test calls its macro, and no more.
  const bool wanted = out->context->options.raw_code || (TellsTestCode(*out) && !out->has_test_metadata);
  if (wanted && out->node.raw_code.empty()) out->node.raw_code = value.Text();
}

constexpr FieldTable kResourceFields({
    // what it is
    TableField<ReadField>{"unique_id", NodeText<&Node::unique_id>},
    {"resource_type", NodeText<&Node::resource_type>},
    {"name", NodeText<&Node::name>},
    {"package_name", NodeText<&Node::package>},
    {"database", NodeText<&Node::database>},
    {"schema", NodeText<&Node::schema>},
    {"alias", NodeText<&Node::alias>},
    {"relation_name", NodeText<&Node::relation_name>},
    {"original_file_path", NodeText<&Node::original_file_path>},
    {"patch_path", NodeText<&Node::patch_path>},
    {"description", Description},
    {"language", NodeText<&Node::language>},
    {"fqn", [](JsonNode& value, Resource* out) { out->node.fqn = ReadStrings(value); }},
    {"version", NodeText<&Node::version>},
    {"latest_version", NodeText<&Node::latest_version>},
    // what is declared of it
    {"config", ReadConfig},
    {"meta", [](JsonNode& value, Resource* out) { out->node.meta = value.ToMap(); }},
    {"tags", Tags},
    {"classifiers", Classifiers},
    {"columns",
     [](JsonNode& value, Resource* out) {
       if (value.IsList()) {  // an empty one is what some write for none
         value.EachItem([](JsonNode& item) { item.Refuse("`columns` must be a map of columns by name, not a list"); });
       } else {
         out->node.columns = out->context->columns.Read(value);
       }
     }},
    {"depends_on", ReadDependencies},
    {"access", NodeText<&Node::access>},
    {"group", NodeText<&Node::group>},
    {"contract", ReadContract},
    {"constraints", [](JsonNode& value, Resource* out) { out->node.constraints = value.ToValue(); }},
    {"primary_key", [](JsonNode& value, Resource* out) { out->node.primary_key = ReadStrings(value); }},
    {"deprecation_date", NodeText<&Node::deprecation_date>},
    {"checksum",
     [](JsonNode& value, Resource* out) {  // a text of unit tests
       out->node.checksum = value.IsString() ? value.Text() : Inner(value, "checksum");
     }},
    {"created_at", [](JsonNode& value, Resource* out) { out->node.created_at = value.Number(); }},
    {"compiled_code", CompiledCode},
    {"compiled_sql", CompiledCode},
    {"raw_code", RawCode},
    {"raw_sql", RawCode},
    // of tests
    {"test_metadata", ReadTestMetadata},
    {"column_name", TextField<&Resource::column_name>},
    {"attached_node", TextField<&Resource::attached_node>},
    {"file_key_name", TextField<&Resource::file_key_name>},
    {"tested_node_unique_id", TextField<&Resource::tested_node>},
    // of sources and exposures
    {"source_name", TextField<&Resource::source_name>},
    {"identifier", TextField<&Resource::identifier>},
    {"unrendered_database", TextField<&Resource::unrendered_database>},
    {"unrendered_schema", TextField<&Resource::unrendered_schema>},
    {"loaded_at_field", TextField<&Resource::loaded_at_field>},
    {"loaded_at_query", TextField<&Resource::loaded_at_query>},
    {"loader", TextField<&Resource::loader>},
    {"freshness", FreshnessRule<&Resource::freshness>},
    {"type", TextField<&Resource::type>},
    {"maturity", TextField<&Resource::maturity>},
    {"label", TextField<&Resource::label>},
    {"url", TextField<&Resource::url>},
    {"owner", [](JsonNode& value, Resource* out) { out->owner = ReadOwner(value); }},
});

using ReadDisabledField = void (*)(JsonNode&, DisabledResource*);

template <Text DisabledResource::*kMember>
void DisabledText(JsonNode& value, DisabledResource* out) {
  out->*kMember = value.Text();
}

constexpr FieldTable kDisabledFields({
    TableField<ReadDisabledField>{"unique_id",
                                  [](JsonNode& value, DisabledResource* out) {
                                    if (out->unique_id.empty()) out->unique_id = value.Text();
                                  }},
    {"resource_type", DisabledText<&DisabledResource::resource_type>},
    {"name", DisabledText<&DisabledResource::name>},
    {"package_name", DisabledText<&DisabledResource::package>},
    {"original_file_path", DisabledText<&DisabledResource::original_file_path>},
});

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

std::vector<Text> ReadStrings(JsonNode& json) {
  std::vector<Text> strings;
  if (!json.IsList()) {
    Text text = json.Text();
    if (!text.empty()) strings.push_back(std::move(text));
    return strings;
  }
  strings.reserve(json.ItemsAtMost());
  json.EachItem([&strings](JsonNode& item) {
    // What is no text says something nevertheless; it must not get lost where it restricts.
    strings.push_back(item.IsMap() || item.IsList() ? Text(item.ToValue().CanonicalJson()) : item.Text());
  });
  return strings;
}

void AddDistinct(std::vector<Text>&& more, std::vector<Text>* strings) {
  static constexpr std::size_t kSearched = 32;
  if (more.size() + strings->size() > kSearched) {
    strings->reserve(more.size() + strings->size());  // INVARIANT: those that are known stay where they are
    std::set<std::string_view> known(strings->begin(), strings->end());
    for (Text& text : more) {
      if (!known.contains(text)) known.insert(strings->emplace_back(std::move(text)));
    }
    return;
  }
  for (Text& text : more) {
    if (std::find(strings->begin(), strings->end(), text) == strings->end())
      strings->push_back(std::move(text));
  }
}

Value MergeMeta(Value&& base, Value&& over) {
  if (over.IsSameAs(base) || over.kind() != Value::Kind::kMap || over.members().empty()) return std::move(base);
  if (base.kind() != Value::Kind::kMap || base.members().empty()) return std::move(over);
  std::vector<Value::Member> members = base.members();
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < members.size(); ++i) known.emplace(base.members()[i].key, i);
  for (const Value::Member& member : over.members()) {
    if (const auto same = known.find(member.key); same != known.end()) {
      members[same->second].value = member.value;
    } else {
      members.push_back(member);
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
      group.meta = value.ToMap();
    } else if (field == "config") {
      value.EachField([&config_meta](std::string_view inner, JsonNode& of_it) {
        if (inner == "meta") config_meta = of_it.ToMap();
      });
    }
  });
  group.unique_id = map_key;
  if (group.name.empty()) group.name = map_key;
  group.meta = MergeMeta(std::move(group.meta), std::move(config_meta));
  return group;
}

DisabledResource ReadDisabledResource(std::string_view unique_id, JsonNode& json, ReadContext* context) {
  DisabledResource disabled;
  disabled.unique_id = unique_id;
  bool first = true;
  const auto read = [&](JsonNode& item) {
    if (std::exchange(first, false) && item.IsMap()) {
      item.ReadFields(kDisabledFields, &context->disabled_order, &disabled);
    }
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

Resource ReadResource(std::string_view key, JsonNode& json, ReadContext* context) {
  Resource resource;
  resource.context = context;
  if (json.IsNull()) json.Refuse("expected a map, not null");
  json.ReadFields(kResourceFields, &context->resource_order, &resource);
  Node& node = resource.node;
  if (node.unique_id.empty()) node.unique_id = key;
  if (node.unique_id != key) {
    json.Refuse("`" + std::string(key) + "` holds the unique_id `" + node.unique_id + "`");
  }
  if (node.resource_type.empty()) node.resource_type = key.substr(0, key.find('.'));
  node.type = ResourceTypeOf(node.resource_type);
  node.meta = MergeMeta(std::move(node.meta), std::move(resource.config_meta));
  if (node.access.empty()) node.access = resource.config_access;
  if (node.group.empty()) node.group = resource.config_group;
  if (resource.config_contract.value_or(false)) node.contract_enforced = true;
  return resource;
}

}  // namespace weir::manifest
