#include "policies/gate.h"

#include <algorithm>
#include <tuple>

#include "audit/digest.h"
#include "policies/gate_facts.h"
#include "policies/gate_lifting.h"
#include "policies/gate_tests.h"
#include "policies/unmatched.h"

namespace weir::policies {
namespace {

using manifest::Artifacts;
using manifest::FreshnessEvidence;
using manifest::FreshnessVerdict;

// What a later run of dbt may bring by itself. A test or a build that failed is no such thing: somebody must mend it.
bool MayArrive(const GateReason& reason, const manifest::BuildEvidence& build, const manifest::Project& project) {
  if (reason.code == kGateFreshness || reason.code == kGateSourceAge) {
    const manifest::Source* const source = project.FindSource(reason.subject);
    return source != nullptr && source->freshness.has_value();
  }
  if (reason.code == kGateBuild) return !build.known;
  return reason.code == kGateMissing || reason.code == kGateOld || reason.may_arrive;
}

class Gate {
 public:
  Gate(const Policy& policy, const Artifacts& artifacts, const SyncDecision& decision, audit::Time now)
      : policy_(policy),
        artifacts_(artifacts),
        decision_(decision),
        now_(now),
        waivers_(policy, artifacts.project, now) {}

  GateVerdict Run() {
    if (decision_.model == nullptr || decision_.sync == nullptr) {
      Add(kGateNothing, true, "the sync's model is not in the project", "");
      return Close();
    }
    CheckBuild();
    for (const manifest::Test* test : artifacts_.project.TestsOf(decision_.model->unique_id)) {
      out_.tests.push_back(manifest::EvidenceOf(artifacts_, *test, decision_.model->relation_name));
    }
    std::sort(out_.tests.begin(), out_.tests.end(),
              [](const auto& a, const auto& b) { return a.test->unique_id < b.test->unique_id; });
    bool tests = false;
    const Subjects sync = SubjectsOf(*decision_.sync);
    const std::vector<Selection> selections = SelectionsOf(policy_, artifacts_.project);
    for (std::size_t i = 0; i < selections.size(); ++i) {
      const Requirement& requirement = policy_.requirements[i];
      const Selection& selection = selections[i];
      const std::size_t from = out_.reasons.size();
      const bool concerned = Concerns(requirement, selection, artifacts_.project, decision_);
      AddUnmatched(requirement, selection, concerned);
      if (!concerned) {
        Lift(requirement, waivers_, sync, from, &out_.reasons);
        continue;
      }
      if (requirement.tests) {
        // One that holds nothing does not take the place of the default, which holds. One that is waived does: whoever
        // waives it lifts what it asks, and taking the waiver away must not open the gate.
        tests = tests || requirement.Enforced();
        CheckTests(requirement, decision_, out_.tests, now_, &out_.reasons);
      }
      if (requirement.fresh) CheckFresh(requirement, selection);
      CheckSyncFacts(requirement, selection, artifacts_.project, decision_, now_, &out_.reasons);
      TakeGuards(requirement);
      Lift(requirement, waivers_, sync, from, &out_.reasons);
      AddExpired(requirement, sync, from);
      if (requirement.Enforced() && requirement.fresh_wait_seconds) {
        const std::chrono::seconds wait(*requirement.fresh_wait_seconds);
        wait_ = wait_ ? std::min(*wait_, wait) : wait;
      }
    }
    if (!tests) CheckTests(Requirement{}, decision_, out_.tests, now_, &out_.reasons);
    CheckTransfer();
    return Close();
  }

 private:
  void Add(std::string_view code, bool holds, std::string text, const std::string& requirement) {
    GateReason reason;
    reason.code = code;
    reason.text = std::move(text);
    reason.holds = holds;
    reason.requirement = requirement;
    out_.reasons.push_back(std::move(reason));
  }

  // Whom a misspelt name meant, nobody knows: the requirement may be about this sync.
  void AddUnmatched(const Requirement& requirement, const Selection& selection, bool concerned) {
    for (Unmatched& unmatched : UnmatchedNames(requirement, selection, artifacts_.project)) {
      if (unmatched.gate_code.empty() || (unmatched.of_some_syncs && !concerned)) continue;
      Add(unmatched.gate_code, !requirement.warn_only, std::move(unmatched.text), requirement.id);
      out_.reasons.back().place = ToText(requirement.at);
    }
  }

  void AddOf(const manifest::Source& source, std::string_view code, bool holds, std::string text,
             const std::string& requirement) {
    Add(code, holds, std::move(text), requirement);
    out_.reasons.back().subject = source.unique_id;
  }

  void AddExpired(const Requirement& requirement, Subjects subjects, std::size_t from) {
    if (requirement.HasGuards() || requirement.k_anonymity) {
      subjects.push_back(decision_.model->unique_id);
    } else if (from == out_.reasons.size()) {
      return;  // nothing to lift
    }
    for (std::size_t i = from; i < out_.reasons.size(); ++i) subjects.push_back(out_.reasons[i].subject);
    for (GateReason& expired : ExpiredWaivers(requirement, waivers_, subjects)) out_.reasons.push_back(std::move(expired));
  }

  void CheckBuild() {
    out_.build = manifest::BuildOf(artifacts_, *decision_.model);
    if (out_.build.known && out_.build.succeeded) return;
    Add(kGateBuild, true, "model `" + decision_.model->name + "`: " + out_.build.reason, "");
  }

  void CheckFresh(const Requirement& requirement, const Selection& selection) {
    const bool holds = !requirement.warn_only;
    const auto above = artifacts_.project.SourcesAbove(decision_.model->unique_id);
    if (above.empty()) {
      Add(kGateFreshness, false,
          "model `" + decision_.model->name + "` has no source above it whose freshness could be asked",
          requirement.id);
    }
    for (const manifest::Source* source : above) {
      if (requirement.for_what == "source" && !selection.Has(source->unique_id)) continue;
      const FreshnessEvidence evidence = manifest::FreshnessOf(artifacts_, *source);
      const bool known = std::any_of(out_.freshness.begin(), out_.freshness.end(),
                                     [&](const FreshnessEvidence& one) { return one.source == source; });
      if (!known) out_.freshness.push_back(evidence);
      const std::string text = "source `" + source->source_name + "." + source->name + "`: ";
      if (evidence.verdict == FreshnessVerdict::kWarned)
        AddOf(*source, kGateFreshness, false, text + evidence.reason, requirement.id);
      if (evidence.verdict != FreshnessVerdict::kFresh && evidence.verdict != FreshnessVerdict::kWarned) {
        const bool configured = evidence.verdict != FreshnessVerdict::kNotChecked;
        AddOf(*source, kGateFreshness, holds,
            text + evidence.reason +
                (configured ? "; load it, run `dbt source freshness` and `dbt build`"
                            : "; give it `loaded_at_field` and `freshness`, run `dbt source freshness`"),
            requirement.id);
        continue;
      }
      if (!requirement.fresh_max_age_seconds) continue;
      const auto age = AgeSeconds(evidence.max_loaded_at, now_);
      if (age && *age <= *requirement.fresh_max_age_seconds) continue;
      AddOf(*source, kGateSourceAge, holds,
          text +
              (age ? "last loaded at " + evidence.max_loaded_at + ", longer ago than " +
                         std::to_string(*requirement.fresh_max_age_seconds) + " seconds"
                   : "nothing shows when it was last loaded") +
              "; load it, run `dbt source freshness` and `dbt build`",
          requirement.id);
    }
  }

  // The stricter of two; a count and a share cannot be compared before the rows are counted.
  void TakeLimit(const std::optional<Limit>& limit, const char* name, const Requirement& requirement,
                 std::optional<Limit>* into) {
    if (!limit) return;
    if (!*into) {
      *into = limit;
    } else if ((*into)->percent != limit->percent) {
      Add(kGateGuards, true,
          "requirement " + requirement.id + " and another one write `" + std::string(name) +
              "` once as a count and once as a share; write both alike",
          requirement.id);
    } else {
      (*into)->value = std::min((*into)->value, limit->value);
    }
  }

  void TakeGuards(const Requirement& requirement) {
    if (!requirement.HasGuards() && !requirement.k_anonymity) return;
    Subjects subjects = SubjectsOf(*decision_.sync);
    subjects.push_back(decision_.model->unique_id);
    const Waiver* const waiver = waivers_.Find(requirement.id, subjects);
    std::string note = LiftedText(waiver, requirement.observe);
    if (note.empty() && requirement.warn_only) note = "; told only (`severity: warn`)";
    if (requirement.k_anonymity) {
      out_.anonymity.push_back({requirement.id, *requirement.k_anonymity, note.empty(), note});
    }
    if (note.empty()) return HoldGuards(requirement);
    if (requirement.HasGuards()) out_.told_guards.push_back({requirement.id, requirement.guards, note});
    if (waiver == nullptr && !requirement.observe) return;
    Add(kGateGuardsOff, false, "the guards of requirement `" + requirement.id + "` hold nothing back" + note,
        requirement.id);
    out_.reasons.back().subject = decision_.model->unique_id;
  }

  void HoldGuards(const Requirement& requirement) {
    TakeLimit(requirement.guards.max_deletes, "max_deletes", requirement, &out_.guards.max_deletes);
    TakeLimit(requirement.guards.max_changes, "max_changes", requirement, &out_.guards.max_changes);
    if (requirement.guards.min_rows) {
      out_.guards.min_rows = std::max(out_.guards.min_rows.value_or(0), *requirement.guards.min_rows);
    }
  }

  void CheckTransfer() {
    const DestinationFacts* destination = decision_.destination;
    if (destination == nullptr || destination->transfer_until.empty()) return;
    // Good through the whole day that it names, in UTC.
    const std::string today = audit::FormatTime(now_).substr(0, 10);
    if (today <= destination->transfer_until) return;
    Add(kGateTransfer, true,
        "the transfer mechanism `" + destination->transfer_mechanism + "` of destination `" +
            destination->name + "` ended on " + destination->transfer_until +
            "; renew it and `until` in the policy",
        "");
  }

  // Two requirements that ask the same say it once. What is sorted has a reason that holds before one that is only told,
  // which then says nothing more.
  void SayOnce() {
    std::vector<GateReason> once;
    for (GateReason& reason : out_.reasons) {
      const auto said = std::find_if(once.begin(), once.end(), [&](const GateReason& one) {
        return one.code == reason.code && one.text == reason.text;
      });
      if (said == once.end()) {
        once.push_back(std::move(reason));
      } else if (reason.holds && reason.requirement != said->requirement &&
                 (said->also.empty() || said->also.back() != reason.requirement)) {
        said->also.push_back(std::move(reason.requirement));
      }
    }
    out_.reasons = std::move(once);
  }

  GateVerdict Close() {
    for (GateReason& reason : out_.reasons) {
      if (reason.code != kGateGuardsOff) reason.text += LiftedText(reason.waiver, reason.observed);
    }
    const auto key = [](const GateReason& reason) {
      return std::tie(reason.code, reason.text, reason.requirement);
    };
    std::sort(out_.reasons.begin(), out_.reasons.end(), [&](const GateReason& a, const GateReason& b) {
      return a.holds != b.holds ? a.holds : key(a) < key(b);
    });
    SayOnce();
    out_.open = std::none_of(out_.reasons.begin(), out_.reasons.end(),
                             [](const GateReason& reason) { return reason.holds; });
    const bool may_open = !out_.open && std::all_of(out_.reasons.begin(), out_.reasons.end(), [&](const GateReason& reason) {
      return !reason.holds || MayArrive(reason, out_.build, artifacts_.project);
    });
    if (may_open) out_.wait = wait_;
    out_.digest = Digest();
    for (GateReason& reason : out_.reasons) {
      if (!reason.place.empty()) reason.text = reason.place + ": " + reason.text;
    }
    return std::move(out_);
  }

  // What was seen, without the time of looking: equal while dbt's evidence and the policy stand still.
  std::string Digest() const {
    std::string text;
    const auto add = [&text](std::string_view field) { audit::AppendField(&text, field); };
    add("weir gate v1");
    add(policy_.digest);
    add(artifacts_.project.digest);
    add(artifacts_.run_results ? artifacts_.run_results->digest : "");
    for (const manifest::RunResults& run : artifacts_.earlier_runs) add(run.digest);
    add(artifacts_.freshness ? artifacts_.freshness->digest : "");
    add(out_.build.status);
    add(out_.build.completed_at);
    for (const manifest::TestEvidence& one : out_.tests) {
      add(one.test->unique_id);
      add(manifest::Name(one.verdict));
      add(one.completed_at);
    }
    for (const FreshnessEvidence& one : out_.freshness) {
      add(one.source->unique_id);
      add(manifest::Name(one.verdict));
      add(one.max_loaded_at);
    }
    for (const GateReason& reason : out_.reasons) {
      add(reason.code);
      add(reason.text);
      add(reason.holds ? "holds" : "told");
    }
    return audit::Hex(audit::Sha256(text));
  }

  const Policy& policy_;
  const Artifacts& artifacts_;
  const SyncDecision& decision_;
  audit::Time now_;
  Waivers waivers_;
  std::optional<std::chrono::seconds> wait_;
  GateVerdict out_;
};

}  // namespace

Subjects SubjectsOf(const SyncSpec& sync) { return {sync.exposure_id.empty() ? sync.id : sync.exposure_id}; }

std::vector<GateReason> MissingForGate(const Policy& policy, const manifest::Project& project,
                                       const SyncDecision& decision, const std::vector<Selection>& selections,
                                       const Waivers& waivers, audit::Time now) {
  std::vector<GateReason> out;
  if (decision.model == nullptr) return out;
  // As if every test that exists had passed a moment ago.
  std::vector<manifest::TestEvidence> evidence;
  for (const manifest::Test* test : project.TestsOf(decision.model->unique_id)) {
    evidence.push_back({test, manifest::TestVerdict::kPassed, "", "", ""});
  }
  bool tests = false;
  const auto check = [&](const Requirement& requirement) {
    CheckTests(requirement, decision, evidence, {}, &out);
    std::erase_if(out, [](const GateReason& reason) { return reason.code == kGateOld; });
  };
  for (std::size_t i = 0; i < selections.size(); ++i) {
    const Requirement& requirement = policy.requirements[i];
    if (!Concerns(requirement, selections[i], project, decision)) continue;
    const std::size_t from = out.size();
    tests = tests || (requirement.tests && requirement.Enforced());
    if (requirement.tests) check(requirement);
    CheckSyncFacts(requirement, selections[i], project, decision, now, &out);
    if (requirement.fresh) {
      for (const manifest::Source* source : project.SourcesAbove(decision.model->unique_id)) {
        if (requirement.for_what == "source" && !selections[i].Has(source->unique_id)) continue;
        CheckFreshConfigured(requirement, *source, &out);
      }
    }
    Lift(requirement, waivers, SubjectsOf(*decision.sync), from, &out);
  }
  if (!tests) check(Requirement{});
  return out;
}

std::vector<std::string> RequirementsOf(const GateReason& reason) {
  std::vector<std::string> out;
  if (!reason.requirement.empty()) out.push_back(reason.requirement);
  out.insert(out.end(), reason.also.begin(), reason.also.end());
  return out;
}

std::vector<std::string> RequirementsOf(const Policy& policy, const manifest::Project& project,
                                        const SyncDecision& decision) {
  std::vector<std::string> ids;
  if (decision.model == nullptr || decision.sync == nullptr) return ids;
  for (const Requirement& requirement : policy.requirements) {
    if (Concerns(requirement, Selection(requirement, project), project, decision)) ids.push_back(requirement.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

GateVerdict EvaluateGate(const Policy& policy, const Artifacts& artifacts, const SyncDecision& decision,
                         audit::Time now) {
  return Gate(policy, artifacts, decision, now).Run();
}

}  // namespace weir::policies
