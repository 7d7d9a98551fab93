#include "gateway/commands/command.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "policy",
    "test, lint and describe the policy folder",
    "For those who own the policies. `test` runs the expectations that stand beside the rules, `lint` finds\n"
    "rules that do nothing or contradict each other, `schema` prints the JSON Schema that editors use.",
    "  weir policy test --coverage             do the rules do what we expect, and is each one tested\n"
    "  weir policy lint                        what is unreachable, unused or contradictory\n"
    "  weir policy schema > policy.schema.json completion and checks in an editor\n",
    "see each command's `--help`",
    "policies/README.md: the language",
};

}  // namespace

std::vector<std::unique_ptr<Command>> AddPolicy(CLI::App& app, GlobalOptions* global) {
  CLI::App& policy = AddSubcommand(app, kHelp, global);
  Options(policy).RequireCommand();
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(AddPolicyTest(policy, global));
  commands.push_back(AddPolicyLint(policy, global));
  commands.push_back(AddPolicySchema(policy, global));
  return commands;
}

}  // namespace weir::gateway
