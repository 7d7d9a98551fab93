#include "gateway/kept_runs.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <tuple>

#include "audit/digest.h"
#include "audit/file.h"
#include "manifest/earlier_runs.h"
#include "manifest/run_command.h"
#include "manifest/run_rows.h"
#include "manifest/timestamp.h"

namespace weir::gateway {
namespace {

using manifest::ArtifactError;
using manifest::RunResults;
using nlohmann::json;

constexpr std::uint64_t kMostIndexBytes = 1 << 20;

struct KeptRun {
  std::string invocation_id, generated_at, digest;
  std::string file;  // `<SHA-256 of its bytes>.json`
};
struct Index {
  std::string project, adapter;
  std::string forgotten_until;
  std::vector<KeptRun> runs;  // oldest first
};

std::string IndexPath(const std::string& folder) { return folder + "/index.json"; }

[[noreturn]] void ThrowDamaged(const std::string& path, const std::string& what) {
  throw ArtifactError("W-ART-008", path + ": " + what + "; run `dbt build`, and remove the folder of this file");
}

std::string Text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Index ReadIndex(const std::string& folder) {
  const std::string path = IndexPath(folder);
  const std::optional<std::string> text = audit::RealFileSystem().ReadAll(path, kMostIndexBytes);
  if (!text) return {};
  const json document = json::parse(*text, nullptr, false);
  const bool known = document.is_object() && document.value("version", json()) == 1 && document.contains("runs") &&
                     document["runs"].is_array();
  if (!known) ThrowDamaged(path, "is no list of kept runs");
  Index index{Text(document, "project"), Text(document, "adapter"), Text(document, "forgotten_until"), {}};
  bool whole = index.forgotten_until.empty() || manifest::ParseTimestamp(index.forgotten_until).has_value();
  for (const json& item : document["runs"]) {
    if (!item.is_object()) ThrowDamaged(path, "is no list of kept runs");
    KeptRun run{Text(item, "invocation_id"), Text(item, "generated_at"), Text(item, "digest"), Text(item, "file")};
    whole = whole && !run.invocation_id.empty() && manifest::ParseTimestamp(run.generated_at) && !run.digest.empty() &&
            run.file.size() == 69 && run.file.find('/') == std::string::npos;
    index.runs.push_back(std::move(run));
  }
  if (!whole) ThrowDamaged(path, "is no list of kept runs");
  return index;
}

void WriteIndex(const std::string& folder, const Index& index) {
  json runs = json::array();
  for (const KeptRun& run : index.runs) {
    runs.push_back({{"invocation_id", run.invocation_id}, {"generated_at", run.generated_at}, {"digest", run.digest},
                    {"file", run.file}});
  }
  const json document = {{"document", "weir.runs"}, {"version", 1}, {"project", index.project}, {"adapter", index.adapter},
                         {"forgotten_until", index.forgotten_until}, {"runs", std::move(runs)}};
  audit::RealFileSystem().WriteAtomically(IndexPath(folder), document.dump());
}

// As run_results.json, with no more than evidence needs. Of dbt's messages the one that decides something.
std::string InShort(const RunResults& run) {
  json results = json::array();
  for (const manifest::TestResult& result : run.results) {
    json item = {{"unique_id", result.unique_id}, {"status", result.status}};
    if (result.message == "Statically checked") item["message"] = result.message;
    if (result.failures) item["failures"] = *result.failures;
    if (!result.completed_at.empty()) item["timing"] = {{{"completed_at", result.completed_at}}};
    if (!result.relation_name.empty()) item["relation_name"] = result.relation_name;
    if (!result.compiled_code.empty()) item["compiled_code"] = result.compiled_code;
    results.push_back(std::move(item));
  }
  json args = {{"which", run.which}};
  for (const std::string_view key : manifest::ArgsOfRows()) {
    if (const manifest::Value* const value = run.args.Find(key)) args[std::string(key)] = json::parse(value->CanonicalJson());
  }
  const json document = {{"metadata",
                          {{"dbt_schema_version", "https://schemas.getdbt.com/dbt/run-results/" + run.schema + ".json"},
                           {"dbt_version", run.dbt_version},
                           {"generated_at", run.generated_at},
                           {"invocation_id", run.invocation_id}}},
                         {"args", std::move(args)},
                         {"results", std::move(results)}};
  return document.dump();
}

// Drops the oldest. The newest stays, however old it is: with it alone, everything is as without `keep_runs`.
std::vector<KeptRun> Forget(audit::Time now, std::chrono::seconds keep, Index* index) {
  std::sort(index->runs.begin(), index->runs.end(), [](const KeptRun& a, const KeptRun& b) {
    return std::make_tuple(manifest::ParseTimestamp(a.generated_at), a.invocation_id) <
           std::make_tuple(manifest::ParseTimestamp(b.generated_at), b.invocation_id);
  });
  std::size_t count = 0;
  for (; count + 1 < index->runs.size(); ++count) {
    const bool many = index->runs.size() - count > kMostKeptRuns;
    if (!many && *manifest::ParseTimestamp(index->runs[count].generated_at) >= now - keep) break;
  }
  const auto end = index->runs.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<KeptRun> forgotten(index->runs.begin(), end);
  index->runs.erase(index->runs.begin(), end);
  if (forgotten.empty()) return forgotten;
  const auto known = manifest::ParseTimestamp(index->forgotten_until);
  const std::string& last = forgotten.back().generated_at;
  if (!known || *known < *manifest::ParseTimestamp(last)) index->forgotten_until = last;
  return forgotten;
}

// True when it is there already.
bool Holds(const Index& index, const RunResults& run) {
  for (const KeptRun& one : index.runs) {
    if (one.invocation_id != run.invocation_id) continue;
    if (one.digest == run.digest) return true;
    throw ArtifactError("W-ART-007", run.path + ": has the invocation_id of another run that was kept, and other contents; "
                                                "run `dbt build`");
  }
  return false;
}

void CheckProject(const Index& index, const manifest::Metadata& project, const std::string& folder) {
  if (index.runs.empty() || (index.project == project.project_name && index.adapter == project.adapter_type)) return;
  ThrowDamaged(IndexPath(folder), "holds runs of project `" + index.project + "` on " + index.adapter + ", not of `" +
                                      project.project_name + "` on " + project.adapter_type);
}

std::unique_ptr<audit::FileLock> Lock(const std::string& folder, const audit::Clock& clock) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    if (auto lock = audit::RealFileSystem().Lock(folder + "/lock")) return lock;
    clock.Sleep(std::chrono::milliseconds(100));
  }
  throw ArtifactError("W-ART-008", folder + ": the kept runs are in use by another process; try again");
}

// It is named after its SHA-256.
RunResults ReadKeptRun(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  const std::optional<manifest::ArtifactFile> file = manifest::ArtifactFile::Open(path);
  std::string text(file ? file->size() : 0, '\0');
  if (file) text.resize(file->Read(0, text.data(), text.size()));
  if (!file || audit::Hex(audit::Sha256(text)) + ".json" != name) ThrowDamaged(path, "a kept run of dbt is gone or changed");
  return manifest::ReadRunResultsFrom(manifest::ArtifactFile::FromText(path, std::move(text)));
}

}  // namespace

std::string KeptRunsFolder(const Config& config) { return config.state + "/.runs"; }

void KeepRun(const Config& config, const manifest::Project& project, const RunResults& run, const audit::Clock& clock) {
  if (!config.keep_runs || manifest::TouchesNothing(run.which)) return;
  const audit::Time now = clock.Now();
  const std::string why = manifest::WhyNotMerged(run, audit::FormatTime(now));
  if (!why.empty()) throw ArtifactError("W-ART-007", run.path + ": " + why);
  const std::string folder = KeptRunsFolder(config);
  if (Holds(ReadIndex(folder), run)) return;

  audit::FileSystem& disk = audit::RealFileSystem();
  disk.MakeFolders(folder);
  const std::unique_ptr<audit::FileLock> lock = Lock(folder, clock);
  Index index = ReadIndex(folder);
  CheckProject(index, project.metadata, folder);
  if (Holds(index, run)) return;
  index.project = project.metadata.project_name;
  index.adapter = project.metadata.adapter_type;
  const std::string text = InShort(run);
  const std::string file = audit::Hex(audit::Sha256(text)) + ".json";
  // The run before the list that names it: after a crash the list is whole, and the run is kept again.
  disk.WriteAtomically(folder + "/" + file, text);
  index.runs.push_back({run.invocation_id, run.generated_at, run.digest, file});
  const std::vector<KeptRun> forgotten = Forget(now, *config.keep_runs, &index);
  WriteIndex(folder, index);
  for (const KeptRun& one : forgotten) disk.Remove(folder + "/" + one.file);
}

std::string LookAtKeptRuns(const Config& config) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(IndexPath(KeptRunsFolder(config)), error);
  return error ? "-" : std::to_string(written.time_since_epoch().count());
}

void AddKeptRuns(const Config& config, audit::Time now, manifest::Artifacts* artifacts) {
  if (!config.keep_runs) return;
  const std::string folder = KeptRunsFolder(config);
  Index index = ReadIndex(folder);
  CheckProject(index, artifacts->project.metadata, folder);
  Forget(now, *config.keep_runs, &index);
  std::vector<RunResults> runs;
  for (const KeptRun& kept : index.runs) {
    RunResults run = ReadKeptRun(folder, kept.file);
    if (run.invocation_id != kept.invocation_id) ThrowDamaged(folder + "/" + kept.file, "a kept run of dbt is not the one that was kept");
    run.digest = kept.digest;
    runs.push_back(std::move(run));
  }
  artifacts->forgotten_until = index.forgotten_until;
  manifest::MergeRuns(runs, audit::FormatTime(now), artifacts);
}

}  // namespace weir::gateway
