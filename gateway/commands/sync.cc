#include <CLI/CLI.hpp>
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
    "0 done; 1 rows were refused or rejected; 2 policy, mapping or configuration; 3 warehouse, artifact\n"
    "  or destination; 4 held by the gate or a guard; 5 waiting for an approval; 6 the log or a delivery\n"
    "  is in doubt; 130 interrupted. Of several syncs the worst, in this order: 6, 130, 2, 3, 4, 5, 1, 0",
    "gateway/README.md: how a run goes, recovery after a crash; weir audit verify: check the log",
};

class Sync final : public Command {
 public:
  Sync(CLI::App& app, GlobalOptions* global) : app_(*AddSubcommand(app, kHelp, global)) {
    CLI::Option* const names = app_.add_option("SYNC", names_, "syncs to run [all]")->type_name("");
    app_.add_flag("--all", all_, "all syncs, said aloud")->excludes(names);
    CLI::Option* const dry_run =
        app_.add_flag("--dry-run", options_.dry_run, "read and decide, but send and write nothing");
    CLI::Option* const baseline = app_.add_flag("--baseline", options_.baseline,
                                                "record the rows as present at the destination without sending them");
    CLI::Option* const full = app_.add_flag("--full-refresh", options_.full_refresh, "send every row again");
    CLI::Option* const only =
        app_.add_option("--only", only_, "one row: its match value in the warehouse (several columns: joined by `,`)")
            ->type_name("KEY");
    baseline->excludes(full)->excludes(only)->excludes(dry_run);
  }

  bool chosen() const override { return Chosen(app_); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    const std::vector<const policies::SyncSpec*> syncs = ChooseSyncs(*workspace, names_);
    if (app_.count("--only") > 0) {
      if (syncs.size() != 1) throw ConfigError("W-CLI-008", "`--only` needs one sync; name it: `weir sync SYNC --only KEY`");
      options_.only = only_;
    }
    options_.actor = Actor();
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
        PrintRunReport(report, *sync, options_.dry_run, invocation.out);
      }
    }
    if (invocation.json()) {
      const nlohmann::ordered_json document = {{"document", "weir.sync"},
                                               {"version", 1},
                                               {"environment", workspace->config.environment},
                                               {"dry_run", options_.dry_run},
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
        RunSync(workspace, sync, keyring, options_, invocation.clock, &progress, invocation.stop);
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

  CLI::App& app_;
  std::vector<std::string> names_;
  bool all_ = false;
  std::string only_;
  RunOptions options_;
};

}  // namespace

std::unique_ptr<Command> AddSync(CLI::App& app, GlobalOptions* global) { return std::make_unique<Sync>(app, global); }

}  // namespace weir::gateway
