#pragma once

#include <vector>

#include "policies/gate.h"
#include "policies/selection.h"

namespace weir::policies {

// What a requirement asks of what the project declares (access, contract, versions, group, owner, maturity, configured
// freshness): no run of dbt can answer it, so a pull request is told, too. Reasons are appended; each has its subject.

void CheckModelFacts(const Requirement& requirement, const manifest::Project& project, const manifest::Node& model,
                     audit::Time now, std::vector<GateReason>* reasons);
void CheckExposureFacts(const Requirement& requirement, const manifest::Exposure& exposure,
                        std::vector<GateReason>* reasons);
// Its owner. That its freshness is configured is for CheckFreshConfigured.
void CheckSourceFacts(const Requirement& requirement, const manifest::Source& source, std::vector<GateReason>* reasons);
// The owner of a model (that of its group, or `meta.owner`); where `for: model` asks for one.
void CheckModelOwner(const Requirement& requirement, const manifest::Project& project, const manifest::Node& model,
                     std::vector<GateReason>* reasons);

// All of them that the requirement asks of a sync, whose model is known.
void CheckSyncFacts(const Requirement& requirement, const Selection& selection, const manifest::Project& project,
                    const SyncDecision& decision, audit::Time now, std::vector<GateReason>* reasons);

// Whether dbt checks the source at all, where the requirement asks for freshness.
void CheckFreshConfigured(const Requirement& requirement, const manifest::Source& source,
                          std::vector<GateReason>* reasons);

// Past its deprecation_date; one that cannot be read counts as past.
bool IsDeprecated(const manifest::Node& model, audit::Time now);

}  // namespace weir::policies
