#include "gateway/workspace.h"

#include <algorithm>
#include <memory>
#include <set>

#include "manifest/column_lineage.h"
#include "policies/made_of.h"

namespace weir::gateway {
namespace {

// The connection is in weir.yml, what policy must know of the recipient in the policies; they must mean the same place.
void CheckDestinations(const Config& config, const policies::Policy& policy,
                       const std::vector<policies::SyncSpec>& syncs, manifest::Diagnostics* diagnostics) {
  for (const policies::SyncSpec& sync : syncs) {
    const auto found = config.destinations.find(sync.destination);
    if (found == config.destinations.end()) {
      std::vector<std::string> names;
      for (const auto& [name, destination] : config.destinations) names.push_back(name);
      diagnostics->Error("W-CFG-030", sync.declared_in, sync.position,
                         "sync `" + sync.id + "`: destination `" + sync.destination + "` is not in " + config.file +
                             manifest::DidYouMean(sync.destination, names));
    }
  }
  for (const auto& [name, destination] : config.destinations) {
    const policies::DestinationFacts* facts = policy.FindDestination(name);
    if (facts == nullptr) {
      const bool used = std::any_of(syncs.begin(), syncs.end(), [&wanted = name](const policies::SyncSpec& sync) {
        return sync.destination == wanted;
      });
      if (used) {
        diagnostics->Error("W-CFG-031", config.file, destination.position,
                           "destination `" + name + "` is unknown to the policies; declare it under `destinations:` in " +
                               "the policy folder, where its readers and its trust stand");
      }
      continue;
    }
    if (facts->origin != destination.Origin()) {
      diagnostics->Error("W-CFG-032", config.file, destination.position,
                         "destination `" + name + "` is at `" + destination.Origin() + "`, but policy pins it to `" +
                             facts->origin + "`");
    }
  }
}

bool AnyInherits(const std::vector<const policies::Policy*>& policies) {
  return std::any_of(policies.begin(), policies.end(), [](const policies::Policy* policy) {
    return policy != nullptr && policy->inherit_lineage;
  });
}

// `only`: unique_ids; null: all.
void Trace(const manifest::LockedDuckdb::Options& duckdb, manifest::Project& project,
           const std::optional<manifest::InfoSchema>& info_schema, const std::set<std::string>* only) {
  project.lineage = std::make_shared<const manifest::ProjectLineage>(
      manifest::ProjectLineage::Trace(project, duckdb, info_schema ? &*info_schema : nullptr, only));
}

void WarnUnread(const manifest::Project& project, manifest::Diagnostics* diagnostics) {
  const std::string& why = project.lineage->unavailable();
  if (why.empty()) return;
  diagnostics->Warning("W-ART-009", project.path, {},
                       "its SQL is not read, so that nothing proves where columns come from and each inherits from all of its "
                       "model's parents (`inherit: lineage`): " + why);
}

}  // namespace

const policies::SyncSpec* Workspace::FindSync(std::string_view name, std::string* error) const {
  std::vector<std::string> names;
  for (const policies::SyncSpec& sync : syncs) {
    if (sync.id == name || sync.name == name) return &sync;
    names.push_back(sync.name);
  }
  if (error != nullptr) {
    *error = "no sync is called `" + std::string(name) + "`" + manifest::DidYouMean(name, names);
    if (names.empty()) {
      *error += "; no exposure has a `weir` block, and weir.yml has no `syncs:`";
    } else {
      *error += "; there are:";
      for (const std::string& candidate : names) *error += " `" + candidate + "`";
    }
  }
  return nullptr;
}

std::optional<manifest::InfoSchema> TakeInfoSchema(const std::string& target, const manifest::LockedDuckdb::Options& duckdb,
                                                   manifest::Diagnostics* diagnostics, manifest::Project* project) {
  std::optional<manifest::InfoSchema> info_schema = manifest::ReadInfoSchema(target, duckdb, diagnostics);
  // dbt's propagation marks more columns than the manifest does. They are added to what is decided on, never taken away.
  if (info_schema) JoinInfoSchema(*info_schema, project);
  return info_schema;
}

void TraceLineage(const std::vector<const policies::Policy*>& policies, const manifest::LockedDuckdb::Options& duckdb,
                  const std::optional<manifest::InfoSchema>& info_schema, const std::vector<std::string>* models,
                  manifest::Project* project, manifest::Diagnostics* diagnostics) {
  if (!AnyInherits(policies)) return;
  std::set<std::string> above;
  if (models != nullptr) above = policies::NodesAbove(*project, *models);
  Trace(duckdb, *project, info_schema, models == nullptr ? nullptr : &above);
  WarnUnread(*project, diagnostics);
}

std::string TraceLineage(const std::vector<const policies::Policy*>& policies, const manifest::LockedDuckdb::Options& duckdb,
                         const TracedSide& head, const TracedSide* base, manifest::Diagnostics* diagnostics) {
  const bool inherits = AnyInherits(policies);
  if (!inherits && (base == nullptr || !CodeDiffersAbove(*head.project, *base->project, *head.syncs))) return {};
  std::vector<const TracedSide*> sides = {&head};
  if (base != nullptr) sides.push_back(base);
  std::vector<std::string> models;
  if (inherits) {
    for (const policies::Policy* policy : policies) {
      if (policy == nullptr) continue;
      for (const TracedSide* side : sides) {
        const std::vector<std::string> decided = DecidedModels(*side->project, *side->syncs, *policy);
        models.insert(models.end(), decided.begin(), decided.end());
      }
    }
  } else {
    for (const policies::SyncSpec& sync : *head.syncs) models.push_back(sync.model_id);
  }
  for (const TracedSide* side : sides) {
    const std::set<std::string> above = policies::NodesAbove(*side->project, models);
    Trace(duckdb, *side->project, *side->info_schema, &above);
  }
  if (inherits) WarnUnread(*head.project, diagnostics);  // it is the same of the base
  std::string unavailable = head.project->lineage->unavailable();
  if (inherits || unavailable.empty()) return {};
  for (const TracedSide* side : sides) side->project->lineage = nullptr;
  return unavailable;
}

std::optional<Workspace> ReadWorkspace(const std::string& config_file, const std::string& environment,
                                       manifest::Diagnostics* diagnostics, std::string_view model) {
  std::optional<Config> config = ReadConfig(config_file, environment, diagnostics);
  if (!config) return std::nullopt;
  std::optional<policies::Policy> policy = policies::ReadPolicy(config->policies, diagnostics);
  Workspace workspace;
  workspace.config = std::move(*config);
  workspace.artifacts = manifest::ReadArtifacts(workspace.config.target_folder);
  manifest::LockedDuckdb::Options duckdb;
  duckdb.library = workspace.config.source.library;
  const auto info_schema =
      TakeInfoSchema(workspace.config.target_folder, duckdb, diagnostics, &workspace.artifacts.project);
  workspace.syncs = policies::ReadSyncs(workspace.artifacts.project, &workspace.config.syncs, workspace.config.file,
                                        diagnostics);
  if (policy) {
    workspace.policy = std::move(*policy);
    manifest::Project& project = workspace.artifacts.project;
    std::vector<std::string> models = DecidedModels(project, workspace.syncs, workspace.policy);
    if (const manifest::Node* const asked = model.empty() ? nullptr : project.FindModel(model)) {
      models.push_back(asked->unique_id);
    }
    TraceLineage({&workspace.policy}, duckdb, info_schema, &models, &project, diagnostics);
    CheckDestinations(workspace.config, workspace.policy, workspace.syncs, diagnostics);
  }
  if (diagnostics->HasErrors()) return std::nullopt;
  return workspace;
}

}  // namespace weir::gateway
