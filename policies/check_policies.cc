#include "policies/check_policies.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "policies/policy_document.h"
#include "policies/policy_loosening.h"

namespace weir::policies {
namespace {

// Rules, requirements and waivers.
std::set<std::string> IdsOf(const Policy& policy) {
  std::set<std::string> ids;
  for (const Rule& rule : policy.rules) ids.insert(rule.id);
  for (const Requirement& requirement : policy.requirements) ids.insert(requirement.id);
  for (const Waiver& waiver : policy.waivers) ids.insert(waiver.id);
  return ids;
}

std::vector<std::string> Without(const std::set<std::string>& ids, const std::set<std::string>& others) {
  std::vector<std::string> out;
  std::set_difference(ids.begin(), ids.end(), others.begin(), others.end(), std::back_inserter(out));
  return out;
}

// `after` hides at least as much of a value as `before`.
bool IsAsStrict(const Transform& before, const Transform& after) {
  bool conflict = false;
  return Join(before, after, &conflict) == after && !conflict;
}

const Located* PlaceOf(const Policy& policy, const std::vector<std::string>& rules) {
  for (const Rule& rule : policy.rules) {
    if (std::find(rules.begin(), rules.end(), rule.id) != rules.end()) return &rule.at;
  }
  return nullptr;
}

Finding Changed(const Policy& base, const Policy& proposed) {
  Finding finding;
  finding.rule = "policy-changed";
  finding.level = FindingLevel::kWarning;
  finding.target = "policy";
  finding.path = proposed.files.empty() ? "" : proposed.files.front();
  finding.message = "the pull request changes the policy, which therefore permits nothing yet: everything was judged by "
                    "the base's";
  const std::vector<std::string> gone = Without(IdsOf(base), IdsOf(proposed));
  const std::vector<std::string> come = Without(IdsOf(proposed), IdsOf(base));
  if (!gone.empty()) finding.message += "; it takes away " + Listed(gone);
  if (!come.empty()) finding.message += "; it adds " + Listed(come);
  return finding;
}

void AddLoosened(const Policy& base, const Policy& proposed, std::vector<Finding>* out) {
  for (const Loosening& one : FindLoosenings(base, proposed)) {
    Finding finding;
    finding.rule = "policy-loosened";
    finding.level = FindingLevel::kWarning;
    finding.target = "policy";
    finding.detail = one.id;
    finding.message = "under the pull request's policy " + one.text;
    finding.path = one.at.file.empty() ? out->front().path : one.at.file;
    finding.line = one.at.position.line;
    finding.line_column = one.at.position.column;
    out->push_back(std::move(finding));
  }
}

}  // namespace

std::vector<Finding> ComparePolicies(const CheckSide& head, const Policy& proposed) {
  std::vector<Finding> out;
  if (head.policy->digest == proposed.digest) return out;
  out.push_back(Changed(*head.policy, proposed));
  AddLoosened(*head.policy, proposed, &out);
  for (const SyncSpec& sync : *head.syncs) {
    const SyncDecision before = Decide(*head.policy, *head.project, sync);
    const SyncDecision after = Decide(proposed, *head.project, sync);
    const auto add = [&](std::string column, std::string detail, std::string message, const Located* at) {
      Finding finding;
      finding.rule = "policy-loosened";
      finding.level = FindingLevel::kWarning;
      finding.target = sync.id;
      finding.destination = sync.destination;
      finding.column = std::move(column);
      finding.detail = std::move(detail);
      finding.message = std::move(message);
      finding.path = at == nullptr ? out.front().path : at->file;
      if (at != nullptr) finding.line = at->position.line, finding.line_column = at->position.column;
      out.push_back(std::move(finding));
    };
    // Both decisions list match and sent columns first, in the sync's own order.
    for (std::size_t i = 0; i < std::min(before.columns.size(), after.columns.size()); ++i) {
      const ColumnDecision &old = before.columns[i], &now = after.columns[i];
      if (old.use != now.use || (now.use != Use::kSend && now.use != Use::kMatch)) break;
      if (IsAsStrict(old.transform, now.transform)) continue;
      const std::string model = after.model == nullptr ? now.model : after.model->name.str();
      add(model + "." + now.column, now.field,
          "under the pull request's policy column `" + now.column + "` would leave as `" + now.transform.ToText() +
              "`; it is `" + (old.denied() ? std::string("denied") : old.transform.ToText()) + "` under the base's",
          PlaceOf(proposed, now.rules));
    }
    for (const std::string& rule : before.row_rules) {
      if (std::find(after.row_rules.begin(), after.row_rules.end(), rule) != after.row_rules.end()) continue;
      add("", rule, "under the pull request's policy rule `" + rule + "` no longer says which rows may go", nullptr);
    }
    if (!before.refusals.empty() && after.refusals.empty()) {
      add("", "refused", "the base's policy refuses the sync, the pull request's lets it run", nullptr);
    }
  }
  return out;
}

}  // namespace weir::policies
