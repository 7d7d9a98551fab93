#include <algorithm>
#include <chrono>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/sync_report.h"
#include "gateway/evidence_wait.h"
#include "gateway/exit_status.h"
#include "gateway/kept_runs.h"
#include "gateway/operator_log.h"
#include "gateway/run_sync.h"
#include "gateway/terminal_progress.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "sync",
    "send what changed, if dbt and policy allow it",
    "For each sync: checks dbt's evidence (the gate), reads the model in one snapshot, decides every\n"
    "row, checks the guards over the whole input, and sends what changed since the last run. Each\n"
    "request is an entry of the audit log before it leaves. Without names, all syncs run, one after\n"
    "the other. Ctrl-C ends after the request under way; the next run goes on from there.\n"
    "\n"
    "Where policy says `fresh: {wait: 2h}`, a sync that is held by nothing but evidence that dbt has not\n"
    "written yet waits that long for it, after all syncs that need not wait.",
    "  weir sync                               all syncs\n"
    "  weir sync crm_contacts                  one\n"
    "  weir sync crm_contacts --dry-run        read and decide, send and write nothing\n"
    "  weir sync crm_contacts --only 4711      one row, by its match value in the warehouse\n"
    "  weir sync crm_contacts --baseline       the destination has these rows already: record, not send\n"
    "  weir sync crm_contacts --full-refresh   send every row again\n"
    "  weir sync --no-wait                     do not wait for evidence, whatever policy says\n",
    "0 done; 1 more rows were refused or rejected than `fail_when` lets pass; 2 policy, mapping or\n"
    "  configuration; 3 warehouse, artifact or destination; 4 held by the gate, a guard or another run;\n"
    "  5 waiting for an approval; 6 the log or a delivery is in doubt; 130 interrupted. Of several syncs the\n"
    "  worst, in this order: 6, 130, 2, 3, 4, 5, 1, 0",
    "gateway/README.md: how a run goes, recovery after a crash; weir audit verify: check the log",
};

class Sync final : public Command {
 public:
  Sync(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Names("SYNC", &names_, "syncs to run [all]");
    options_.Flag("--all", &all_, "all syncs, said aloud");
    options_.Flag("--dry-run", &run_.dry_run, "read and decide, but send and write nothing");
    options_.Flag("--baseline", &run_.baseline, "record the rows as present at the destination without sending them");
    options_.Flag("--full-refresh", &run_.full_refresh, "send every row again");
    options_.Text("--only", &only_, "KEY",
                  "one row: its match value in the warehouse (several columns: joined by `,`)");
    options_.Flag("--no-wait", &no_wait_, "do not wait for evidence that is missing (a dry run never does)");
    options_.Exclude("--all", "SYNC");
    for (const char* other : {"--full-refresh", "--only", "--dry-run"}) options_.Exclude("--baseline", other);
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenAndKeep(invocation);
    if (!workspace) return kExitConfig;
    std::vector<const policies::SyncSpec*> syncs = ChooseSyncs(*workspace, names_);
    if (options_.Given("--only")) {
      if (syncs.size() != 1) throw ConfigError("W-CLI-008", "`--only` needs one sync; name it: `weir sync SYNC --only KEY`");
      run_.only = only_;
    }
    run_.actor = Actor();
    const Keyring keyring = OpenKeyring(workspace->config);

    const auto begin = invocation.clock.Monotonic();
    // Who need not wait goes first.
    std::stable_partition(syncs.begin(), syncs.end(), [&](const policies::SyncSpec* sync) {
      return !MayWait() || !WaitOf(*workspace, *sync, invocation.clock.Now());
    });
    std::deque<Workspace> later;  // read while a sync waited; its report points into it
    int status = kExitGood;
    nlohmann::ordered_json reports = nlohmann::ordered_json::array();
    for (const policies::SyncSpec* sync : syncs) {
      if (invocation.stop.load()) {
        status = WorseExitStatus(status, kExitInterrupted);
        break;
      }
      const Workspace* of_run = &*workspace;
      if (MayWait() && WaitOf(*workspace, *sync, invocation.clock.Now())) {
        WaitResult waited = Wait(*workspace, *sync, begin, invocation);
        status = WorseExitStatus(status, waited.end == WaitEnd::kStopped  ? kExitInterrupted
                                         : waited.end == WaitEnd::kBroken ? kExitConfig
                                                                          : kExitGood);
        if (waited.end == WaitEnd::kStopped) break;
        if (waited.end == WaitEnd::kBroken) continue;
        if (waited.workspace) of_run = &later.emplace_back(std::move(*waited.workspace));
        sync = ChooseSyncs(*of_run, {sync->id}).front();
      }
      const RunReport report = RunOne(*of_run, *sync, keyring, invocation);
      status = WorseExitStatus(status, ExitStatus(report.status));
      if (invocation.json()) {
        reports.push_back(nlohmann::ordered_json::parse(RunReportJson(report, *sync)));
      } else {
        PrintRunReport(report, *sync, run_.dry_run, invocation.out);
      }
    }
    if (invocation.json()) {
      const nlohmann::ordered_json document = {{"document", "weir.sync"},
                                               {"version", 1},
                                               {"environment", workspace->config.environment},
                                               {"dry_run", run_.dry_run},
                                               {"syncs", std::move(reports)},
                                               {"exit_status", status}};
      PrintJson(document.dump(), invocation.out);
    }
    return status;
  }

 private:
  bool MayWait() const { return !no_wait_ && !run_.dry_run; }

  // The next command of dbt may overwrite what this one left.
  std::optional<Workspace> OpenAndKeep(Invocation& invocation) const {
    std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (workspace && !run_.dry_run && workspace->artifacts.run_results) {
      KeepRun(workspace->config, workspace->artifacts.project, *workspace->artifacts.run_results, invocation.clock);
    }
    return workspace;
  }

  WaitResult Wait(const Workspace& workspace, const policies::SyncSpec& sync,
                  std::chrono::steady_clock::time_point begin, Invocation& invocation) const {
    TerminalSettings where = invocation.err.settings();
    if (invocation.options.quiet) where.is_terminal = false;
    TerminalProgress progress(invocation.progress, where, invocation.clock);
    bool told = false;
    const auto tell = [&](std::chrono::seconds left) {
      if (!told && !invocation.options.quiet) {
        invocation.err.Line("weir: sync `" + sync.name + "` waits up to " + ShortDuration(left) +
                            " for dbt's evidence (`fresh: {wait: ...}` of the policy); Ctrl-C ends it");
      }
      if (!told) LogEvent(LogLevel::kInfo, "run waits for evidence", {{"sync", LogId(sync.id)}, {"seconds", left.count()}});
      told = true;
      progress.Phase(sync.name, "waiting for dbt's evidence, " + ShortDuration(left) + " left", 0);
    };
    const WaitWorld world{invocation.clock, invocation.stop,
                          [&] { return LookAtArtifacts(workspace.artifacts.folder) + LookAtKeptRuns(workspace.config); },
                          [&] { return OpenAndKeep(invocation); }, tell};
    WaitResult out = WaitForEvidence(workspace, sync.id, begin, world);
    progress.Done();
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(invocation.clock.Monotonic() - begin);
    if (told && !invocation.options.quiet && (out.end == WaitEnd::kArrived || out.end == WaitEnd::kTimedOut)) {
      invocation.err.Line("weir: sync `" + sync.name + "`: " +
                          (out.end == WaitEnd::kArrived ? "new evidence came after " : "no evidence came within ") +
                          ShortDuration(took));
    }
    LogEvent(LogLevel::kInfo, "wait for evidence ended", {{"sync", LogId(sync.id)}, {"seconds", took.count()}});
    return out;
  }

  RunReport RunOne(const Workspace& workspace, const policies::SyncSpec& sync, const Keyring& keyring,
                   Invocation& invocation) const {
    TerminalSettings where = invocation.err.settings();
    if (invocation.options.quiet) where.is_terminal = false;
    TerminalProgress progress(invocation.progress, where, invocation.clock);
    LogEvent(LogLevel::kInfo, "run starts", {{"sync", LogId(sync.id)}});
    RunReport report =
        RunSync(workspace, sync, keyring, run_, invocation.clock, &progress, invocation.stop);
    LogEvent(report.status == RunStatus::kDone ? LogLevel::kInfo : LogLevel::kWarning, "run ended",
             {{"sync", LogId(sync.id)},
              {"run", LogId(report.run_id)},
              {"status", LogId(Name(report.status))},
              {"read", report.counts.read},
              {"unchanged", report.counts.unchanged},
              {"sent", report.counts.sent()},
              {"withheld", report.counts.withheld},
              {"refused", report.counts.refused},
              {"rejected", report.counts.rejected},
              {"unknown", report.counts.unknown},
              {"requests", report.counts.requests},
              {"retried", report.counts.retried},
              {"log_size", report.log_size}});
    for (const SyncPlan::Refusal& reason : report.reasons) {
      LogEvent(LogLevel::kWarning, "run has a reason", {{"sync", LogId(sync.id)}, {"code", LogId(reason.code)}});
    }
    return report;
  }

  Options options_;
  std::vector<std::string> names_;
  bool all_ = false, no_wait_ = false;
  std::string only_;
  RunOptions run_;
};

}  // namespace

std::unique_ptr<Command> AddSync(CLI::App& app, GlobalOptions* global) { return std::make_unique<Sync>(app, global); }

}  // namespace weir::gateway
