#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/artifacts.h"
#include "manifest/project.h"

namespace weir::manifest {

// What differs between two manifests of one project in all that decides which data may leave: dbt's own `state:modified`
// sees neither columns nor most meta, tags and removals. SQL, and where a target builds its relations, are not compared.
enum class ChangeKind : std::uint8_t {
  // of a whole resource; its name begins with the kind of resource: `model_added`, `test_disabled`
  kAdded,
  kRemoved,
  kDisabled,  // it is there, and dbt passes over it
  kEnabled,
  // of any resource
  kMetaChanged,
  kTagsChanged,
  kClassifiersChanged,
  // of models, seeds and snapshots
  kAccessChanged,
  kGroupChanged,
  kGrantsChanged,
  kContractChanged,
  kConstraintsChanged,
  kVersionChanged,      // latest_version
  kDeprecationChanged,  // deprecation_date
  // of a column
  kColumnAdded,
  kColumnRemoved,
  kColumnRetyped,
  kColumnMetaChanged,
  kColumnTagsChanged,
  kColumnClassifiersChanged,
  kColumnPolicyTagsChanged,  // BigQuery's and Databricks' own tags
  kColumnMaskChanged,
  kColumnConstraintsChanged,
  // of a test
  kTestDowngraded,  // error to warn
  kTestUpgraded,
  kTestThresholdChanged,  // warn_if, error_if, fail_calc
  kTestChanged,           // where, limit, arguments, what it is attached to, where its failing rows stay
  // of exposures, sources and groups
  kOwnerChanged,
  kExposureChanged,
  kSourceChanged
};

struct Change {
  ChangeKind kind = ChangeKind::kAdded;
  std::string node;    // unique_id; of `head`, save for what is only in `base`
  std::string column;  // as head, or base where it is only there, writes it; empty: of the whole resource
  Value before, after;  // null: there is none. Of maps (meta, a changed exposure) only the members that differ
};
// "model_added", "column_meta_changed", …: stable, for documents.
std::string Name(const Change& change);

// One side. `catalog` may be null; columns that nobody documented and the warehouse's types are compared where both sides
// have one. Borrowed for the call.
struct DiffSide {
  const Project* project = nullptr;
  const Catalog* catalog = nullptr;
};

struct ProjectDiff {
  std::vector<Change> changes;        // sorted by node, then column
  std::vector<std::string> warnings;  // the sides were made by different engines, adapters or of different projects
};

// Absent, null, empty list and empty map are the same. Between dbt 1 and 2, also: meta and tags that dbt 2 copied from a
// node onto its columns, the ids of tests (compared by what they test), line breaks at the end of texts. Linear in both
// projects, but for sorting the changes.
ProjectDiff DiffProjects(const DiffSide& base, const DiffSide& head);

}  // namespace weir::manifest
