#include "policies/gate.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "audit/digest.h"
#include "manifest/selector.h"
#include "policies/gate_tests.h"
#include "policies/pattern.h"

namespace weir::policies {
namespace {

using manifest::Artifacts;
using manifest::FreshnessEvidence;
using manifest::FreshnessVerdict;

// Requirements and sources that a selector picks, asked once.
class Selection {
 public:
  Selection(const std::string& select, const manifest::Project& project) {
    std::string error;
    const auto selector = manifest::Selector::Parse(select, &error);
    // Validation has refused it; an unreadable one selects everything, so that nothing escapes it.
    all_ = !selector;
    if (selector) ids_ = selector->Select(project);
  }
  bool Has(const std::string& id) const { return all_ || std::binary_search(ids_.begin(), ids_.end(), id); }

 private:
  bool all_ = false;
  std::vector<std::string> ids_;
};

void AddOwnerReason(const Requirement& requirement, const manifest::Project& project, const SyncSpec& sync,
                    std::vector<GateReason>* reasons) {
  if (const manifest::Exposure* exposure = project.FindExposure(sync.exposure_id)) {
    if (auto reason = OwnerReason(requirement, *exposure)) reasons->push_back(std::move(*reason));
    return;
  }
  reasons->push_back({std::string(kGateOwner),
                      "a sync of weir.yml has no exposure and so no owner; declare it in an exposure",
                      !requirement.warn_only, requirement.id});
}

// What the requirement selects, when it is about this sync.
std::optional<Selection> Selects(const Requirement& requirement, const manifest::Project& project,
                                 const SyncDecision& decision) {
  Selection selection(requirement.select, project);
  bool selects = false;
  if (requirement.for_what == "model") {
    selects = selection.Has(decision.model->unique_id);
  } else if (requirement.for_what == "source") {
    const auto above = project.SourcesAbove(decision.model->unique_id);
    selects = std::any_of(above.begin(), above.end(),
                          [&](const manifest::Source* source) { return selection.Has(source->unique_id); });
  } else {
    // A sync of weir.yml has no exposure that could be selected or left out: every requirement of syncs is
    // its own.
    selects = decision.sync->exposure_id.empty() || selection.Has(decision.sync->exposure_id);
  }
  return selects ? std::optional<Selection>(std::move(selection)) : std::nullopt;
}

class Gate {
 public:
  Gate(const Policy& policy, const Artifacts& artifacts, const SyncDecision& decision, audit::Time now)
      : policy_(policy), artifacts_(artifacts), decision_(decision), now_(now) {}

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
    for (const Requirement& requirement : policy_.requirements) {
      const std::optional<Selection> selection = Selects(requirement, artifacts_.project, decision_);
      if (!selection) continue;
      if (requirement.tests) {
        // One that only warns does not take the place of the default, which holds.
        tests = tests || !requirement.warn_only;
        CheckTests(requirement, decision_, out_.tests, now_, &out_.reasons);
      }
      if (requirement.fresh) CheckFresh(requirement, *selection);
      if (!requirement.owner_email_pattern.empty()) {
        AddOwnerReason(requirement, artifacts_.project, *decision_.sync, &out_.reasons);
      }
      if (!requirement.warn_only) TakeGuards(requirement);
    }
    if (!tests) CheckTests(Requirement{}, decision_, out_.tests, now_, &out_.reasons);
    CheckTransfer();
    return Close();
  }

 private:
  void Add(std::string_view code, bool holds, std::string text, const std::string& requirement) {
    out_.reasons.push_back({std::string(code), std::move(text), holds, requirement});
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
        Add(kGateFreshness, false, text + evidence.reason, requirement.id);
      if (evidence.verdict != FreshnessVerdict::kFresh && evidence.verdict != FreshnessVerdict::kWarned) {
        const bool configured = evidence.verdict != FreshnessVerdict::kNotChecked;
        Add(kGateFreshness, holds,
            text + evidence.reason +
                (configured ? "; load it, run `dbt source freshness` and `dbt build`"
                            : "; give it `loaded_at_field` and `freshness`, run `dbt source freshness`"),
            requirement.id);
        continue;
      }
      if (!requirement.fresh_max_age_seconds) continue;
      const auto age = AgeSeconds(evidence.max_loaded_at, now_);
      if (age && *age <= *requirement.fresh_max_age_seconds) continue;
      Add(kGateSourceAge, holds,
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

  GateVerdict Close() {
    const auto key = [](const GateReason& reason) {
      return std::tie(reason.code, reason.text, reason.requirement);
    };
    std::sort(out_.reasons.begin(), out_.reasons.end(), [&](const GateReason& a, const GateReason& b) {
      return a.holds != b.holds ? a.holds : key(a) < key(b);
    });
    // Two requirements that ask the same say it once; a reason that holds stands before one that is only
    // told.
    std::set<std::pair<std::string, std::string>> said;
    std::erase_if(out_.reasons,
                  [&](const GateReason& reason) { return !said.emplace(reason.code, reason.text).second; });
    out_.open = std::none_of(out_.reasons.begin(), out_.reasons.end(),
                             [](const GateReason& reason) { return reason.holds; });
    out_.digest = Digest();
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
  GateVerdict out_;
};

}  // namespace

std::optional<GateReason> OwnerReason(const Requirement& requirement, const manifest::Exposure& exposure) {
  const std::vector<std::string>& emails = exposure.owner.emails;
  const bool matches = std::any_of(emails.begin(), emails.end(), [&](const std::string& email) {
    return PatternFound(requirement.owner_email_pattern, email);
  });
  if (matches) return std::nullopt;
  return GateReason{std::string(kGateOwner),
                    "exposure `" + exposure.name + "` has no owner whose email matches `" +
                        requirement.owner_email_pattern + "`; set `owner: {email: ...}`",
                    !requirement.warn_only, requirement.id};
}

std::vector<GateReason> MissingForGate(const Policy& policy, const manifest::Project& project,
                                       const SyncDecision& decision) {
  std::vector<GateReason> out;
  if (decision.model == nullptr) return out;
  // As if every test that exists had passed a moment ago.
  std::vector<manifest::TestEvidence> evidence;
  for (const manifest::Test* test : project.TestsOf(decision.model->unique_id)) {
    evidence.push_back({test, manifest::TestVerdict::kPassed, "", "", ""});
  }
  bool tests = false;
  const auto check = [&](const Requirement& requirement) {
    std::vector<GateReason> reasons;
    CheckTests(requirement, decision, evidence, {}, &reasons);
    for (GateReason& reason : reasons) {
      if (reason.code != kGateOld) out.push_back(std::move(reason));
    }
  };
  for (const Requirement& requirement : policy.requirements) {
    if (!Selects(requirement, project, decision)) continue;
    tests = tests || (requirement.tests && !requirement.warn_only);
    if (requirement.tests) check(requirement);
    if (!requirement.owner_email_pattern.empty()) AddOwnerReason(requirement, project, *decision.sync, &out);
  }
  if (!tests) check(Requirement{});
  return out;
}

std::vector<std::string> RequirementsOf(const Policy& policy, const manifest::Project& project,
                                        const SyncDecision& decision) {
  std::vector<std::string> ids;
  if (decision.model == nullptr || decision.sync == nullptr) return ids;
  for (const Requirement& requirement : policy.requirements) {
    if (Selects(requirement, project, decision)) ids.push_back(requirement.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

GateVerdict EvaluateGate(const Policy& policy, const Artifacts& artifacts, const SyncDecision& decision,
                         audit::Time now) {
  return Gate(policy, artifacts, decision, now).Run();
}

}  // namespace weir::policies
