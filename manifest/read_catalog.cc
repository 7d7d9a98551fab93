#include <algorithm>
#include <utility>

#include "manifest/artifact_file.h"
#include "manifest/artifact_schema.h"
#include "manifest/artifacts.h"
#include "manifest/json_document.h"

namespace weir::manifest {
namespace {

constexpr AcceptedSchema kSchema = {"catalog", " v1 ", "v1"};

std::vector<CatalogColumn> ReadColumns(JsonNode& json) {
  std::vector<std::pair<double, CatalogColumn>> indexed;
  json.EachField([&indexed](std::string_view key, JsonNode& value) {
    std::pair<double, CatalogColumn> column;
    column.second.name = key;
    value.EachField([&column](std::string_view field, JsonNode& of_it) {
      if (field == "type") {
        column.second.type = of_it.Text();
      } else if (field == "index") {
        // BigQuery and some adapters write a fraction or a string.
        column.first = Value::Number(of_it.Text()).AsNumber().value_or(0);
      } else if (field == "name") {
        if (std::string name = of_it.Text(); !name.empty()) column.second.name = std::move(name);
      }
    });
    indexed.push_back(std::move(column));
  });
  std::stable_sort(indexed.begin(), indexed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<CatalogColumn> columns;
  columns.reserve(indexed.size());
  for (auto& [index, column] : indexed) columns.push_back(std::move(column));
  return columns;
}

CatalogTable ReadTable(std::string_view key, JsonNode& json) {
  CatalogTable table;
  table.unique_id = key;
  json.EachField([&table](std::string_view field, JsonNode& value) {
    if (field == "columns") {
      table.columns = ReadColumns(value);
    } else if (field == "metadata") {
      value.EachField([&table](std::string_view inner, JsonNode& of_it) {
        if (inner == "type") {
          table.type = of_it.Text();
        } else if (inner == "database") {
          table.database = of_it.Text();
        } else if (inner == "schema") {
          table.schema = of_it.Text();
        } else if (inner == "name") {
          table.name = of_it.Text();
        }
      });
    }
  });
  return table;
}

}  // namespace

Catalog ReadCatalogFrom(const ArtifactFile& file) {
  Catalog catalog;
  catalog.path = file.path();
  bool known = false;
  const auto add = [&catalog](std::string_view key, JsonNode& json) {
    catalog.tables.push_back(ReadTable(key, json));
  };
  JsonDocument document(file, "run `dbt docs generate` again", /*digests=*/true);
  document.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "metadata") {
      value.EachField([&](std::string_view field, JsonNode& of_it) {
        if (field == "dbt_schema_version") {
          known = !of_it.IsNull() && !RequireSchema(of_it, kSchema).empty();
        } else if (field == "generated_at") {
          catalog.generated_at = of_it.Text();
        } else if (field == "invocation_id") {
          catalog.invocation_id = of_it.Text();
        } else if (field == "dbt_version") {
          catalog.dbt_version = of_it.Text();
        }
      });
    } else if (key == "nodes" || key == "sources") {
      value.EachField(add);
    }
  });
  catalog.digest = document.Digest();
  if (!known) ThrowNoSchema(file.path(), kSchema);
  std::sort(catalog.tables.begin(), catalog.tables.end(),
            [](const CatalogTable& a, const CatalogTable& b) { return a.unique_id < b.unique_id; });
  return catalog;
}

std::optional<Catalog> ReadCatalog(const std::string& path) {
  const std::optional<ArtifactFile> file = ArtifactFile::Open(path);
  if (!file) return std::nullopt;
  return ReadCatalogFrom(*file);
}

const CatalogTable* Catalog::Find(std::string_view unique_id) const {
  const auto at =
      std::lower_bound(tables.begin(), tables.end(), unique_id,
                       [](const CatalogTable& table, std::string_view id) { return table.unique_id < id; });
  return at != tables.end() && at->unique_id == unique_id ? &*at : nullptr;
}

}  // namespace weir::manifest
