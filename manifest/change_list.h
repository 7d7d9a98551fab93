#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/project_diff.h"

namespace weir::manifest {

// Whether a side's values were written by dbt 2, and whether the two were written by different engines.
struct DiffEngines {
  bool base_copies_meta = false;  // dbt 2 copies a node's meta and tags onto its columns
  bool head_copies_meta = false;
  bool differ = false;
};

// Collects changes; compares values in their normal form.
class ChangeList {
 public:
  explicit ChangeList(DiffEngines engines) : engines_(engines) {}

  const DiffEngines& engines() const { return engines_; }

  void Add(ChangeKind kind, std::string_view node, std::string_view column, Value before, Value after);
  // Nothing when both are equal in their normal form.
  void AddIfChanged(ChangeKind kind, std::string_view node, std::string_view column, const Value& before,
                    const Value& after);
  // Of two maps only the members that differ are told.
  void AddIfMembersChanged(ChangeKind kind, std::string_view node, std::string_view column, const Value& before,
                           const Value& after);
  // Sets: order and repetition do not count.
  void AddIfSetChanged(ChangeKind kind, std::string_view node, std::string_view column,
                       const std::vector<Text>& before, const std::vector<Text>& after);

  std::vector<Change> TakeSorted();

 private:
  Value Normal(const Value& value) const;

  DiffEngines engines_;
  std::vector<Change> changes_;
};

// Null where the text is empty, or there is no number.
Value TextOrNull(const std::string& text);
Value IntegerOrNull(const std::optional<std::int64_t>& number);
Value TextList(const std::vector<Text>& texts);

// The documented columns of one resource, and its own tags.
struct ColumnsOf {
  const std::vector<Column>& columns;
  const std::vector<Text>& tags;
};
void DiffColumns(std::string_view node, const ColumnsOf& base, const ColumnsOf& head, ChangeList* changes);
// Names and types that only the warehouse knows.
void DiffCatalogTables(const CatalogTable* base, const CatalogTable* head, const std::vector<Column>& base_documented,
                       const std::vector<Column>& head_documented, std::string_view node, ChangeList* changes);
void DiffNode(const Node& base, const Node& head, ChangeList* changes);
void DiffTest(const Test& base, const Test& head, ChangeList* changes);
void DiffExposure(const Exposure& base, const Exposure& head, ChangeList* changes);
void DiffSource(const Source& base, const Source& head, ChangeList* changes);
void DiffGroup(const Group& base, const Group& head, ChangeList* changes);

}  // namespace weir::manifest
