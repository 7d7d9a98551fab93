#include "policies/gate_facts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "manifest/timestamp.h"
#include "policies/gate_codes.h"
#include "policies/pattern.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Exposure;
using manifest::Node;
using manifest::Project;
using manifest::Source;
using manifest::Value;

// Appends what one requirement has to say of one thing.
class Reasons {
 public:
  Reasons(const Requirement& requirement, std::string subject, std::vector<GateReason>* out)
      : requirement_(requirement), subject_(std::move(subject)), out_(out) {}
  void Add(std::string_view code, std::string text, bool holds = true) {
    GateReason reason;
    reason.code = code;
    reason.text = std::move(text);
    reason.holds = holds && !requirement_.warn_only;
    reason.requirement = requirement_.id;
    reason.subject = subject_;
    out_->push_back(std::move(reason));
  }

 private:
  const Requirement& requirement_;
  std::string subject_;
  std::vector<GateReason>* out_;
};

// `a@b.c`, a list of them, or a map with `email`: what projects write under `meta.owner`.
void AddEmails(const Value* owner, std::vector<manifest::Text>* out) {
  if (owner == nullptr) return;
  if (owner->kind() == Value::Kind::kMap) return AddEmails(owner->Find("email"), out);
  for (const Value& item : owner->items()) out->push_back(item.text());
  if (owner->kind() == Value::Kind::kString) out->push_back(owner->text());
}

bool AnyMatches(const std::vector<manifest::Text>& emails, const std::string& pattern) {
  return std::any_of(emails.begin(), emails.end(),
                     [&](const manifest::Text& email) { return PatternFound(pattern, email); });
}

// dbt writes a date or a date and time.
std::optional<manifest::Timestamp> DeprecationOf(const Node& model) {
  const std::string& written = model.deprecation_date;
  return manifest::ParseTimestamp(written.size() == 10 ? written + "T00:00:00" : written);
}

std::string ShownName(const Node& model) {
  return "model `" + model.name + (model.version.empty() ? "" : ".v" + model.version) + "`";
}

void CheckVersions(const RequiredVersions& required, const Project& project, const Node& model, audit::Time now,
                   Reasons* reasons) {
  if (required.latest_only && model.version != model.latest_version) {
    reasons->Add(kGateVersion, ShownName(model) + " is not the latest version, which is " + model.latest_version +
                                   "; turn to that one");
  }
  if (IsDeprecated(model, now)) {
    reasons->Add(kGateVersion,
                 ShownName(model) + (DeprecationOf(model) ? " is deprecated since " + model.deprecation_date.substr(0, 10)
                                                          : " has a `deprecation_date` that cannot be read") +
                     "; turn to a model that is kept up",
                 required.deprecated == WhenEvidence::kHold);
  }
  if (!required.max_active || model.version.empty()) return;
  const auto active = std::count_if(project.nodes.begin(), project.nodes.end(), [&](const Node& one) {
    return one.name == model.name && one.package == model.package && !one.version.empty() && !IsDeprecated(one, now);
  });
  if (active <= *required.max_active) return;
  reasons->Add(kGateVersion, "model `" + model.name + "` has " + std::to_string(active) +
                                 " versions in use, more than `max_active: " + std::to_string(*required.max_active) +
                                 "`; give old ones a `deprecation_date`, or remove them");
}

// 0: none of these.
std::size_t RankOf(std::string_view maturity) {
  static constexpr std::array<std::string_view, 3> kOrder = {"low", "medium", "high"};
  const auto found = std::find(kOrder.begin(), kOrder.end(), maturity);
  return found == kOrder.end() ? 0 : static_cast<std::size_t>(found - kOrder.begin()) + 1;
}

}  // namespace

bool IsDeprecated(const Node& model, audit::Time now) {
  if (model.deprecation_date.empty()) return false;
  const auto date = DeprecationOf(model);
  return !date || std::chrono::time_point_cast<std::chrono::microseconds>(*date) <= now;
}

void CheckModelFacts(const Requirement& requirement, const Project& project, const Node& model, audit::Time now,
                     std::vector<GateReason>* out) {
  Reasons reasons(requirement, model.unique_id, out);
  const std::vector<std::string>& access = requirement.access;
  if (!access.empty() && std::find(access.begin(), access.end(), model.access) == access.end()) {
    reasons.Add(kGateAccess, ShownName(model) + (model.access.empty() ? " has no `access`" : " has access `" + model.access + "`") +
                                 ", and " + Listed(access) + (access.size() > 1 ? " are what is allowed" : " is required") +
                                 "; set `access`, or put a model with it over this one");
  }
  if (requirement.contract && !model.contract_enforced) {
    reasons.Add(kGateContract, ShownName(model) + " has no enforced contract; set `contract: {enforced: true}` in its `config`");
  }
  if (requirement.versions) CheckVersions(*requirement.versions, project, model, now, &reasons);
  if (requirement.groups) {
    const std::vector<std::string>& names = requirement.groups->names;
    const bool good = names.empty() ? !model.group.empty()
                                    : std::find(names.begin(), names.end(), model.group) != names.end();
    if (!good) {
      reasons.Add(kGateGroup, ShownName(model) + (model.group.empty() ? " is in no group" : " is in group `" + model.group + "`") +
                                  (names.empty() ? "" : ", and must be in " + std::string(names.size() > 1 ? "one of " : "") +
                                                            Listed(names)) +
                                  "; set `group` in its `config`");
    }
  }
}

void CheckModelOwner(const Requirement& requirement, const Project& project, const Node& model,
                     std::vector<GateReason>* out) {
  if (requirement.owner_email_pattern.empty()) return;
  std::vector<manifest::Text> emails;
  for (const manifest::Group& group : project.groups) {
    if (group.name == model.group && group.package == model.package) {
      emails.insert(emails.end(), group.owner.emails.begin(), group.owner.emails.end());
    }
  }
  AddEmails(model.meta.Find("owner"), &emails);
  if (AnyMatches(emails, requirement.owner_email_pattern)) return;
  Reasons(requirement, model.unique_id, out)
      .Add(kGateOwner, ShownName(model) + " has no owner whose email matches `" + requirement.owner_email_pattern +
                           "`; put it in a group with one, or set `meta: {owner: ...}`");
}

void CheckExposureFacts(const Requirement& requirement, const Exposure& exposure, std::vector<GateReason>* out) {
  Reasons reasons(requirement, exposure.unique_id, out);
  if (!requirement.owner_email_pattern.empty() && !AnyMatches(exposure.owner.emails, requirement.owner_email_pattern)) {
    reasons.Add(kGateOwner, "exposure `" + exposure.name + "` has no owner whose email matches `" +
                                requirement.owner_email_pattern + "`; set `owner: {email: ...}`");
  }
  if (!requirement.maturity.empty() && RankOf(exposure.maturity) < RankOf(requirement.maturity)) {
    reasons.Add(kGateMaturity, "exposure `" + exposure.name + "` has " +
                                   (exposure.maturity.empty() ? "no `maturity`" : "maturity `" + exposure.maturity + "`") +
                                   ", and at least `" + requirement.maturity + "` is required; set `maturity: " +
                                   requirement.maturity + "` when it is");
  }
}

void CheckSourceFacts(const Requirement& requirement, const Source& source, std::vector<GateReason>* out) {
  if (requirement.owner_email_pattern.empty()) return;
  std::vector<manifest::Text> emails;
  AddEmails(source.meta.Find("owner"), &emails);
  if (AnyMatches(emails, requirement.owner_email_pattern)) return;
  Reasons(requirement, source.unique_id, out)
      .Add(kGateOwner, "source `" + source.source_name + "." + source.name + "` has no owner whose email matches `" +
                           requirement.owner_email_pattern + "`; set `meta: {owner: ...}`");
}

void CheckFreshConfigured(const Requirement& requirement, const Source& source, std::vector<GateReason>* out) {
  if (!requirement.fresh || source.freshness) return;
  Reasons(requirement, source.unique_id, out)
      .Add(kGateFreshness, "source `" + source.source_name + "." + source.name +
                               "`: dbt checks no freshness of it; give it `loaded_at_field` and `freshness`");
}

void CheckSyncFacts(const Requirement& requirement, const Selection& selection, const Project& project,
                    const SyncDecision& decision, audit::Time now, std::vector<GateReason>* out) {
  if (requirement.for_what == "source") {
    for (const Source* source : project.SourcesAbove(decision.model->unique_id)) {
      if (selection.Has(source->unique_id)) CheckSourceFacts(requirement, *source, out);
    }
    return;
  }
  CheckModelFacts(requirement, project, *decision.model, now, out);
  if (requirement.for_what == "model") return CheckModelOwner(requirement, project, *decision.model, out);
  if (const Exposure* exposure = project.FindExposure(decision.sync->exposure_id)) {
    return CheckExposureFacts(requirement, *exposure, out);
  }
  Reasons reasons(requirement, decision.sync->id, out);
  if (!requirement.owner_email_pattern.empty()) {
    reasons.Add(kGateOwner, "a sync of weir.yml has no exposure and so no owner; declare it in an exposure");
  }
  if (!requirement.maturity.empty()) {
    reasons.Add(kGateMaturity, "a sync of weir.yml has no exposure and so no maturity; declare it in an exposure");
  }
}

}  // namespace weir::policies
