#include "manifest/beside_sql.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "manifest/artifact_file.h"
#include "manifest/json_document.h"
#include "manifest/sql_spacing.h"

namespace weir::manifest {
namespace {

bool IsOfDbt(std::string_view materialized) {
  static constexpr auto kOwn = std::to_array<std::string_view>({"", "ephemeral", "function", "incremental", "materialized_view",
                                                                "metric", "seed", "snapshot", "table", "test", "unit", "view"});
  return std::find(kOwn.begin(), kOwn.end(), materialized) != kOwn.end();
}

// A text, or a map with `sql`; one or a list of them.
void AddHooks(JsonNode& json, std::string* out) {
  if (json.IsList()) {
    json.EachItem([out](JsonNode& item) { AddHooks(item, out); });
  } else if (json.IsMap()) {
    json.EachField([out](std::string_view key, JsonNode& value) {
      if (key == "sql") AddHooks(value, out);
    });
  } else if (const std::string sql = WithoutSpacing(json.Text()); !sql.empty()) {
    *out += sql + "\n";
  }
}

}  // namespace

std::map<std::string, std::string> BesideSql(const Node& node) {
  std::map<std::string, std::string> out;
  if (!IsOfDbt(node.materialized)) out["materialized"] = node.materialized;
  if (node.config.empty()) return out;
  const ArtifactFile file = ArtifactFile::FromText("config", node.config);
  JsonDocument document(file, "");
  document.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "pre-hook" || key == "pre_hook") {
      AddHooks(value, &out["pre-hook"]);
    } else if (key == "post-hook" || key == "post_hook") {
      AddHooks(value, &out["post-hook"]);
    } else if (key == "sql_header") {
      out["sql_header"] = WithoutSpacing(value.Text());
    }
  });
  std::erase_if(out, [](const auto& one) { return one.second.empty(); });
  return out;
}

}  // namespace weir::manifest
