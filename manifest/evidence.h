#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/artifacts.h"
#include "manifest/project.h"

namespace weir::manifest {

// What dbt's artifacts prove of one test. manifest/README.md has the rules and why; the chief of them: compile and docs
// generate overwrite run_results.json with tests that never ran.
enum class TestVerdict : std::uint8_t {
  kPassed,
  kWarned,
  kFailed,
  kErrored,
  kSkipped,
  kNotRun,            // not in the results
  kNoEvidence,        // the results are of a command that runs no tests, over no or some rows, or are absent
  kStale,             // ran before the model's last build, or on other code
  kOtherEnvironment,  // ran against another relation
  kUnknown,           // a status that is not known
};
std::string_view Name(TestVerdict verdict);  // "passed", "not run", …

struct TestEvidence {
  const Test* test = nullptr;  // points into the project
  TestVerdict verdict = TestVerdict::kNoEvidence;
  std::string reason;  // a whole clause for a person: "`dbt docs generate` overwrote run_results.json: no test ran; …"
  std::string completed_at;  // when the test's SQL ended, as dbt wrote it; empty: unknown
  std::string invocation_id;
  const RunResults* run = nullptr;  // the run that it comes from; points into the artifacts; null: none
};

// kMissing: not in sources.json, there twice, or its check ended in an error; kNotChecked: dbt has no rule for it.
enum class FreshnessVerdict : std::uint8_t { kFresh, kWarned, kStale, kMissing, kNotChecked };
std::string_view Name(FreshnessVerdict verdict);
struct FreshnessEvidence {
  const Source* source = nullptr;
  FreshnessVerdict verdict = FreshnessVerdict::kMissing;
  std::string reason;
  std::string max_loaded_at;
};

struct BuildEvidence {
  bool known = false;      // the results hold the model
  bool succeeded = false;  // success (not error, skipped, partial success); `reused` counts and is named in the reason
  std::string status;
  std::string reason;
  std::string completed_at;
  const RunResults* run = nullptr;  // as TestEvidence's
};

// Everything that the artifacts of one target folder say, and earlier runs where somebody kept them. Owns the artifacts;
// the evidence points into them.
struct Artifacts {
  std::string folder;
  Project project;
  std::optional<RunResults> run_results;
  std::vector<RunResults> earlier_runs;  // earlier_runs.h; of other invocations than run_results, each once
  // A time as dbt writes it: results up to it do not count, since later ones were forgotten that may say otherwise. Empty:
  // nothing was forgotten.
  std::string forgotten_until;
  std::optional<SourceFreshness> freshness;
  std::optional<Catalog> catalog;
};
// Reads manifest.json (required), run_results.json, sources.json, catalog.json. Throws ArtifactError; an artifact that
// is there but wrong throws too, an absent optional one is nullopt.
Artifacts ReadArtifacts(const std::string& folder);

// `relation`: what the sync is going to read of the node that the test is attached to, as relation_name; evidence for
// another relation does not count. Empty means the manifest's own. Fails closed: what cannot be shown is no evidence.
TestEvidence EvidenceOf(const Artifacts& artifacts, const Test& test, std::string_view relation);
BuildEvidence BuildOf(const Artifacts& artifacts, const Node& node);
FreshnessEvidence FreshnessOf(const Artifacts& artifacts, const Source& source);

}  // namespace weir::manifest
