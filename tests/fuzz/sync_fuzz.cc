#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "manifest/diagnostic.h"
#include "manifest/yaml_document.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// Any bytes, as YAML, as the `weir` block of an exposure and as `syncs:` of weir.yml.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  manifest::Diagnostics diagnostics;
  const std::optional<manifest::Value> value = manifest::ReadYaml(text, "f.yml", &diagnostics);
  if (!value) return 0;
  manifest::Project project;
  project.metadata.project_name = "shop";
  manifest::Node model;
  model.unique_id = "model.shop.dim_customers";
  model.type = manifest::ResourceType::kModel;
  model.resource_type = "model";
  model.name = "dim_customers";
  model.package = "shop";
  for (const char* name : {"customer_id", "email", "City"}) model.columns.emplace_back().name = name;
  project.nodes.push_back(model);
  manifest::Exposure exposure;
  exposure.unique_id = "exposure.shop.crm";
  exposure.name = "crm";
  exposure.package = "shop";
  exposure.depends_on = {model.unique_id};
  exposure.meta = manifest::Value::Map({{"weir", {}, *value}});
  project.exposures.push_back(exposure);
  (void)ReadSyncs(project, &*value, "weir.yml", &diagnostics);
  (void)diagnostics.Render();
  return 0;
}

}  // namespace weir::policies
