#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/clock.h"
#include "manifest/project.h"
#include "policies/located.h"

namespace weir::policies {

struct Policy;
struct Requirement;

// An item of `waivers:`: lifts what one requirement finds about one thing, until a day. It never lifts a rule.
struct Waiver {
  std::string id;
  Located at;
  std::string rule;    // id of a requirement
  std::string target;  // `exposure:legacy_board`, `sync:x`, `model:dim`, `source:raw.customers`: an exact name
  // Of an exposure: it depends on no other models, and goes nowhere else. Empty: whatever has the name.
  std::vector<std::string> models;
  std::string destination;
  std::string reason, approver;
  std::string expires;  // 2027-01-31, UTC; the day itself still counts
};

// What a requirement speaks of, by which a waiver finds it: a model's, source's or exposure's unique_id, or the id of a
// sync of weir.yml. A sync of an exposure is its exposure.
using Subjects = std::vector<std::string>;

// The waivers of a policy at one time, over one project. Whether a waiver counts is asked here and nowhere else: what else
// it must have (a signature, a rule that may be waived) is for this class to ask. `policy` and `project` outlive it.
// Immutable; safe to use from several threads.
class Waivers {
 public:
  Waivers(const Policy& policy, const manifest::Project& project, audit::Time now);

  // In force, and lifts what `requirement` finds about one of `subjects`; null pointer: none does, as of a requirement that
  // is `never_waivable`. Of several the one that lasts longest.
  const Waiver* Find(std::string_view requirement, const Subjects& subjects) const;
  // Those that would have, had they not expired.
  std::vector<const Waiver*> FindExpired(std::string_view requirement, const Subjects& subjects) const;

  // unique_id of the waiver's target; empty: the project has no such thing, or several, or it is not as the waiver is bound.
  std::string_view SubjectOf(const Waiver& waiver) const;
  bool IsExpired(const Waiver& waiver) const { return waiver.expires < today_; }
  // Whole days from today to the last day that counts; negative: it has expired.
  int DaysLeft(const Waiver& waiver) const;

 private:
  struct Resolved {
    const Waiver* waiver;
    std::string subject;
  };
  std::string today_;
  std::vector<std::string> never_;  // ids of requirements
  std::vector<Resolved> resolved_;
};

// "waiver `W014` of dpo@acme.com until 2027-01-31: replaced in Q1"
std::string ToText(const Waiver& waiver);

// `2027-01-31`: a day that the calendar has.
bool IsCalendarDate(std::string_view text);
// Whole days between two of them; negative: `to` is the earlier.
int DaysBetween(std::string_view from, std::string_view to);

}  // namespace weir::policies
