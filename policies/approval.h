#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/clock.h"
#include "policies/policy.h"

namespace weir::policies {

// What persons sign: for one plan of one sync, once, until a time, a guard may be passed up to a count, or named reasons
// of the gate are lifted. A value with one text; the signatures, over exactly that text, are the gateway's matter.

struct Approval {
  enum class Kind : std::uint8_t { kGuards, kOverride };
  Kind kind = Kind::kGuards;
  std::string tenant, environment;
  std::string sync;         // id
  std::string plan_digest;  // 64 hexadecimal digits
  // kGuards: at most so many deletes and changes, at least so many rows; unset: the guard holds as ever.
  std::optional<std::uint64_t> max_deletes, max_changes, min_rows;
  std::vector<std::string> lifts;    // kOverride: codes of the gate's reasons, ascending
  std::optional<std::uint64_t> run;  // the run that was held: index of its run_start in the sync's log
  std::string requested_by;
  std::string reason;
  audit::Time created, expires;
  std::string nonce;  // 32 hexadecimal digits: two that ask the same are two

  // Lines of `key: value` in a fixed order behind `weir approval v1`, UTF-8, each ended by a line feed.
  std::string ToText() const;
  // Exactly what ToText writes; anything else is refused, with what is wrong in *problem.
  static std::optional<Approval> Parse(std::string_view text, std::string* problem);
};
std::string_view Name(Approval::Kind kind);  // guards | override

// What may stand behind `reason:` and `requested_by:`: one line of UTF-8, at most 500 bytes, without control characters
// and those that turn the direction of text, which would show a signer other words than the ones signed.
bool IsApprovalText(std::string_view text);

// `2027-01-31`: through that day in UTC; `7d`: so long after `now`. nullopt: neither.
std::optional<audit::Time> ParseExpiry(std::string_view text, audit::Time now);

// What a run needs, to hold an approval against.
struct ApprovalNeed {
  Approval::Kind kind = Approval::Kind::kGuards;
  std::string tenant, environment, sync, plan_digest;
  std::optional<std::uint64_t> deletes, changes, rows;  // counts of the guards that hold
  std::vector<std::string> lifts;                       // codes of the reasons that hold
  std::string actor;                                    // who runs it, `user@host`; empty: nobody does yet
};

struct ApprovalProblem {
  std::string code;  // W-APR-…
  std::string text;  // goes behind the approval's name: "expired at …"
};

// Why `approval` does not cover what is needed, its signatures aside; nullopt: it does. The first reason alone: of a
// document for another plan, nothing else matters.
std::optional<ApprovalProblem> WhyNot(const Approval& approval, const ApprovalNeed& need, const Approvals& policy,
                                      audit::Time now);

// Whether the two are one person as far as names can tell: equal, or equal before the `@`, ignoring ASCII case. The one
// who asks is no approver.
bool MayBeSamePerson(std::string_view a, std::string_view b);

// How many distinct persons must sign.
std::size_t PersonsNeeded(Approval::Kind kind, const Approvals& policy);

}  // namespace weir::policies
