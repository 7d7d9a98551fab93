#include "policies/check_lineage.h"
#include "policies/lint.h"
#include "policies/policy_document.h"
#include "policies/waiver.h"

namespace weir::policies {

void LintDeclassified(const Policy& policy, const manifest::Project& project, const Classifier& classes,
                      std::vector<LintFinding>* out) {
  if (!policy.inherit_lineage || policy.declassified.empty()) return;
  CheckSide side;
  side.policy = &policy;
  side.project = &project;
  for (Finding& finding : FindUnusedDeclassifications(side, classes)) {
    const std::string_view id = finding.rule == "declassify-expired" ? "declassify-expired"
                                : finding.rule == "declassify-stale" ? "declassify-stale"
                                                                     : "declassify-unused";
    const Located at{finding.path, {finding.line, finding.line_column}};
    out->push_back({id, at, std::move(finding.message)});
  }
  for (const Declassification& one : policy.declassified) {
    if (policy.today.empty()) continue;
    const int days = DaysBetween(policy.today, one.expires);
    if (days < 0 || days > kSoonDays) continue;
    out->push_back({"declassify-expiring", one.at,
                    "the declassification of " + Listed(one.columns) + " as no longer `" + one.of_class + "` expires on " +
                        one.expires + ", " + InDays(days) + "; look at its SQL anew, and have it approved, or remove it"});
  }
}

}  // namespace weir::policies
