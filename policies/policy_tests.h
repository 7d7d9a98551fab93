#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "manifest/project.h"
#include "policies/policy.h"
#include "policies/sync_spec.h"

namespace weir::policies {

// The policy's `tests:` run against a project. The same decisions as everywhere else, none of its own.

struct TestResult {
  const TestCase* test = nullptr;
  std::size_t cases = 0;               // decisions that were asked for
  std::vector<std::string> failures;   // what was expected, what was decided and by which rules
  bool passed() const { return failures.empty(); }
};

struct Uncovered {  // a rule or requirement that no test exercised
  std::string id;
  std::string what;  // "never", "give", "rows", "require"
  Located at;
};

struct PolicyTestReport {
  std::vector<TestResult> results;  // as the policy lists them
  std::vector<Uncovered> uncovered; // sorted by id
  std::size_t rules = 0;            // rules and requirements of the policy
  std::size_t failed() const;
  double percent() const;           // of them that a test exercised; 100 when there are none
};

// A rule is exercised when a test's column is decided by it, or a test of a sync says that it applies. Pointers into
// `policy`, which outlives the report. A test that finds nothing to ask about fails.
PolicyTestReport RunPolicyTests(const Policy& policy, const manifest::Project& project,
                                const std::vector<SyncSpec>& syncs);

// JUnit, by the schema of Jenkins' xUnit plugin: a suite for each file with tests; with `fail_under`, in percent, another
// of what no test exercised: failed when coverage is below, else skipped. `made_at`: RFC 3339.
std::string RenderTestsJunit(const PolicyTestReport& report, std::optional<double> fail_under, const std::string& made_at);

}  // namespace weir::policies
