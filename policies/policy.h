#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/diagnostic.h"
#include "policies/allowed_signers.h"
#include "policies/declassify.h"
#include "policies/located.h"
#include "policies/markers.h"
#include "policies/requirement.h"
#include "policies/row_filter.h"
#include "policies/transform.h"
#include "policies/value_criterion.h"
#include "policies/waiver.h"

namespace weir::policies {

// The policy folder as values: what is written, nothing decided. Names and meaning: policies/README.md.

struct ClassDefinition {
  std::string name;  // dotted; a rule about `pii` covers `pii.email`
  Located at;
  bool permissive = false;
  Markers markers;               // in the dbt project
  std::vector<Markers> presets;  // the same, of other teams' conventions (presets.h)
  std::string name_pattern;          // RE2; empty: none
  std::optional<ValueCriterion> value;  // what a run looks for in values
  std::vector<std::string> columns;  // `dim_customers.country`, `dim_products.*`: by address
};

struct Subject {
  std::string name;
  Located at;
  std::map<std::string, std::string> key_columns;  // model -> column
};

struct Role {
  std::string name;
  Located at;
  std::vector<std::string> groups;
};

enum class LeaveAction : std::uint8_t { kDelete, kBlank, kSuppress, kKeep };
std::string_view Name(LeaveAction action);

struct DestinationFacts {
  std::string name;
  Located at;
  std::string origin;  // `https://api.crm.example`, or `file:`
  std::vector<std::string> readers;
  std::string trust;  // internal | external
  std::string legal_name, country, relation;
  std::string transfer_mechanism, transfer_until;
  LeaveAction on_deleted = LeaveAction::kDelete;
  LeaveAction on_withheld = LeaveAction::kDelete;
  LeaveAction on_denied = LeaveAction::kBlank;
};

struct Purpose {
  std::string name;
  Located at;
  std::string legal_basis;
  std::vector<std::string> syncs;  // `exposure:crm_*`: which syncs may claim it
};

// Whom a rule is about; empty fields match everything, and `to: any` is all empty.
struct Audience {
  std::string destination, role, purpose, trust;
  std::string ToText() const;
  friend bool operator==(const Audience&, const Audience&) = default;
};

struct Rule {
  enum class Kind : std::uint8_t { kNever, kGive, kRows };
  std::string id;
  Located at;
  Kind kind = Kind::kNever;
  std::string subject;  // the class of never and give; the model of rows
  Audience to;
  Transform as;                       // give
  bool as_filter = false;             // give … as: filter: the column may be filtered by, not sent
  std::vector<TransformKind> except;  // never: forms that may leave after all, for example redact
  RowPredicate send_if;               // rows
  std::string why;
};

// Who may sign for what a guard or the gate holds, and what nobody may sign away.
struct Approvals {
  Located at, signers_at;
  std::string signers_file;  // in the policy folder
  std::string signers_text;  // what it held when the digest was taken: signatures are judged by this
  std::vector<AllowedSigner> signers;
  std::int64_t max_days = 90;  // the longest that an approval may hold
  bool two_persons_for_override = false, two_persons_for_guards = false;
  std::vector<std::string> never_waivable;  // ids of rules and requirements
};

// An item of `tests:`: what the policy's owners expect of it. Exactly one of `column`, `of_class` and `sync` is not empty.
struct TestCase {
  std::string name;
  Located at;
  std::string column;    // `dim_customers.email`
  std::string of_class;  // for_all: every column of the project that has it
  Audience to;           // of both: every possible recipient that it matches
  bool filter = false;   // the column is filtered by, not sent
  Transform expect;      // kDeny: denied; without meaning where `filter` is set and the column may be filtered by
  bool expect_denied = false;
  std::vector<std::string> by;  // ids that must be among those that decide
  std::string sync;             // `exposure:crm_contacts`, or its name
  std::optional<std::vector<std::string>> rows, require;  // exactly the ids that apply to the sync
  std::optional<bool> refused;                            // whether policy refuses the sync as a whole
};

enum class Unclassified : std::uint8_t { kDeny, kBlank, kWarn };

struct Policy {
  std::vector<std::string> files;
  std::string digest;  // SHA-256 over names and contents of the files and the signers file, hexadecimal
  std::vector<ClassDefinition> classes;
  struct Preset {
    std::string name;
    Located at;
  };
  std::vector<Preset> presets;  // already in `classes`
  std::vector<Subject> subjects;
  std::vector<Role> roles;
  std::vector<DestinationFacts> destinations;
  std::vector<Purpose> purposes;
  Unclassified unclassified = Unclassified::kDeny;
  bool inherit_lineage = false;  // `inherit: lineage`: a column has the classes of what it is made of
  std::vector<Rule> rules;
  std::vector<Requirement> requirements;
  std::optional<Approvals> approvals;  // nullopt: what holds a run, holds it
  std::vector<TestCase> tests;
  std::vector<Waiver> waivers;
  std::vector<Declassification> declassified;
  std::string today;  // 2027-01-31, UTC: by which a declassification expires; empty: none counts. The reader leaves it empty

  const DestinationFacts* FindDestination(std::string_view name) const;
  const Purpose* FindPurpose(std::string_view name) const;
  const ClassDefinition* FindClass(std::string_view name) const;
};

// Reads every *.yml and *.yaml of `folder`, sorted by name (or the one file that `folder` names), and those of the
// folders below it that a file includes, and validates it: unknown keys, classes, roles, destinations, purposes, duplicate ids, empty readers, bad RE2,
// all reported. nullopt when there was any error; nothing runs then.
std::optional<Policy> ReadPolicy(const std::string& folder, manifest::Diagnostics* diagnostics);

// `pii` covers `pii` and `pii.email`, not `piiX`.
bool Covers(std::string_view rule_class, std::string_view column_class);

}  // namespace weir::policies
