#include "manifest/evidence.h"

#include <algorithm>

#include "manifest/relation.h"
#include "manifest/run_code.h"
#include "manifest/run_command.h"
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
  for (const std::string& id : test.depends_on) {
    if (SameRelation(RelationOf(project, id), relation, project.metadata.adapter_type)) return id;
  }
  return test.depends_on.empty() ? std::string_view() : std::string_view(test.depends_on.front());
}

// Why the test did not run against `wanted`; nullopt when it did.
std::optional<std::string> OtherRelation(const Artifacts& artifacts, std::string_view subject,
                                         std::string_view wanted, const TestResult& result) {
  const Project& project = artifacts.project;
  const std::string_view adapter = project.metadata.adapter_type;
  const std::string_view declared = RelationOf(project, subject);
  if (wanted.empty()) return std::nullopt;  // ephemeral, or a test of no table: there is nothing to mistake
  const TestResult* built = artifacts.run_results->Find(subject);
  std::string_view tested;
  if (built != nullptr && !built->relation_name.empty()) {
    tested = built->relation_name;
  } else if (IsSameRun(artifacts)) {
    tested = declared;
  } else {
    // `dbt test` alone, and the manifest was written by another command since: only the SQL that ran can
    // tell.
    if (result.compiled_code.find(wanted) != std::string::npos) return std::nullopt;
    return "nothing shows that it ran against " + Quoted(wanted) + std::string(kBuildLast);
  }
  if (SameRelation(tested, wanted, adapter)) return std::nullopt;
  if (tested.empty()) return "nothing shows that it ran against " + Quoted(wanted) + std::string(kBuildLast);
  return "ran against " + Quoted(tested) + ", not " + Quoted(wanted);
}

// Why the test is older than the data; nullopt when it is not.
std::optional<std::string> OlderThanBuild(const RunResults& run, std::string_view subject,
                                          const TestResult& result) {
  const TestResult* built = run.Find(subject);
  if (built == nullptr) return std::nullopt;
  const std::string status = LowerStatus(built->status);
  if (status == "skipped" || status == "reused" || status == "no-op")
    return std::nullopt;  // not built in this run
  const std::optional<Timestamp> built_at = ParseTimestamp(built->completed_at);
  const std::optional<Timestamp> tested_at = ParseTimestamp(result.completed_at);
  if (!built_at || !tested_at) {
    return "nothing shows that it ran after " + Quoted(subject) + " was built" + std::string(kBuildLast);
  }
  if (*tested_at >= *built_at) return std::nullopt;
  return "ran at " + result.completed_at + ", before " + Quoted(subject) + " was built at " +
         built->completed_at;
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
  TestEvidence evidence;
  evidence.test = &test;
  if (!artifacts.run_results) {
    Judge(&evidence, TestVerdict::kNoEvidence, "there is no run_results.json; run `dbt build`");
    return evidence;
  }
  const RunResults& run = *artifacts.run_results;
  evidence.invocation_id = run.invocation_id;
  if (!RunsTests(run.which)) {
    Judge(&evidence, TestVerdict::kNoEvidence,
          run.which.empty()
              ? "run_results.json does not say which command wrote it" + std::string(kBuildLast)
              : CommandOf(run.which) + " overwrote run_results.json: no test ran" + std::string(kBuildLast));
    return evidence;
  }
  const TestResult* result = run.Find(test.unique_id);
  if (result == nullptr) {
    Judge(&evidence, TestVerdict::kNotRun,
          "is not in run_results.json: the last " + CommandOf(run.which) + " left it out");
    return evidence;
  }
  evidence.completed_at = result->completed_at;
  if (run.IsThereTwice(*result)) {
    Judge(&evidence, TestVerdict::kUnknown, "is in run_results.json twice");
    return evidence;
  }
  JudgeStatus(*result, &evidence);
  if (evidence.verdict != TestVerdict::kPassed && evidence.verdict != TestVerdict::kWarned) return evidence;

  const Project& project = artifacts.project;
  const std::string_view subject = SubjectOf(project, test, relation);
  if (!test.unit) {  // a unit test runs on rows of its own, before the model is built
    const std::string_view wanted = relation.empty() ? RelationOf(project, subject) : relation;
    if (std::optional<std::string> reason = OtherRelation(artifacts, subject, wanted, *result)) {
      Judge(&evidence, TestVerdict::kOtherEnvironment, std::move(*reason));
      return evidence;
    }
    const bool ran = result->message != "Statically checked";
    if (std::optional<std::string> reason = ran ? OlderThanBuild(run, subject, *result) : std::nullopt) {
      Judge(&evidence, TestVerdict::kStale, std::move(*reason));
      return evidence;
    }
  }
  std::optional<std::string> other_code = OtherCode(artifacts, CodeOf(test), *result);
  if (const Node* node = other_code ? nullptr : project.FindNode(subject)) {
    const TestResult* built = run.Find(subject);
    other_code = OtherCode(artifacts, CodeOf(*node), built == nullptr ? *result : *built);
  }
  if (other_code) Judge(&evidence, TestVerdict::kStale, *other_code + std::string(kBuildLast));
  return evidence;
}

}  // namespace weir::manifest
