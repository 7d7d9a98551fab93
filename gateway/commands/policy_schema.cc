#include <string>

#include "gateway/commands/command.h"
#include "gateway/exit_status.h"
#include "policies/policy_schema.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "schema",
    "print the JSON Schema of a policy file, for editors",
    "Draft 2020-12, with a description of every key. The YAML language server (Visual Studio Code, Neovim,\n"
    "JetBrains and others) completes and checks by it. It knows one file: what names refer to, only the other\n"
    "commands know. It needs no weir.yml.",
    "  weir policy schema > policies/policy.schema.json\n"
    "  # yaml-language-server: $schema=policy.schema.json      as the first line of a policy file\n",
    "0 printed",
    "policies/README.md: in an editor",
};

class PolicySchema final : public Command {
 public:
  PolicySchema(CLI::App& policy, GlobalOptions* global) : options_(AddSubcommand(policy, kHelp, global)) {}

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    invocation.out.Verbatim(policies::PolicySchema());
    return kExitGood;
  }

 private:
  Options options_;
};

}  // namespace

std::unique_ptr<Command> AddPolicySchema(CLI::App& policy, GlobalOptions* global) {
  return std::make_unique<PolicySchema>(policy, global);
}

}  // namespace weir::gateway
