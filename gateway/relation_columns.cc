#include "gateway/relation_columns.h"

#include <algorithm>

#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

const policies::ColumnSchema* FindColumn(const std::string& name, const std::vector<policies::ColumnSchema>& relation) {
  const std::string lower = LowerAscii(name);
  const policies::ColumnSchema* folded = nullptr;
  bool twice = false;
  for (const policies::ColumnSchema& column : relation) {
    if (column.name == name) return &column;
    if (LowerAscii(column.name) != lower) continue;
    twice = folded != nullptr;
    folded = &column;
  }
  return twice ? nullptr : folded;
}

}  // namespace

std::vector<policies::ColumnSchema> SelectColumns(const ScanRequest& request,
                                                  const std::vector<policies::ColumnSchema>& relation) {
  std::vector<policies::ColumnSchema> selected;
  std::string absent;
  for (const std::string& name : request.columns) {
    if (const policies::ColumnSchema* column = FindColumn(name, relation)) {
      selected.push_back(*column);
      continue;
    }
    std::vector<std::string> names;
    for (const policies::ColumnSchema& column : relation) names.push_back(column.name);
    if (!absent.empty()) absent += ", ";
    absent += "`" + name + "`" + manifest::DidYouMean(name, names);
  }
  if (!absent.empty()) {
    throw SourceError("W-SRC-005", request.relation + " has no column " + absent +
                                       "; run `dbt build` so that the warehouse and the manifest agree");
  }
  if (selected.empty()) throw SourceError("W-SRC-005", "no column of " + request.relation + " is asked for");
  return selected;
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace weir::gateway
