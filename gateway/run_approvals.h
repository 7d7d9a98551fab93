#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "audit/log.h"
#include "gateway/approval_store.h"
#include "gateway/guards.h"
#include "gateway/run_sync.h"
#include "policies/approval.h"

namespace weir::gateway {

// What persons signed for one run of a sync: whether it lifts the gate or lets guards pass. Nothing of it is used up
// before Use. Not thread-safe; what is given to the constructor outlives it. Throws audit::LogError and, without
// ssh-keygen, ConfigError.
class RunApprovals {
 public:
  // `actor`: who runs it.
  RunApprovals(const Workspace& workspace, const policies::SyncSpec& sync, std::string actor);

  // The gate holds. True: an override lifts all that holds. Says in *reasons what it found and what may be done.
  bool LiftsGate(const SyncPlan& plan, audit::Time now, std::vector<SyncPlan::Refusal>* reasons);

  // Some guards hold. kDone: an approval lets them pass; kWaiting: one could; kHeld: none can, because policy knows no
  // approvals or other guards hold as well. Says in *reasons what holds, and what may be done.
  RunStatus PassGuards(const SyncPlan& plan, std::span<const GuardHold> holds, audit::Time now,
                       std::vector<SyncPlan::Refusal>* reasons);

  bool gate_lifted() const { return gate_lifted_; }
  // What a scan took too long for: false, and said in *reasons.
  bool StillGood(audit::Time now, std::vector<SyncPlan::Refusal>* reasons) const;

  // Entries of what lets the run go, durable on return: from here on it is used, whatever becomes of the run.
  void Use(std::uint64_t run_entry, audit::Time now, audit::Log* log) const;
  // The entry of a run that waits, appended.
  void AppendWaiting(std::uint64_t run_entry, audit::Time now, audit::Log* log) const;

  const std::vector<GrantedApproval>& granted() const { return granted_; }

 private:
  // Takes the first that is good. False: none is, and *reasons says why of each.
  bool Find(const policies::ApprovalNeed& need, audit::Time now, std::vector<SyncPlan::Refusal>* reasons);
  policies::ApprovalNeed NeedOf(policies::Approval::Kind kind, const SyncPlan& plan) const;

  const Workspace& workspace_;
  const policies::SyncSpec& sync_;
  std::string actor_;
  std::vector<GrantedApproval> granted_;
  policies::ApprovalNeed guards_need_;  // of the guards that hold
  bool gate_lifted_ = false;
};

// The codes of what holds the gate, ascending. Empty *why_not: persons may lift them all.
std::vector<std::string> LiftableReasons(const policies::GateVerdict& gate, const policies::Approvals& policy,
                                         std::string* why_not);

}  // namespace weir::gateway
