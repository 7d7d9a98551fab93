#include <algorithm>
#include <string>

#include "gateway/approval_log.h"
#include "gateway/commands/approval_request.h"
#include "gateway/commands/command.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/run_approvals.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "override",
    "break glass: lift the gate for one run, by signatures",
    "For a run that the gate held: lifts what requirements of the policy asked (tests, freshness, owner),\n"
    "for exactly what the gate said then, for one run. Never lifted: a build that failed or is unknown, a\n"
    "transfer that ended, `never`, masks, guards, the log, and requirements under `never_waivable`. Signed\n"
    "as an approval is, by two persons where policy says so; the log keeps who, what and why.",
    "  weir override crm --reason 'recall, customers must be told today' --sign-with ~/.ssh/id_ed25519\n"
    "  weir approve --cosign FILE --sign-with KEYFILE    the second person\n"
    "  weir sync crm                                     goes on, once\n",
    "0 enough persons signed; 2 it cannot be lifted, or the key may not sign; 5 more must sign",
    "policies/README.md: approvals; weir approve --help",
};

class OverrideGate final : public Command {
 public:
  OverrideGate(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Argument("SYNC", &name_, "the sync whose last run was held");
    asked_.AddTo(&options_);
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    const policies::Approvals& policy = ApprovalsOf(*workspace);
    if (asked_.reason.empty()) throw ConfigError("W-APR-043", "an override needs a reason: `--reason TEXT`");
    const policies::SyncSpec& sync = *ChooseSyncs(*workspace, {name_}).front();
    const std::optional<HeldRun> held = FindHeldRun(LogFolder(workspace->config, sync));
    const std::string run_first = "run `" + CommandWords("sync", sync.name, workspace->config.environment) + "` first";
    if (!held || held->gate.empty()) {
      throw ConfigError("W-APR-041", "the last run of `" + sync.name + "` was not held by the gate; " + run_first);
    }
    const SyncPlan plan = MakePlan(*workspace, sync, nullptr, {}, nullptr, invocation.clock.Now());
    std::string why_not;
    const std::vector<std::string> codes = LiftableReasons(plan.gate, policy, &why_not);
    if (!why_not.empty()) throw ConfigError("W-APR-025", why_not);
    const bool the_same = !codes.empty() && std::all_of(codes.begin(), codes.end(), [&](const std::string& code) {
      return std::any_of(held->gate.begin(), held->gate.end(), [&](const auto& reason) { return reason.code == code; });
    });
    if (!the_same) throw ConfigError("W-APR-041", "the gate says something else than it did when the run was held; " + run_first);
    if (!invocation.json() && !invocation.options.quiet) {
      for (const HeldRun::GateReason& reason : held->gate) {
        invocation.err.Line(Spans{{"  - ", Style::kWarning}, {reason.text}, {" [" + reason.code + "]", Style::kDim}});
      }
    }
    policies::Approval approval =
        BeginApproval(*workspace, sync, policies::Approval::Kind::kOverride, held->actor, asked_, invocation.clock.Now());
    approval.plan_digest = held->plan_digest;
    approval.run = held->run;
    approval.lifts = codes;
    return FinishApproval(*workspace, sync, approval, asked_, invocation);
  }

 private:
  Options options_;
  std::string name_;
  ApprovalOptions asked_;
};

}  // namespace

std::unique_ptr<Command> AddOverride(CLI::App& app, GlobalOptions* global) {
  return std::make_unique<OverrideGate>(app, global);
}

}  // namespace weir::gateway
