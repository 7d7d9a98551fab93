#include "manifest/artifacts.h"
#include "manifest/column_names.h"

namespace weir::manifest {
namespace {

void JoinColumns(const Catalog& catalog, std::string_view unique_id, std::vector<Column>* columns) {
  const CatalogTable* table = columns->empty() ? nullptr : catalog.Find(unique_id);
  if (table == nullptr) return;
  for (Column& column : *columns) {
    if (const CatalogColumn* found = table->FindColumn(column.name)) column.catalog_type = found->type;
  }
}

}  // namespace

void JoinCatalog(const Catalog& catalog, Project* project) {
  for (Node& node : project->nodes) JoinColumns(catalog, node.unique_id, &node.columns);
  for (Source& source : project->sources) JoinColumns(catalog, source.unique_id, &source.columns);
}

const CatalogColumn* CatalogTable::FindColumn(std::string_view column) const {
  return FindColumnIn(columns, column);
}

}  // namespace weir::manifest
