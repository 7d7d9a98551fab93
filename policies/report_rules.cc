#include <algorithm>

#include "policies/report.h"

namespace weir::policies {

const std::vector<FindingRule>& RulesOfFindings() {
  static const std::vector<FindingRule> kRules = {
      {"audience-refused", "a dashboard's audience or purpose cannot be what it says",
       "correct `config.meta.weir` or `url` of the exposure, or declare the audience in the policy"},
      {"audience-unknown", "a dashboard shows restricted data, and nobody says to whom",
       "name a destination of the policy in the exposure: `config: {meta: {weir: {audience: ..., purpose: ...}}}`"},
      {"base-config-unknown", "nobody knows the base's weir.yml", "give the protected branch's weir.yml as `--base-config`"},
      {"base-untrusted", "the base cannot be the base of this head", "give the artifacts of the protected branch as `--base`"},
      {"class-lost", "a column that is sent or shown, or one that it is made of, lost a class that it had in the base",
       "put its meta or tags back, or let the policy's owners see why it is gone"},
      {"column-changed", "a column that is sent is made of something else than in the base", "make sure that it may still leave in this form"},
      {"column-denied", "a column may not leave", "take it out of the sync, or ask the policy's owners for a rule that gives it"},
      {"column-unclassified", "a column without a class leaves", "say what it is under `classes:` of the policy, or in its meta"},
      {"config-changed", "weir.yml changes beside its destinations and syncs", "make sure that it is meant"},
      {"constant-personal", "a constant looks like somebody's data", "take it out of the sync"},
      {"declassify-expired", "a declassification of the policy has expired", "have it approved anew, or remove it"},
      {"declassify-stale", "a model's SQL is no longer what was declassified", "look at the SQL anew, and pin its digest"},
      {"declassify-unused", "a declassification of the policy lifts nothing", "remove it, or correct its columns"},
      {"destination-changed", "a sync or a dashboard turns to another destination, or weir.yml moves one", "make sure that it is meant"},
      {"filter-changed", "a column by which rows are filtered is made of something else", "make sure that it still says who may be sent"},
      {"gate-test-missing", "the model lacks a test that the gate asks for", "add the test and run `dbt build`"},
      {"gate-weakened", "a test or requirement that guards a sync is gone or easier to pass",
       "put it back, or let the owners of the sync see why"},
      {"hook-changed", "a hook, SQL header or materialization of a model above a sync is another", "make sure that it is meant"},
      {"k-anonymity-unsent", "a requirement counts groups by columns that the sync does not send",
       "name columns that the sync sends, or select other syncs"},
      {"lineage-stranger", "a model reads a table that is no parent of it", "write `ref` or `source`"},
      {"mode-changed", "a sync inserts, updates or deletes in another way", "make sure that it is meant"},
      {"model-changed", "a sync reads another model, or a dashboard shows another", "make sure that it is meant"},
      {"object-changed", "a sync writes to another object of its destination", "make sure that it is meant"},
      {"object-shared", "two syncs write to one object of one destination", "remove one of the two, or give it another `object`"},
      {"origin-differs", "a destination of weir.yml is at another place than the policy pins", "correct one of them"},
      {"permissive-wildcard", "a column is new, and a permissive class that names its whole model opens it",
       "make sure that everybody may see it, or list the model's columns one by one in the policy"},
      {"policy-changed", "the pull request changes the policy", "merge the policy first; what needs it comes after"},
      {"policy-loosened", "the changed policy holds something less tightly", "the policy's owners must want this"},
      {"policy-unmatched", "the policy speaks of a model or column that is not there", "correct the name, or take it out"},
      {"purpose-changed", "a sync or a dashboard claims another purpose", "make sure that it is meant"},
      {"rules-conflict", "two rules give a column in forms that cannot be combined", "leave one of the two rules"},
      {"sync-refused", "the sync would not run", "do as the message says"},
      {"transform-unfit", "a rule gives a column in a form that its type cannot take, and a stricter one is sent",
       "give a form that fits the type; policies/README.md lists them"},
      {"waiver-expired", "a waiver of the policy has expired", "meet the requirement, or have the waiver approved anew"},
      {"waiver-unused", "a waiver of the policy lifts nothing", "remove it, or correct its target"},
  };
  return kRules;
}

const FindingRule* FindFindingRule(std::string_view id) {
  const std::vector<FindingRule>& rules = RulesOfFindings();
  const auto found = std::lower_bound(rules.begin(), rules.end(), id,
                                      [](const FindingRule& rule, std::string_view one) { return rule.id < one; });
  return found != rules.end() && found->id == id ? &*found : nullptr;
}

}  // namespace weir::policies
