#include "policies/check_requirements.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "manifest/column_names.h"
#include "policies/audience.h"
#include "policies/check_positions.h"
#include "policies/gate_codes.h"
#include "policies/gate_facts.h"
#include "policies/gate_lifting.h"
#include "policies/gate_tests.h"
#include "policies/policy_document.h"
#include "policies/unmatched.h"
#include "policies/waiver_target.h"

namespace weir::policies {
namespace {

using manifest::Exposure;
using manifest::Node;
using manifest::Source;

// Reasons about tests speak of the columns that a sync sends and matches by, so they stay findings of the sync.
bool IsAboutTests(const GateReason& reason) {
  return reason.code == kGatePrimaryKey || reason.code == kGateByClass || reason.code == kGateNoTest;
}

bool AsksRuns(const Requirement& requirement) {
  return requirement.tests || requirement.fresh || requirement.HasGuards() || requirement.k_anonymity;
}

class Unmet {
 public:
  Unmet(const CheckSide& side, const std::vector<SyncDecision>& decisions)
      : policy_(*side.policy),
        project_(*side.project),
        syncs_(*side.syncs),
        now_(side.now),
        positions_(*side.project, side.declarations, side.folder),
        selections_(SelectionsOf(*side.policy, *side.project)),
        waivers_(*side.policy, *side.project, side.now) {
    for (const SyncDecision& decision : decisions) AddSync(decision);
    for (const Exposure* exposure : ExposuresWithoutSync(project_, *side.syncs)) AddExposure(*exposure);
    for (const Waiver& waiver : policy_.waivers) AddWaiver(waiver);
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  const Requirement* FindRequirement(const std::string& id) const {
    const auto found = std::find_if(policy_.requirements.begin(), policy_.requirements.end(),
                                    [&](const Requirement& one) { return one.id == id; });
    return found == policy_.requirements.end() ? nullptr : &*found;
  }

  void AddSync(const SyncDecision& decision) {
    if (decision.model == nullptr) return;
    Finding base;
    base.target = decision.sync->id;
    base.destination = decision.sync->destination;
    base.SetPlace(positions_.Of(*decision.sync));
    const Subjects subjects = SubjectsOf(*decision.sync);
    for (std::size_t i = 0; i < selections_.size(); ++i) {
      const Requirement& requirement = policy_.requirements[i];
      if (!Concerns(requirement, selections_[i], project_, decision)) continue;
      Subjects concerned = subjects;
      concerned.push_back(decision.model->unique_id);
      if (requirement.fresh) {
        for (const Source* source : project_.SourcesAbove(decision.model->unique_id)) concerned.push_back(source->unique_id);
      }
      if (AsksRuns(requirement)) NoteConcerned(requirement, concerned);
      if (requirement.k_anonymity && CountsNothing(*requirement.k_anonymity, decision) && NamesColumns(requirement, selections_[i])) {
        AddCountless(requirement, base);
      }
    }
    for (const GateReason& reason : MissingForGate(policy_, project_, decision, selections_, waivers_, now_)) {
      Add(reason, base, subjects);
    }
  }

  // What is not sent makes no groups: nothing would be counted, in silence.
  static bool CountsNothing(const KAnonymity& asked, const SyncDecision& decision) {
    return std::none_of(decision.columns.begin(), decision.columns.end(), [&](const ColumnDecision& column) {
      const bool leaves = (column.use == Use::kSend || column.use == Use::kMatch) && column.transform.kind < TransformKind::kDrop;
      return leaves && std::any_of(asked.columns.begin(), asked.columns.end(), [&](const std::string& name) {
               return manifest::EqualIgnoringCase(name, column.column);
             });
    });
  }

  // A column that nobody documents is told as such.
  bool NamesColumns(const Requirement& requirement, const Selection& selection) const {
    const std::vector<Unmatched> unmatched = UnmatchedNames(requirement, selection, project_);
    return std::none_of(unmatched.begin(), unmatched.end(), [](const Unmatched& one) { return one.gate_code == kGateNoColumn; });
  }

  void AddCountless(const Requirement& requirement, const Finding& base) {
    Finding finding = base;
    finding.rule = "k-anonymity-unsent";
    finding.level = FindingLevel::kWarning;
    finding.detail = requirement.id;
    finding.message = "requirement `" + requirement.id + "` counts groups by " + Listed(requirement.k_anonymity->columns) +
                      ", none of which this sync sends, so it counts nothing; name columns that it sends, or select other syncs";
    out_.push_back(std::move(finding));
  }

  // A dashboard has an audience too: what is required of exposures is asked of those that declare no sync as well, and so
  // is what is required of the models and sources under them.
  void AddExposure(const Exposure& exposure) {
    Finding base;
    base.target = "exposure:" + exposure.name;
    base.SetPlace(positions_.Of(exposure));
    const std::vector<const Node*> shown = AudienceOf(policy_, project_, exposure).models;
    for (std::size_t i = 0; i < selections_.size(); ++i) {
      const Requirement& requirement = policy_.requirements[i];
      const Selection& selection = selections_[i];
      std::vector<GateReason> reasons;
      if (requirement.for_what == "exposure" && selection.Has(exposure.unique_id)) {
        CheckExposureFacts(requirement, exposure, &reasons);
        for (const Node* model : shown) CheckShown(requirement, *model, &reasons);
        if (requirement.fresh) {
          for (const Source* source : project_.SourcesAbove(exposure.unique_id)) {
            CheckFreshConfigured(requirement, *source, &reasons);
          }
        }
      } else if (requirement.for_what == "model") {
        for (const Node* model : shown) {
          if (!selection.Has(model->unique_id)) continue;
          CheckShown(requirement, *model, &reasons);
          CheckModelOwner(requirement, project_, *model, &reasons);
        }
      } else if (requirement.for_what == "source") {
        for (const Source* source : project_.SourcesAbove(exposure.unique_id)) {
          if (!selection.Has(source->unique_id)) continue;
          CheckSourceFacts(requirement, *source, &reasons);
          CheckFreshConfigured(requirement, *source, &reasons);
        }
      }
      const Subjects subjects = {exposure.unique_id};
      Lift(requirement, waivers_, subjects, 0, &reasons);
      for (const GateReason& reason : reasons) Add(reason, base, subjects);
    }
  }

  void CheckShown(const Requirement& requirement, const Node& model, std::vector<GateReason>* reasons) const {
    CheckModelFacts(requirement, project_, model, now_, reasons);
    if (requirement.tests) CheckModelTests(requirement, policy_, project_, model, reasons);
  }

  void NoteConcerned(const Requirement& requirement, const Subjects& subjects) {
    for (const std::string& subject : subjects) concerned_.emplace(requirement.id, subject);
  }

  void Add(const GateReason& reason, const Finding& base, const Subjects& of) {
    Finding finding = base;
    const Requirement* const requirement = FindRequirement(reason.requirement);
    if (requirement != nullptr) SetTarget(*requirement, reason, of, &finding);
    finding.rule = reason.requirement.empty() ? "gate-test-missing" : reason.requirement;
    const bool lifted_error = reason.waiver != nullptr && reason.would_hold && !reason.observed;
    finding.level = reason.holds || lifted_error ? FindingLevel::kError : FindingLevel::kWarning;
    finding.message = reason.text + LiftedText(nullptr, reason.observed);
    if (!reason.lacks.empty()) finding.covers = {reason.lacks};
    finding.about = of;
    if (!reason.subject.empty()) finding.about.push_back(reason.subject);
    if (requirement != nullptr) {
      finding.reported = requirement->report;
      NoteConcerned(*requirement, finding.about);
    }
    if (reason.waiver != nullptr) {
      finding.suppressed_by = reason.waiver->id;
      finding.suppression = ToText(*reason.waiver);
    }
    out_.push_back(std::move(finding));
  }

  // What is required of models and sources is a finding of theirs, once, whoever uses them.
  void SetTarget(const Requirement& requirement, const GateReason& reason, const Subjects& of, Finding* finding) const {
    const Node* const model = project_.FindNode(reason.subject);
    const Source* const source = project_.FindSource(reason.subject);
    const bool of_dashboard = finding->destination.empty();
    if (IsAboutTests(reason) && !(requirement.for_what == "model" && of_dashboard)) {
      if (of_dashboard) finding->detail = reason.code + "/" + reason.subject;
      return;
    }
    if (requirement.for_what == "model" && model != nullptr) {
      finding->target = "model:" + model->name + (model->version.empty() ? "" : ".v" + model->version);
      finding->SetPlace(positions_.Of(model->unique_id, {finding->path, finding->line, finding->line_column}));
    } else if (requirement.for_what == "source" && source != nullptr) {
      finding->target = "source:" + source->source_name + "." + source->name;
      finding->SetPlace(positions_.Of(source->unique_id, {finding->path, finding->line, finding->line_column}));
    } else if (reason.code == kGateOwner && (of.empty() || reason.subject == of.front())) {
      return;  // known by its rule and target alone
    }
    if (finding->target.starts_with("model:") || finding->target.starts_with("source:")) finding->destination.clear();
    finding->detail = reason.code + "/" + reason.subject;
  }

  void AddWaiver(const Waiver& waiver) {
    const WaiverTarget target = FindWaiverTarget(waiver, project_, &syncs_);
    const bool lifts = !target.subject.empty() && concerned_.contains({waiver.rule, target.subject});
    const bool expired = waivers_.IsExpired(waiver);
    if (lifts && !expired) return;
    Finding finding;
    finding.rule = expired ? "waiver-expired" : "waiver-unused";
    finding.level = expired && lifts ? FindingLevel::kError : FindingLevel::kWarning;
    finding.target = waiver.target;
    finding.detail = waiver.id;
    finding.message = "waiver `" + waiver.id + "` of requirement `" + waiver.rule + "` ";
    if (expired) {
      finding.message += "expired on " + waiver.expires +
                         (lifts ? "; meet the requirement, or have the waiver approved anew" : " and lifts nothing; remove it");
    } else {
      finding.message += "lifts nothing: " + (target.subject.empty() ? target.problem
                                                                     : "nothing is wrong with `" + waiver.target + "`; remove it");
    }
    finding.path = waiver.at.file;
    finding.line = waiver.at.position.line;
    finding.line_column = waiver.at.position.column;
    out_.push_back(std::move(finding));
  }

  const Policy& policy_;
  const manifest::Project& project_;
  const std::vector<SyncSpec>& syncs_;
  audit::Time now_;
  Positions positions_;
  std::vector<Selection> selections_;
  Waivers waivers_;
  std::set<std::pair<std::string, std::string>> concerned_;  // requirement, subject: there is, or may be, something to lift
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindUnmet(const CheckSide& side, const std::vector<SyncDecision>& decisions) {
  return Unmet(side, decisions).Take();
}

}  // namespace weir::policies
