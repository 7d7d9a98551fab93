#include "manifest/evidence.h"
#include "manifest/run_command.h"

namespace weir::manifest {

std::string_view Name(FreshnessVerdict verdict) {
  switch (verdict) {
    case FreshnessVerdict::kFresh:
      return "fresh";
    case FreshnessVerdict::kWarned:
      return "warned";
    case FreshnessVerdict::kStale:
      return "stale";
    case FreshnessVerdict::kMissing:
      return "missing";
    case FreshnessVerdict::kNotChecked:
      return "not checked";
  }
  return "missing";
}

FreshnessEvidence FreshnessOf(const Artifacts& artifacts, const Source& source) {
  FreshnessEvidence evidence;
  evidence.source = &source;
  const FreshnessResult* found = nullptr;
  if (artifacts.freshness) {
    for (const FreshnessResult& result : artifacts.freshness->results) {
      if (result.unique_id != source.unique_id) continue;
      if (found != nullptr) {
        evidence.reason = "is in sources.json twice";
        return evidence;
      }
      found = &result;
    }
  }
  if (found == nullptr) {
    if (!source.freshness) {
      evidence.verdict = FreshnessVerdict::kNotChecked;
      evidence.reason = "has no `freshness` in dbt";
    } else if (!artifacts.freshness) {
      evidence.reason = "there is no sources.json; run `dbt source freshness`";
    } else {
      evidence.reason = "is not in sources.json: its check crashed, or was not selected";
    }
    return evidence;
  }
  evidence.max_loaded_at = found->max_loaded_at;
  const std::string status = LowerStatus(found->status);
  const std::string loaded =
      found->max_loaded_at.empty() ? std::string() : ", last loaded at " + found->max_loaded_at;
  if (status == "pass") {
    evidence.verdict = FreshnessVerdict::kFresh;
    evidence.reason = "fresh" + loaded;
  } else if (status == "warn") {
    evidence.verdict = FreshnessVerdict::kWarned;
    evidence.reason = "older than `warn_after`" + loaded;
  } else if (status == "error") {
    evidence.verdict = FreshnessVerdict::kStale;
    evidence.reason = "older than `error_after`" + loaded;
  } else if (status == "runtime error") {
    evidence.reason = "its check ended in an error";
  } else {
    evidence.reason = "has the status `" + found->status + "`, which weir does not know";
  }
  return evidence;
}

}  // namespace weir::manifest
