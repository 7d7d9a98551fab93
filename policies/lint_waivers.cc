#include "policies/check_requirements.h"
#include "policies/lint.h"

namespace weir::policies {

std::string InDays(int days) {
  return days == 0 ? "today" : "in " + std::to_string(days) + (days == 1 ? " day" : " days");
}

void LintWaivers(const Policy& policy, const manifest::Project& project, const std::vector<SyncSpec>& syncs,
                 const Classifier& classes, audit::Time now, std::vector<LintFinding>* out) {
  if (policy.waivers.empty()) return;
  CheckSide side;
  side.policy = &policy;
  side.project = &project;
  side.syncs = &syncs;
  side.now = now;
  std::vector<SyncDecision> decisions;
  for (const SyncSpec& sync : syncs) decisions.push_back(Decide(policy, project, sync, &classes));
  const std::vector<Finding> unmet = FindUnmet(side, decisions);
  const Waivers waivers(policy, project, now);
  for (const Waiver& waiver : policy.waivers) {
    for (const Finding& finding : unmet) {
      const bool expired = finding.rule == "waiver-expired";
      if ((!expired && finding.rule != "waiver-unused") || finding.detail != waiver.id) continue;
      out->push_back({expired ? "waiver-expired" : "waiver-unused", waiver.at, finding.message});
    }
    const int days = waivers.DaysLeft(waiver);
    if (days < 0 || days > kSoonDays) continue;
    out->push_back({"waiver-expiring", waiver.at,
                    "waiver `" + waiver.id + "` of requirement `" + waiver.rule + "` expires on " + waiver.expires + ", " +
                        InDays(days) + "; meet the requirement, or have the waiver approved anew"});
  }
}

}  // namespace weir::policies
