#include <algorithm>

#include "manifest/artifact_file.h"
#include "manifest/artifact_schema.h"
#include "manifest/artifacts.h"
#include "manifest/json_document.h"

namespace weir::manifest {
namespace {

constexpr AcceptedSchema kRunResults = {"run-results", " v4 v5 v6 ", "v4 to v6"};
constexpr AcceptedSchema kSources = {"sources", " v3 ", "v3"};

// `timing` holds a compile and an execute step; the result is of when the last of them ended, if it did.
std::string LastCompletion(JsonNode& json) {
  std::string last;
  json.EachItem([&last](JsonNode& step) {
    last.clear();
    step.EachField([&last](std::string_view key, JsonNode& value) {
      if (key == "completed_at") last = value.Text();
    });
  });
  return last;
}

TestResult ReadResult(JsonNode& json) {
  TestResult result;
  json.EachField([&result](std::string_view key, JsonNode& value) {
    if (key == "unique_id") {
      result.unique_id = value.Text();
    } else if (key == "status") {
      result.status = value.Text();
    } else if (key == "message") {
      result.message = value.Text();
    } else if (key == "failures") {
      result.failures = value.Integer();
    } else if (key == "timing") {
      result.completed_at = LastCompletion(value);
    } else if (key == "relation_name") {
      result.relation_name = value.Text();
    } else if (key == "compiled_code") {
      result.compiled_code = value.Text();
    }
  });
  if (result.unique_id.empty()) json.Refuse("a result has no `unique_id`");
  return result;
}

FreshnessResult ReadFreshnessResult(JsonNode& json) {
  FreshnessResult result;
  json.EachField([&result](std::string_view key, JsonNode& value) {
    if (key == "unique_id") {
      result.unique_id = value.Text();
    } else if (key == "status") {
      result.status = value.Text();
    } else if (key == "max_loaded_at") {
      result.max_loaded_at = value.Text();
    } else if (key == "snapshotted_at") {
      result.snapshotted_at = value.Text();
    }
  });
  if (result.unique_id.empty()) json.Refuse("a result has no `unique_id`");
  return result;
}

[[noreturn]] void ThrowNoResults(const std::string& path) {
  throw ArtifactError("W-ART-005", path + ": has no `results`");
}

}  // namespace

RunResults ReadRunResultsFrom(const ArtifactFile& file) {
  RunResults run;
  run.path = file.path();
  bool seen = false;
  JsonDocument document(file, "run `dbt build` again", /*digests=*/true);
  document.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "metadata") {
      value.EachField([&run](std::string_view field, JsonNode& of_it) {
        if (field == "dbt_schema_version") {
          if (!of_it.IsNull()) run.schema = RequireSchema(of_it, kRunResults);
        } else if (field == "dbt_version") {
          run.dbt_version = of_it.Text();
        } else if (field == "generated_at") {
          run.generated_at = of_it.Text();
        } else if (field == "invocation_id") {
          run.invocation_id = of_it.Text();
        }
      });
    } else if (key == "args") {
      run.args = value.ToValue();
    } else if (key == "results") {
      seen = true;
      value.EachItem([&run](JsonNode& item) { run.results.push_back(ReadResult(item)); });
    }
  });
  run.digest = document.Digest();
  if (run.schema.empty()) ThrowNoSchema(file.path(), kRunResults);
  if (!seen) ThrowNoResults(file.path());
  if (const Value* which = run.args.Find("which")) run.which = which->AsString().value_or("");
  std::stable_sort(run.results.begin(), run.results.end(),
                   [](const TestResult& a, const TestResult& b) { return a.unique_id < b.unique_id; });
  return run;
}

SourceFreshness ReadSourceFreshnessFrom(const ArtifactFile& file) {
  SourceFreshness freshness;
  freshness.path = file.path();
  bool known = false, seen = false;
  JsonDocument document(file, "run `dbt source freshness` again", /*digests=*/true);
  document.EachField([&](std::string_view key, JsonNode& value) {
    if (key == "metadata") {
      value.EachField([&](std::string_view field, JsonNode& of_it) {
        if (field == "dbt_schema_version") {
          known = !of_it.IsNull() && !RequireSchema(of_it, kSources).empty();
        } else if (field == "generated_at") {
          freshness.generated_at = of_it.Text();
        } else if (field == "invocation_id") {
          freshness.invocation_id = of_it.Text();
        }
      });
    } else if (key == "results") {
      seen = true;
      value.EachItem(
          [&freshness](JsonNode& item) { freshness.results.push_back(ReadFreshnessResult(item)); });
    }
  });
  freshness.digest = document.Digest();
  if (!known) ThrowNoSchema(file.path(), kSources);
  if (!seen) ThrowNoResults(file.path());
  return freshness;
}

std::optional<RunResults> ReadRunResults(const std::string& path) {
  const std::optional<ArtifactFile> file = ArtifactFile::Open(path);
  if (!file) return std::nullopt;
  return ReadRunResultsFrom(*file);
}

std::optional<SourceFreshness> ReadSourceFreshness(const std::string& path) {
  const std::optional<ArtifactFile> file = ArtifactFile::Open(path);
  if (!file) return std::nullopt;
  return ReadSourceFreshnessFrom(*file);
}

const TestResult* RunResults::Find(std::string_view unique_id) const {
  const auto at =
      std::lower_bound(results.begin(), results.end(), unique_id,
                       [](const TestResult& result, std::string_view id) { return result.unique_id < id; });
  return at != results.end() && at->unique_id == unique_id ? &*at : nullptr;
}

bool RunResults::IsThereTwice(const TestResult& found) const {
  const TestResult* next = &found + 1;
  return next != results.data() + results.size() && next->unique_id == found.unique_id;
}

}  // namespace weir::manifest
