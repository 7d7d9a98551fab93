#pragma once

#include <string>

#include "manifest/diagnostic.h"
#include "policies/check.h"

namespace weir::policies {

// A baseline: the findings that a project had when it began to be checked, by their fingerprints. They count as existing
// from then on. What one pull request changes (policy-changed, gate-weakened, base-untrusted, …) is never in one.

// JSON, sorted by fingerprint, one finding a line, so that a merge of two branches reads well. Fixed findings are not in it.
std::string RenderBaseline(const CheckReport& report);

// New findings that `text` names become existing, those of it that are no more become fixed. False, and reported with
// `file` and the place, when it is no baseline; the report is then as it was.
bool ApplyBaseline(const std::string& text, const std::string& file, CheckReport* report,
                   manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
