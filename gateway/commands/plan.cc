#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/plan_report.h"
#include "gateway/exit_status.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "plan",
    "show what each sync would send, in which form, by which rule",
    "For each sync: every column with the form in which it leaves and the rule that decides, or DENIED\n"
    "with the reason; which rows may go; whether the gate is open and what holds it; the guards. Reads\n"
    "dbt's artifacts and the policies, asks no warehouse, sends and writes nothing.",
    "  weir plan                     all syncs\n"
    "  weir plan crm_contacts        one\n"
    "  weir plan --format json       for programs\n",
    "0 every sync may run; 2 a sync is refused by policy or mapping; 3 an artifact is unreadable; 4 held",
    "policies/README.md: what rules mean; weir explain: one column in depth; weir preview: with data",
};

// A plan looks at the key file only for the version of its keys; without one it still tells what policy says.
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
    for (const policies::SyncSpec* sync : ChooseSyncs(*workspace, names_)) {
      const SyncPlan plan = MakePlan(*workspace, *sync, nullptr, {}, nullptr, invocation.clock.Now());
      status = WorseExitStatus(status, PlanStatus(plan));
      if (invocation.json()) {
        plans.push_back(nlohmann::ordered_json::parse(PlanJson(plan, *workspace)));
        continue;
      }
      if (!first) invocation.out.Line();
      first = false;
      PrintPlan(plan, *workspace, invocation.out);
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
