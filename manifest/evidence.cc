#include "manifest/evidence.h"

#include <algorithm>

#include "manifest/relation.h"
#include "manifest/relation_mention.h"
#include "manifest/run_code.h"
#include "manifest/run_command.h"
#include "manifest/run_history.h"
#include "manifest/run_rows.h"
#include "manifest/timestamp.h"

namespace weir::manifest {
namespace {

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string At(const std::string& time) { return time.empty() ? std::string() : " at " + time; }

std::string Counted(const TestResult& result) {
  if (!result.failures) return {};
  return " with " + std::to_string(*result.failures) + (*result.failures == 1 ? " failure" : " failures");
}

void Judge(TestEvidence* evidence, TestVerdict verdict, std::string reason) {
  evidence->verdict = verdict;
  evidence->reason = std::move(reason);
}

void JudgeStatus(const TestResult& result, TestEvidence* evidence) {
  const std::string status = LowerStatus(result.status);
  if (status == "pass") {
    // dbt 2 with --skip-redundant-tests: the types and constraints of the model already imply the test.
    const bool by_proof = result.message == "Statically checked";
    Judge(evidence, TestVerdict::kPassed,
          by_proof ? "passed by static analysis (`Statically checked`): no SQL ran"
                   : "passed" + At(result.completed_at));
  } else if (status == "warn") {
    Judge(evidence, TestVerdict::kWarned, "warned" + Counted(result) + At(result.completed_at));
  } else if (status == "fail") {
    Judge(evidence, TestVerdict::kFailed, "failed" + Counted(result) + At(result.completed_at));
  } else if (status == "error" || status == "runtime error") {
    Judge(evidence, TestVerdict::kErrored,
          "could not run: its SQL ended in an error" + At(result.completed_at));
  } else if (status == "skipped") {
    Judge(evidence, TestVerdict::kSkipped, "was skipped, because something that it depends on failed");
  } else if (status == "success") {
    Judge(evidence, TestVerdict::kNoEvidence,
          "has the status `success`, which means compiled, not run" + std::string(kBuildLast));
  } else if (status == "reused") {
    Judge(evidence, TestVerdict::kNotRun, "was not run again (`reused`), and its earlier result is not here");
  } else if (status == "no-op") {
    Judge(evidence, TestVerdict::kNotRun, "was not run (`no-op`)");
  } else {
    Judge(evidence, TestVerdict::kUnknown,
          "has the status " + Quoted(result.status) + ", which weir does not know");
  }
}

// The relation that a node has in the manifest; empty: none.
std::string_view RelationOf(const Project& project, std::string_view unique_id) {
  if (const Node* node = project.FindNode(unique_id)) return node->relation_name;
  if (const Source* source = project.FindSource(unique_id)) return source->relation_name;
  return {};
}

// A test of several nodes counts for the one that is read, when it is among them.
std::string_view SubjectOf(const Project& project, const Test& test, std::string_view relation) {
  if (!test.attached_node.empty()) return test.attached_node;
  for (const Text& id : test.depends_on) {
    if (SameRelation(RelationOf(project, id), relation, project.metadata.adapter_type)) return id;
  }
  return test.depends_on.empty() ? std::string_view() : std::string_view(test.depends_on.front());
}

// Whether a result is of the relation that is wanted. `elsewhere`: it is shown to be of another one; `reason`: why it
// does not count, empty when it does.
struct Place {
  bool elsewhere = false;
  std::string reason;
};

Place PlaceOf(const Artifacts& artifacts, std::string_view subject, std::string_view wanted, const SeenResult& seen) {
  if (wanted.empty()) return {};  // ephemeral, or a test of no table: there is nothing to mistake
  const TestResult* built = seen.run->Find(subject);
  std::string_view tested;
  if (built != nullptr && !built->relation_name.empty()) {
    tested = built->relation_name;
  } else if (IsSameRun(artifacts, *seen.run) && !MayHaveDeferred(*seen.run)) {
    tested = RelationOf(artifacts.project, subject);
  } else {
    // `dbt test` alone, and the manifest was written by another command since, or dbt took another target's table for that
    // of the manifest: only the SQL that ran can tell.
    if (MentionsRelation(seen.result->compiled_code, wanted, artifacts.project.metadata.adapter_type)) return {};
  }
  if (tested.empty()) return {false, "nothing shows that it ran against " + Quoted(wanted) + std::string(kBuildLast)};
  if (SameRelation(tested, wanted, artifacts.project.metadata.adapter_type)) return {};
  return {true, "ran against " + Quoted(tested) + ", not " + Quoted(wanted)};
}

// Why the test is older than the data; nullopt when it is not.
std::optional<std::string> OlderThanBuild(const SeenResult& built, std::string_view subject, const TestResult& result) {
  if (!built) return std::nullopt;
  const std::optional<Timestamp> built_at = ParseTimestamp(built.result->completed_at);
  const std::optional<Timestamp> tested_at = ParseTimestamp(result.completed_at);
  if (!built_at || !tested_at) {
    return "nothing shows that it ran after " + Quoted(subject) + " was built" + std::string(kBuildLast);
  }
  if (*tested_at >= *built_at) return std::nullopt;
  return "ran at " + result.completed_at + ", before " + Quoted(subject) + " was built at " +
         built.result->completed_at;
}

// The result that says how the test stands: the latest, without those that are shown to be of another relation and
// those that ran nothing or over no rows, when there are others.
SeenResult Choose(const Artifacts& artifacts, const Test& test, std::string_view subject, std::string_view wanted) {
  const std::vector<SeenResult> seen = TestResultsOf(artifacts, test.unique_id);
  SeenResult ran_nothing;
  for (const SeenResult& one : seen) {
    if (!test.unit && PlaceOf(artifacts, subject, wanted, one).elsewhere) continue;
    const bool over_rows = test.unit || WhyFewerRows(*one.run, *one.result).empty();
    if (over_rows && !RanNothing(*one.result)) return one;
    if (!ran_nothing) ran_nothing = one;
  }
  if (ran_nothing) return ran_nothing;
  return seen.empty() ? SeenResult{} : seen.front();
}

std::string WhyNoCommand(const RunResults& run) {
  return run.which.empty() ? "run_results.json does not say which command wrote it" + std::string(kBuildLast)
                           : CommandOf(run.which) + " overwrote run_results.json: no test ran" + std::string(kBuildLast);
}

void JudgeAbsent(const Artifacts& artifacts, TestEvidence* evidence) {
  if (!artifacts.earlier_runs.empty()) {
    Judge(evidence, TestVerdict::kNotRun,
          "is in none of the runs of dbt that are kept (" +
              std::to_string(artifacts.earlier_runs.size() + (artifacts.run_results ? 1 : 0)) + "); run `dbt build`");
  } else if (!artifacts.run_results) {
    Judge(evidence, TestVerdict::kNoEvidence, "there is no run_results.json; run `dbt build`");
  } else if (!RunsTests(artifacts.run_results->which)) {
    Judge(evidence, TestVerdict::kNoEvidence, WhyNoCommand(*artifacts.run_results));
  } else {
    Judge(evidence, TestVerdict::kNotRun,
          "is not in run_results.json: the last " + CommandOf(artifacts.run_results->which) + " left it out");
  }
}

}  // namespace

std::string_view Name(TestVerdict verdict) {
  switch (verdict) {
    case TestVerdict::kPassed:
      return "passed";
    case TestVerdict::kWarned:
      return "warned";
    case TestVerdict::kFailed:
      return "failed";
    case TestVerdict::kErrored:
      return "errored";
    case TestVerdict::kSkipped:
      return "skipped";
    case TestVerdict::kNotRun:
      return "not run";
    case TestVerdict::kNoEvidence:
      return "no evidence";
    case TestVerdict::kStale:
      return "stale";
    case TestVerdict::kOtherEnvironment:
      return "other environment";
    case TestVerdict::kUnknown:
      return "unknown";
  }
  return "unknown";
}

TestEvidence EvidenceOf(const Artifacts& artifacts, const Test& test, std::string_view relation) {
  const Project& project = artifacts.project;
  const std::string_view subject = SubjectOf(project, test, relation);
  const std::string_view wanted = relation.empty() ? RelationOf(project, subject) : relation;
  TestEvidence evidence;
  evidence.test = &test;
  const SeenResult seen = Choose(artifacts, test, subject, wanted);
  evidence.run = seen ? seen.run : artifacts.run_results ? &*artifacts.run_results : nullptr;
  if (evidence.run != nullptr) evidence.invocation_id = evidence.run->invocation_id;
  if (!seen) {
    JudgeAbsent(artifacts, &evidence);
    return evidence;
  }
  const TestResult& result = *seen.result;
  if (!RunsTests(seen.run->which)) {
    Judge(&evidence, TestVerdict::kNoEvidence, WhyNoCommand(*seen.run));
    return evidence;
  }
  evidence.completed_at = result.completed_at;
  if (seen.run->IsThereTwice(result)) {
    Judge(&evidence, TestVerdict::kUnknown, "is in run_results.json twice");
    return evidence;
  }
  // A unit test brings its rows along.
  if (const std::string why = test.unit ? "" : WhyFewerRows(*seen.run, result); !why.empty()) {
    Judge(&evidence, TestVerdict::kNoEvidence, why + std::string(kBuildLast) + " without it");
    return evidence;
  }
  JudgeStatus(result, &evidence);
  if (evidence.verdict != TestVerdict::kPassed && evidence.verdict != TestVerdict::kWarned) return evidence;

  const SeenResult built = LastBuildOf(artifacts, subject, wanted);
  if (!test.unit) {  // a unit test runs on rows of its own, before the model is built
    if (Place place = PlaceOf(artifacts, subject, wanted, seen); !place.reason.empty()) {
      Judge(&evidence, TestVerdict::kOtherEnvironment, std::move(place.reason));
      return evidence;
    }
    const bool ran = result.message != "Statically checked";
    if (std::optional<std::string> reason = ran ? OlderThanBuild(built, subject, result) : std::nullopt) {
      Judge(&evidence, TestVerdict::kStale, std::move(*reason));
      return evidence;
    }
  }
  std::optional<std::string> other_code = OtherCode(artifacts, CodeOf(test), *seen.run, result);
  if (const Node* node = other_code ? nullptr : project.FindNode(subject)) {
    const SeenResult& of_node = built ? built : seen;
    other_code = OtherCode(artifacts, CodeOf(*node), *of_node.run, *of_node.result);
  }
  if (other_code) Judge(&evidence, TestVerdict::kStale, *other_code + std::string(kBuildLast));
  return evidence;
}

}  // namespace weir::manifest
