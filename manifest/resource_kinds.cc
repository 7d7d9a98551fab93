#include <algorithm>
#include <cctype>

#include "manifest/resource_reader.h"

namespace weir::manifest {
namespace {

// The last quoted word of `{{ get_where_subquery(ref('shop', 'orders')) }}`.
std::string LastQuoted(std::string_view text) {
  std::size_t end = text.find_last_of("'\"");
  if (end == std::string_view::npos || end == 0) return {};
  const std::size_t begin = text.rfind(text[end], end - 1);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin + 1, end - begin - 1));
}

// The dot-separated words of a unique_id behind type and package hold `name`.
bool Names(std::string_view unique_id, std::string_view name) {
  std::size_t at = unique_id.find('.');
  if (at != std::string_view::npos) at = unique_id.find('.', at + 1);
  while (at != std::string_view::npos) {
    const std::size_t end = unique_id.find('.', at + 1);
    if (unique_id.substr(at + 1, end == std::string_view::npos ? end : end - at - 1) == name) return true;
    at = end;
  }
  return false;
}

std::string OnlyOneNamed(const std::vector<Text>& unique_ids, std::string_view name) {
  if (name.empty()) return {};
  const auto named = [name](const Text& id) { return Names(id, name); };
  if (std::count_if(unique_ids.begin(), unique_ids.end(), named) != 1) return {};
  return *std::find_if(unique_ids.begin(), unique_ids.end(), named);
}

// `attached_node` is null for tests of sources, and absent before v9 and for singular tests.
std::string Attached(Resource& resource) {
  if (!resource.attached_node.empty()) return std::move(resource.attached_node);
  const std::vector<Text>& parents = resource.node.depends_on;
  if (parents.size() == 1) return parents.front();
  if (!resource.has_test_metadata) return {};
  // A test of two nodes, such as `relationships`: its arguments tell which it is of.
  if (const Value* model = resource.kwargs.Find("model")) {
    if (std::string id = OnlyOneNamed(parents, LastQuoted(model->text())); !id.empty()) return id;
  }
  const std::size_t dot = resource.file_key_name.find('.');
  if (dot == std::string::npos) return {};
  return OnlyOneNamed(parents, std::string_view(resource.file_key_name).substr(dot + 1));
}

}  // namespace

Test ToTest(Resource&& resource, bool unit) {
  Node& node = resource.node;
  Test test;
  test.unit = unit;
  test.generic = resource.has_test_metadata;
  test.attached_node = Attached(resource);
  if (unit) {
    if (!resource.tested_node.empty()) test.attached_node = resource.tested_node;
    if (test.attached_node.empty() && !node.depends_on.empty()) test.attached_node = node.depends_on.front();
  }
  if (!test.generic || resource.test_name.empty()) {
    test.name = std::move(node.name);
  } else if (resource.test_namespace.empty()) {
    test.name = std::move(resource.test_name);
  } else {
    test.name = resource.test_namespace + "." + resource.test_name;
  }
  test.column_name = std::move(resource.column_name);
  if (const Value* column = resource.kwargs.Find("column_name");
      column != nullptr && test.column_name.empty()) {
    test.column_name = column->AsString().value_or("");
  }
  if (!resource.severity.empty()) {
    std::string severity = resource.severity;
    std::transform(severity.begin(), severity.end(), severity.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    test.severity = severity;
  }
  test.unique_id = std::move(node.unique_id);
  test.depends_on = std::move(node.depends_on);
  test.warn_if = std::move(resource.warn_if);
  test.error_if = std::move(resource.error_if);
  test.where = std::move(resource.where);
  test.fail_calc = std::move(resource.fail_calc);
  test.store_failures_as = std::move(resource.store_failures_as);
  // `store_failures_as` wins; `ephemeral` keeps nothing.
  test.stores_failures = test.store_failures_as.empty() ? resource.store_failures.value_or(false)
                                                        : test.store_failures_as != "ephemeral";
  test.relation_name = std::move(node.relation_name);
  test.description = std::move(node.description);
  test.checksum = std::move(node.checksum);
  test.limit = resource.limit;
  test.kwargs = std::move(resource.kwargs);
  test.package = std::move(node.package);
  test.original_file_path = std::move(node.original_file_path);
  test.patch_path = std::move(node.patch_path);
  test.config = std::move(node.config);
  test.fqn = std::move(node.fqn);
  test.tags = std::move(node.tags);
  test.meta = std::move(node.meta);
  test.compiled_code = std::move(node.compiled_code);
  if (!test.generic && !unit) test.raw_code = std::move(node.raw_code);
  test.macros = std::move(resource.macros);
  test.created_at = node.created_at;
  return test;
}

Source ToSource(Resource&& resource) {
  Node& node = resource.node;
  Source source;
  source.unique_id = std::move(node.unique_id);
  source.source_name = std::move(resource.source_name);
  source.name = std::move(node.name);
  source.package = std::move(node.package);
  source.database = std::move(node.database);
  source.schema = std::move(node.schema);
  source.identifier = std::move(resource.identifier);
  source.unrendered_database = std::move(resource.unrendered_database);
  source.unrendered_schema = std::move(resource.unrendered_schema);
  source.relation_name = std::move(node.relation_name);
  source.original_file_path = std::move(node.original_file_path);
  source.description = std::move(node.description);
  source.loader = std::move(resource.loader);
  source.loaded_at_query = resource.loaded_at_query.empty() ? std::move(resource.config_loaded_at_query)
                                                            : std::move(resource.loaded_at_query);
  source.created_at = node.created_at;
  source.patch_path = std::move(node.patch_path);
  source.config = std::move(node.config);
  source.loaded_at_field = resource.loaded_at_field.empty() ? std::move(resource.config_loaded_at_field)
                                                            : std::move(resource.loaded_at_field);
  source.freshness = resource.freshness ? resource.freshness : resource.config_freshness;
  source.tags = std::move(node.tags);
  source.classifiers = std::move(node.classifiers);
  source.meta = std::move(node.meta);
  source.fqn = std::move(node.fqn);
  source.columns = std::move(node.columns);
  return source;
}

Exposure ToExposure(Resource&& resource) {
  Node& node = resource.node;
  Exposure exposure;
  exposure.unique_id = std::move(node.unique_id);
  exposure.name = std::move(node.name);
  exposure.package = std::move(node.package);
  exposure.type = std::move(resource.type);
  exposure.maturity = std::move(resource.maturity);
  exposure.label = std::move(resource.label);
  exposure.url = std::move(resource.url);
  exposure.owner = std::move(resource.owner);
  exposure.description = std::move(node.description);
  exposure.enabled = resource.config_enabled.value_or(true);
  exposure.original_file_path = std::move(node.original_file_path);
  exposure.fqn = std::move(node.fqn);
  exposure.depends_on = std::move(node.depends_on);
  exposure.tags = std::move(node.tags);
  exposure.meta = std::move(node.meta);
  return exposure;
}

}  // namespace weir::manifest
