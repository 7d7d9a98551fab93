#pragma once

#include <string>
#include <vector>

#include "policies/decision.h"

namespace weir::policies {

// Whom one sync sends to, as rules see it. Pointers outlive it.
struct Recipient {
  const DestinationFacts* destination = nullptr;  // never null
  std::string claimed_purpose;                    // what the sync says: `never` listens to it
  std::string
      granted_purpose;  // the same when the policy lets the sync claim it, else empty: `give` listens to this
};

// Why the rule's `to:` does not match; empty: it matches. A rule for a role matches when one of the readers
// has it.
std::string AudienceMismatch(const Rule& rule, const Recipient& recipient);

// Traces, transform and reason of one column that is sent or matched by, whose classes and types are known. `has_subject`: the
// model's rows are known to be about somebody.
void DecideSent(const Policy& policy, const Recipient& recipient, bool has_subject, ColumnDecision* decision);

// The same for a column that is only read here: a row filter's or a subject's. It never leaves; it is denied
// when it is a filter's and a `never` covers it, for who is absent from the result would tell.
void DecideRead(const Policy& policy, const Recipient& recipient, ColumnDecision* decision);

}  // namespace weir::policies
