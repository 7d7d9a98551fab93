#pragma once

#include <string>
#include <vector>

#include "policies/decision.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// Who gets what, as policy and manifest say it; the warehouse is not asked. What `weir report` prints from.

// One column on its way to one recipient.
struct RegisterField {
  std::string column;  // `dim_customers.email`; `constant`
  std::string field;   // at the recipient
  Use use = Use::kSend;
  std::string data_type;  // declared, or the catalog's; empty: unknown
  std::vector<ClassEvidence> classes;
  std::string transform;  // text; `denied`, `constant`
  std::vector<std::string> rules;
  std::string reason;
  bool denied = false;
};

struct RegisterEntry {
  std::string target;       // `exposure:crm_contacts`, `sync:contacts`
  bool is_sync = true;      // false: an exposure that shows its models as they are
  std::string description;  // of the exposure
  std::string owner;        // of the exposure: name and addresses; empty: not stated
  std::vector<std::string> models;
  std::string destination_name;                   // empty: nobody says who sees it
  const DestinationFacts* destination = nullptr;  // null: the policy does not know it
  std::string purpose;
  std::string legal_basis;            // empty: not stated
  std::vector<std::string> subjects;  // whose data
  std::vector<RegisterField> fields;
  struct RowRule {
    std::string condition, rule;
  };
  std::vector<RowRule> rows;              // only rows for which all of them hold
  std::vector<std::string> refusals;      // it does not run, or may not be shown, as it stands
};

struct EgressRegister {
  std::string project;
  std::string generated_at;     // of the manifest
  std::string manifest_digest;  // SHA-256, hexadecimal
  std::string policy_digest;
  std::string today;            // UTC, `2026-11-30`: what has ended is told
  std::vector<RegisterEntry> entries;                // sorted by target
  std::vector<const DestinationFacts*> recipients;  // all of the policy, sorted by name
};

// `policy` and `project` outlive the result.
EgressRegister MakeRegister(const Policy& policy, const manifest::Project& project, const std::vector<SyncSpec>& syncs,
                            const std::string& today);

// `2027-06-30`, ended before `today`.
bool TransferHasEnded(const DestinationFacts& destination, const std::string& today);

}  // namespace weir::policies
