#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/kept_runs.h"
#include "gateway/table.h"
#include "manifest/run_command.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "runs",
    "keep what dbt's last run proves, and list what is kept",
    "run_results.json holds one run, and the next command of dbt replaces it. With `keep_runs: 14d` beside\n"
    "`target:` in weir.yml, evidence is the latest result of each test and build in all runs of that time\n"
    "that were kept: `dbt docs generate`, `dbt test --select one` and `dbt retry` then close no gate.\n"
    "A run that nobody kept counts for nothing, not even when it failed. So let `weir runs --keep` follow\n"
    "every command of dbt that builds or tests in this environment, whatever its exit status; `weir sync`\n"
    "keeps the run that it finds.",
    "  weir runs                               what is kept\n"
    "  dbt build; weir runs --keep             keep the run in the target folder\n"
    "  weir runs --keep --from a/run_results.json --from b/run_results.json\n",
    "0 done; 2 weir.yml is wrong, or has no `keep_runs`; 3 an artifact or what is kept is unreadable",
    "gateway/README.md: evidence of several runs; manifest/README.md: what counts as evidence",
};

class Runs final : public Command {
 public:
  Runs(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Flag("--keep", &keep_, "keep the run in the target folder");
    options_.Texts("--from", &from_, "FILE", "keep this run_results.json instead, of the same project; repeatable");
    options_.Need("--from", "--keep");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    if (!config->keep_runs) {
      throw ConfigError("W-CLI-032", config->file + ": keeps no runs of dbt; write `projects: [{target: " +
                                         config->target_folder + ", keep_runs: 14d}]`");
    }
    manifest::Artifacts artifacts = manifest::ReadArtifacts(config->target_folder);
    if (keep_) Keep(*config, artifacts, invocation);
    AddKeptRuns(*config, invocation.clock.Now(), &artifacts);
    std::vector<const manifest::RunResults*> runs;
    if (artifacts.run_results) runs.push_back(&*artifacts.run_results);
    for (auto run = artifacts.earlier_runs.rbegin(); run != artifacts.earlier_runs.rend(); ++run) runs.push_back(&*run);
    invocation.json() ? PrintAsJson(artifacts, runs, invocation) : PrintTable(artifacts, runs, invocation);
    return kExitGood;
  }

 private:
  void Keep(const Config& config, const manifest::Artifacts& artifacts, Invocation& invocation) const {
    if (from_.empty() && artifacts.run_results) {
      KeepRun(config, artifacts.project, *artifacts.run_results, invocation.clock);
    }
    for (const std::string& path : from_) {
      const std::optional<manifest::RunResults> run = manifest::ReadRunResults(path);
      if (!run) throw manifest::ArtifactError("W-ART-001", path + ": there is no such file");
      KeepRun(config, artifacts.project, *run, invocation.clock);
    }
  }

  static bool IsKept(const manifest::Artifacts& artifacts, const manifest::RunResults* run) {
    return !artifacts.run_results || run != &*artifacts.run_results;
  }

  static void PrintTable(const manifest::Artifacts& artifacts, const std::vector<const manifest::RunResults*>& runs,
                         Invocation& invocation) {
    Table table({"COMMAND", "WRITTEN", "RESULTS", "INVOCATION", ""});
    for (const manifest::RunResults* run : runs) {
      table.AddRow({{run->which.empty() ? "unknown" : manifest::CommandOf(run->which)},
                    {run->generated_at},
                    {std::to_string(run->results.size())},
                    {run->invocation_id},
                    {IsKept(artifacts, run) ? "" : "in the target folder", Style::kDim}});
    }
    if (!table.empty()) table.Print(invocation.out);
    if (!artifacts.forgotten_until.empty() && !invocation.options.quiet) {
      invocation.err.Line("weir: results up to " + artifacts.forgotten_until + " count no more");
    }
  }

  static void PrintAsJson(const manifest::Artifacts& artifacts, const std::vector<const manifest::RunResults*>& runs,
                          Invocation& invocation) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const manifest::RunResults* run : runs) {
      list.push_back({{"invocation_id", run->invocation_id},
                      {"which", run->which},
                      {"generated_at", run->generated_at},
                      {"results", run->results.size()},
                      {"in_target", !IsKept(artifacts, run)}});
    }
    const nlohmann::ordered_json document = {{"document", "weir.runs"},
                                             {"version", 1},
                                             {"forgotten_until", artifacts.forgotten_until},
                                             {"runs", std::move(list)}};
    PrintJson(document.dump(), invocation.out);
  }

  Options options_;
  bool keep_ = false;
  std::vector<std::string> from_;
};

}  // namespace

std::unique_ptr<Command> AddRuns(CLI::App& app, GlobalOptions* global) { return std::make_unique<Runs>(app, global); }

}  // namespace weir::gateway
