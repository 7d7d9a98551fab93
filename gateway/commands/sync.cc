#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/sync_report.h"
#include "gateway/exit_status.h"
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
    "the other. Ctrl-C ends after the request under way; the next run goes on from there.",
    "  weir sync                               all syncs\n"
    "  weir sync crm_contacts                  one\n"
    "  weir sync crm_contacts --dry-run        read and decide, send and write nothing\n"
    "  weir sync crm_contacts --only 4711      one row, by its match value in the warehouse\n"
    "  weir sync crm_contacts --baseline       the destination has these rows already: record, not send\n"
    "  weir sync crm_contacts --full-refresh   send every row again\n",
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
    options_.Exclude("--all", "SYNC");
    for (const char* other : {"--full-refresh", "--only", "--dry-run"}) options_.Exclude("--baseline", other);
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    const std::vector<const policies::SyncSpec*> syncs = ChooseSyncs(*workspace, names_);
    if (options_.Given("--only")) {
      if (syncs.size() != 1) throw ConfigError("W-CLI-008", "`--only` needs one sync; name it: `weir sync SYNC --only KEY`");
      run_.only = only_;
    }
    run_.actor = Actor();
    const Keyring keyring = OpenKeyring(workspace->config);

    int status = kExitGood;
    nlohmann::ordered_json reports = nlohmann::ordered_json::array();
    for (const policies::SyncSpec* sync : syncs) {
      if (invocation.stop.load()) {
        status = WorseExitStatus(status, kExitInterrupted);
        break;
      }
      const RunReport report = RunOne(*workspace, *sync, keyring, invocation);
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
  bool all_ = false;
  std::string only_;
  RunOptions run_;
};

}  // namespace

std::unique_ptr<Command> AddSync(CLI::App& app, GlobalOptions* global) { return std::make_unique<Sync>(app, global); }

}  // namespace weir::gateway
