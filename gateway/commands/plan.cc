#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/approval_report.h"
#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/plan_report.h"
#include "gateway/exit_status.h"
#include "gateway/forecast.h"
#include "gateway/run_sync.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "plan",
    "show what each sync would send, in which form, by which rule",
    "For each sync: every column with the form in which it leaves and the rule that decides, or DENIED\n"
    "with the reason; which rows may go; whether the gate is open and what holds it; the guards. Where a\n"
    "run has sent rows, what an edit since then re-sends, blanks or deletes: bounds, known from the state\n"
    "alone. Reads dbt's artifacts, the policies and the state, asks no warehouse, sends nothing.",
    "  weir plan                     all syncs\n"
    "  weir plan crm_contacts        one\n"
    "  weir plan --format json       for programs\n",
    "0 every sync may run; 2 a sync is refused by policy or mapping; 3 an artifact is unreadable; 4 held",
    "policies/README.md: what rules mean; weir explain: one column in depth; weir preview: with data",
};

// A plan looks at the key file only for the version of its keys and to open the state; without one it still tells what
// policy says.
class Plan final : public Command {
 public:
  Plan(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Names("SYNC", &names_, "syncs to show [all]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    int status = kExitGood;
    nlohmann::ordered_json plans = nlohmann::ordered_json::array();
    bool first = true;
    std::string no_keys;
    const std::optional<Keyring> keyring = RecallKeyring(workspace->config, &no_keys);
    for (const policies::SyncSpec* sync : ChooseSyncs(*workspace, names_)) {
      std::string reason = no_keys;
      const std::optional<StateMemory> memory =
          RecallState(StateFolder(workspace->config, *sync), workspace->config, *sync, keyring, &reason);
      const SyncPlan plan = MakePlan(*workspace, *sync, nullptr, memory ? memory->header.sent_fields : std::vector<std::string>{},
                                     keyring ? &*keyring : nullptr, invocation.clock.Now());
      Forecast forecast;
      forecast.why_unknown = reason;
      if (memory) forecast = MakeForecast(plan, *memory);
      status = WorseExitStatus(status, PlanStatus(plan));
      if (invocation.json()) {
        nlohmann::ordered_json item = nlohmann::ordered_json::parse(PlanJson(plan, forecast, *workspace));
        item["approvals"] = nlohmann::ordered_json::parse(ApprovalsJson(*workspace, *sync, plan.plan_digest, invocation.clock.Now()));
        plans.push_back(std::move(item));
        continue;
      }
      if (!first) invocation.out.Line();
      first = false;
      PrintPlan(plan, forecast, *workspace, invocation.out);
      PrintApprovals(*workspace, *sync, plan.plan_digest, invocation.clock.Now(), invocation.out);
    }
    if (invocation.json()) {
      const nlohmann::ordered_json document = {{"document", "weir.plan"},
                                               {"version", 1},
                                               {"environment", workspace->config.environment},
                                               {"plans", std::move(plans)},
                                               {"exit_status", status}};
      PrintJson(document.dump(), invocation.out);
    }
    return status;
  }

 private:
  Options options_;
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Command> AddPlan(CLI::App& app, GlobalOptions* global) { return std::make_unique<Plan>(app, global); }

}  // namespace weir::gateway
