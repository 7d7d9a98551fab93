#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/policy_inputs.h"
#include "gateway/exit_status.h"
#include "policies/lint.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;
using policies::LintFinding;

constexpr CommandHelp kHelp = {
    "lint",
    "find rules that do nothing or contradict each other",
    "What is found permits nothing: it is what stands in the policy and has no effect, or another one than\n"
    "its author meant. The project's manifest.json is all that it needs.",
    "  weir policy lint\n"
    "  weir policy lint --format json\n",
    "0 nothing found, or notes alone; 1 something found; 2 configuration or policy wrong; 3 an artifact is unreadable",
    "policies/README.md: lint, with every id",
};

class PolicyLint final : public Command {
 public:
  PolicyLint(CLI::App& policy, GlobalOptions* global) : options_(AddSubcommand(policy, kHelp, global)) {
    options_.Text("--target", &target_, "DIR", "folder with the manifest.json [target of weir.yml]");
    options_.Text("--policies", &policies_, "DIR", "policy folder [that of weir.yml]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    std::optional<PolicyInputs> inputs = ReadPolicyInputs(invocation, policies_, target_);
    if (!inputs) return kExitConfig;
    const std::vector<LintFinding> findings = LintPolicy(inputs->policy, inputs->project, inputs->syncs, invocation.clock.Now());
    const auto notes = std::count_if(findings.begin(), findings.end(), [](const LintFinding& one) { return one.note; });
    const auto found = static_cast<std::ptrdiff_t>(findings.size()) - notes;
    const int status = found == 0 ? kExitGood : kExitFindings;
    if (invocation.json()) {
      ordered_json items = ordered_json::array();
      for (const LintFinding& one : findings) {
        items.push_back({{"id", one.id},
                         {"level", one.note ? "note" : "warning"},
                         {"message", one.message},
                         {"file", one.at.file},
                         {"line", one.at.position.line},
                         {"column", one.at.position.column}});
      }
      const ordered_json document = {
          {"document", "weir.policy.lint"}, {"version", 1}, {"findings", std::move(items)}, {"exit_status", status}};
      PrintJson(document.dump(-1, ' ', false, ordered_json::error_handler_t::replace), invocation.out);
      return status;
    }
    for (const LintFinding& one : findings) {
      const manifest::Severity severity = one.note ? manifest::Severity::kNote : manifest::Severity::kWarning;
      inputs->diagnostics.Add({severity, std::string(one.id), one.at.file, one.at.position, one.message});
    }
    invocation.out.Block(inputs->diagnostics.Render());
    if (!invocation.options.quiet) {
      invocation.out.Line((found == 0 ? "nothing found" : std::to_string(found) + " found") +
                          (notes == 0 ? "" : notes == 1 ? ", 1 note" : ", " + std::to_string(notes) + " notes"));
    }
    return status;
  }

 private:
  Options options_;
  std::string target_, policies_;
};

}  // namespace

std::unique_ptr<Command> AddPolicyLint(CLI::App& policy, GlobalOptions* global) {
  return std::make_unique<PolicyLint>(policy, global);
}

}  // namespace weir::gateway
