#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"
#include "manifest/few_texts.h"
#include "manifest/text.h"
#include "manifest/value.h"

namespace weir::manifest {

// A dbt project as plain values, the same whatever the manifest's version. Absent and null are the same. Names are
// dbt's. Values own everything; safe to read from several threads.

class ProjectLineage;

enum class ResourceType : std::uint8_t { kModel, kSeed, kSnapshot, kSource, kTest, kUnitTest, kExposure, kOther };

struct Owner {
  Text name;
  std::vector<Text> emails;
};

struct Column {
  Text name;       // as declared
  Text data_type;  // declared; empty: unknown
  Text catalog_type;  // the warehouse's, from catalog.json (JoinCatalog); empty: unknown
  Text description;  // only when ReadOptions ask for it
  Value meta;  // merged: `meta` under `config.meta`; a map or null
  FewTexts tags;
  FewTexts classifiers;
  FewTexts policy_tags;
  Value constraints;
  Value mask;             // Databricks' `column_mask`: a map of `function` and `using_columns`; or null
  Value databricks_tags;  // a map or null
  std::optional<bool> quote;
  // meta equals the node's own meta: dbt 2 copies it onto columns that have none, so it may say nothing of the column.
  bool meta_copied_from_node = false;
};

struct Grant {  // what dbt will apply, not who may read in the end
  Text privilege;
  std::vector<Text> grantees;
  friend bool operator==(const Grant&, const Grant&) = default;
};

struct Node {  // model, seed, snapshot, analysis, …
  Text unique_id;
  ResourceType type = ResourceType::kOther;
  Text resource_type;  // as written
  Text name;
  Text package;
  Text database, schema, alias;
  Text relation_name;  // quoted by dbt for its adapter; empty: none (ephemeral, tests)
  Text original_file_path;
  Text patch_path;
  Text description;  // only when ReadOptions ask for it
  Text language;  // sql, python; empty: before v7
  std::vector<Text> fqn;
  std::vector<Text> tags;
  std::vector<Text> classifiers;  // of the whole node (dbt 2)
  Value meta;                            // merged
  Text materialized;
  Text access;  // private, protected, public; empty: unknown
  Text group;
  Text version, latest_version;  // as text; empty: none
  Text deprecation_date;
  bool contract_enforced = false;
  bool contract_alias_types = false;
  Text contract_checksum;          // empty: dbt 2, and where nothing is enforced
  Value constraints;                      // of the whole node; its columns have their own
  std::vector<Grant> grants;              // sorted by privilege, grantees as written
  std::vector<Text> primary_key;   // as dbt inferred it (1.9)
  Value databricks_tags;                  // of `config`
  Text checksum;       // of the file, as dbt wrote it
  Text compiled_code;  // empty: not compiled in that invocation
  Text raw_code;       // only when ReadOptions ask for it
  std::vector<Column> columns;  // documented ones, in written order
  std::vector<Text> depends_on;
  Text config;  // JSON text of `config` as written; shared by all who say the same; empty: none
  double created_at = 0;  // when its file was parsed, seconds since 1970; 0: dbt 2 does not say

  const Column* FindColumn(std::string_view name) const;  // exact, else the only one equal ignoring ASCII case
};

struct Freshness {  // of a source; dbt's rule
  std::optional<std::int64_t> warn_after_seconds;
  std::optional<std::int64_t> error_after_seconds;
  Text filter;  // SQL; empty: none
};

struct Source {
  Text unique_id;
  Text source_name, name;
  Text package;
  Text database, schema, identifier;
  Text unrendered_database, unrendered_schema;  // as the YAML has them, with Jinja (1.9); empty: unknown
  Text relation_name;
  Text original_file_path;
  Text description;  // as Node's
  Text loader;
  Text loaded_at_field, loaded_at_query;
  Text patch_path;
  Text config;  // as Node's
  std::optional<Freshness> freshness;  // nullopt: dbt checks none
  std::vector<Text> tags;
  std::vector<Text> classifiers;
  Value meta;
  std::vector<Text> fqn;
  std::vector<Column> columns;
  double created_at = 0;  // as Node's

  const Column* FindColumn(std::string_view name) const;  // as Node's
};

struct Test {
  Text unique_id;
  Text name;        // of the generic test with its namespace: `dbt_utils.unique_combination`; singular: its own
  bool generic = false;
  bool unit = false;
  Text column_name;    // empty: of the whole model
  Text attached_node;  // resolved by the fallbacks of the facts; empty: none (a singular test on several)
  std::vector<Text> depends_on;
  Text severity = "error";  // lower case
  Text warn_if, error_if, where, fail_calc;
  std::optional<std::int64_t> limit;
  bool stores_failures = false;   // its failing rows stay in relation_name, raw; as far as the manifest tells
  Text store_failures_as;  // table, view, ephemeral; empty: dbt's default
  Text relation_name;      // empty: none
  Text description;  // as Node's
  Text checksum;  // of a unit test's definition, of a singular test's file; empty: generic
  Value kwargs;
  Text package;
  Text original_file_path;
  Text patch_path;
  Text config;  // as Node's
  std::vector<Text> fqn;
  std::vector<Text> tags;
  Value meta;
  Text compiled_code;  // empty: not compiled in that invocation
  Text raw_code;       // of a singular test; only when ReadOptions ask for it
  Text macros;                // ids of Macro, one a line, as written; empty: none, or ReadOptions do not ask for it
  double created_at = 0;      // as Node's
};

struct Macro {
  Text unique_id;
  Text name;
  Text package;
  audit::Digest digest = {};  // SHA-256 of its SQL, WithoutSpacing
  std::vector<Text> depends_on;  // macros
};

struct Exposure {
  Text unique_id;
  Text name;
  Text package;
  Text type;  // dashboard, notebook, analysis, ml, application
  Text maturity, label, url;
  Text description;
  bool enabled = true;
  Owner owner;
  Text original_file_path;
  std::vector<Text> fqn;
  std::vector<Text> depends_on;
  std::vector<Text> tags;
  Value meta;  // merged
};

struct Group {
  Text unique_id;
  Text name;
  Text package;
  Text description;
  Text original_file_path;
  Owner owner;
  Value meta;  // 1.10 and later
};

// dbt has read it and passes over it. What it was, another manifest tells.
struct DisabledResource {
  Text unique_id;
  ResourceType type = ResourceType::kOther;
  Text resource_type;  // as written
  Text name;
  Text package;
  Text original_file_path;
};

struct Metadata {
  std::string schema;  // "v12"
  std::string dbt_version;
  std::string generated_at;
  std::string invocation_id;
  std::string adapter_type;
  std::string project_name;  // before 1.6 found by its `project_id`; empty: unknown
  std::string invocation_started_at;  // 1.10 and later
  std::string run_started_at;         // 1.11 and later
  Value env;                          // DBT_ENV_CUSTOM_ENV_*
};

struct Project {
  std::string path;    // of the manifest, as the user named it
  std::string digest;  // SHA-256 of its bytes, hexadecimal; empty when ReadOptions do without
  Metadata metadata;
  // Each list is sorted by unique_id (groups by name), and no unique_id is there twice.
  std::vector<Node> nodes;  // models, seeds, snapshots, metrics, others; tests are below
  std::vector<Source> sources;
  std::vector<Test> tests;  // generic, singular and unit
  std::vector<Exposure> exposures;
  std::vector<Group> groups;
  std::vector<DisabledResource> disabled;  // the first of each unique_id
  std::vector<Macro> macros;               // only when ReadOptions ask for it

  // column_lineage.h; null: nobody traced it, and nothing is proven. Owned by the copies of this project.
  std::shared_ptr<const ProjectLineage> lineage;

  const Node* FindNode(std::string_view unique_id) const;
  const Source* FindSource(std::string_view unique_id) const;
  const Test* FindTest(std::string_view unique_id) const;
  const Exposure* FindExposure(std::string_view unique_id) const;
  const Macro* FindMacro(std::string_view unique_id) const;
  // A model, seed or snapshot by name as a user writes it: `dim_customers`, `shop.dim_customers`, `dim_customers.v2` or
  // a unique_id. Of a versioned model the bare name means the latest version, as in dbt's ref. Null pointer when there
  // is none or it is ambiguous (then *ambiguous lists the unique_ids; may be null).
  const Node* FindModel(std::string_view name, std::vector<std::string>* ambiguous = nullptr) const;
  // The tests attached to it, and those attached to nothing (singular ones on several nodes) that depend on it.
  std::vector<const Test*> TestsOf(std::string_view unique_id) const;
  // Sources reachable upwards from a node or an exposure, sorted.
  std::vector<const Source*> SourcesAbove(std::string_view unique_id) const;
};

}  // namespace weir::manifest
