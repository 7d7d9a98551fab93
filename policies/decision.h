#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/project.h"
#include "policies/batch.h"
#include "policies/classify.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::policies {

enum class Use : std::uint8_t { kSend, kMatch, kFilter, kSubject };
std::string_view Name(Use use);  // "send", "match", "filter", "subject"

struct RuleTrace {
  const Rule* rule = nullptr;  // points into the policy
  bool matched = false;
  std::string reason;          // why it did or did not: "is about `pii.phone`", "destination is `helpdesk`, not `crm`"
};

// What may become of one column in one sync, with its reasons. The same value feeds the pull request, `weir explain`,
// the plan and the log.
struct ColumnDecision {
  std::string model;     // unique_id
  std::string column;
  std::string field;     // at the destination; empty for filters and subjects
  Use use = Use::kSend;
  std::vector<ClassEvidence> classes;
  std::vector<RuleTrace> traces;
  std::vector<std::string> rules;  // ids that decided
  // What a transform must fit: the type that the documents tell, and the warehouse's where it was asked. Empty: nobody knows.
  std::vector<ColumnType> types;
  Transform transform;             // fits `types`. kDeny: does not leave
  std::string unfit;               // "`hash` does not fit a boolean: `blank` in its place"; empty: all rules' forms fit
  std::string reason;              // "pii.phone (by name), no rule gives it"
  std::string conflict;            // "conflicting rules P010 and P011"; empty: none
  std::string code;                // CodeDigest of the model, for people who declassify; empty: nobody asked
  std::string entity;              // the class whose key a hash uses: the most specific declared, else `column`
  // Why this version, which can decide the form, cannot make it; empty: it can, or nothing leaves.
  std::string CannotRun() const;
  bool denied() const { return transform.kind == TransformKind::kDeny; }
};

struct SyncDecision {
  const SyncSpec* sync = nullptr;
  const manifest::Node* model = nullptr;
  const DestinationFacts* destination = nullptr;
  std::vector<ColumnDecision> columns;      // match first, then columns, then filter and subject columns
  std::string granted_purpose;              // what the sync claims, when policy lets it; else empty
  std::vector<RowPredicate> row_filters;    // all must hold
  std::vector<std::string> row_rules;       // their ids
  struct SubjectKey {
    std::string subject;
    std::string column;
  };
  std::vector<SubjectKey> subjects;         // of the rows
  // Why the sync as a whole may not run; empty: it may. Match key denied or not one to one, purpose not open to it,
  // unknown destination, a row filter that cannot be applied, every column denied. That the connection is the
  // destination's `origin` is for whoever knows the connection to check.
  std::vector<std::string> refusals;
};

// Never throws for what the policy says; the sync, project and policy must outlive the result. `classes`: of the same
// policy and project, for who decides more than one; null: classified anew. `warehouse`: the columns that the model's relation
// really has, whose types count beside those of the documents; null: it was not asked.
SyncDecision Decide(const Policy& policy, const manifest::Project& project, const SyncSpec& sync,
                    const Classifier* classes = nullptr, const std::vector<ColumnSchema>* warehouse = nullptr);

// What would become of one column, were a sync with that purpose to send it there: `weir explain model.column --to crm`.
// The purpose counts as granted.
ColumnDecision DecideColumn(const Policy& policy, const manifest::Project& project, const manifest::Node& model,
                            const std::string& column, const DestinationFacts& destination,
                            const std::string& purpose, const Classifier* classes = nullptr);

// The same for a row filter that reads the column: denied, or not.
ColumnDecision DecideFilterColumn(const Policy& policy, const manifest::Project& project, const manifest::Node& model,
                                  const std::string& column, const DestinationFacts& destination,
                                  const std::string& purpose, const Classifier* classes = nullptr);

}  // namespace weir::policies
