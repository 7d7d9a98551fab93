#include "gateway/commands/policy_inputs.h"

#include "gateway/commands/open_workspace.h"
#include "gateway/workspace.h"
#include "manifest/artifacts.h"

namespace weir::gateway {

std::optional<PolicyInputs> ReadPolicyInputs(Invocation& invocation, const std::string& policies,
                                             const std::string& target) {
  const std::optional<Config> config = OpenConfig(invocation);
  if (!config) return std::nullopt;
  const std::string folder = policies.empty() ? config->policies : policies;
  PolicyInputs out;
  std::optional<policies::Policy> policy =
      policies::ReadPolicy(policies.empty() ? config->policies : policies, &out.diagnostics);
  const std::string target_folder = target.empty() ? config->target_folder : target;
  out.project = manifest::ReadProject(target_folder + "/manifest.json");
  manifest::Diagnostics of_syncs;
  const auto info_schema = TakeInfoSchema(target_folder, {}, &of_syncs, &out.project);
  out.syncs = policies::ReadSyncs(out.project, &config->syncs, config->file, &of_syncs);
  if (policy) TraceLineage({&*policy}, {}, info_schema, nullptr, &out.project, &of_syncs);
  if (of_syncs.HasErrors() || !invocation.options.quiet) invocation.err.Block(of_syncs.Render());
  if (!policy) invocation.err.Block(out.diagnostics.Render());
  if (!policy || of_syncs.HasErrors()) return std::nullopt;
  out.policy = *std::move(policy);
  out.policy.today = audit::FormatTime(invocation.clock.Now()).substr(0, 10);
  return out;
}

}  // namespace weir::gateway
