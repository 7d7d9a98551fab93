#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/config.h"
#include "gateway/keyring.h"
#include "gateway/workspace.h"

namespace weir::gateway {

// The file that `--config` names, else weir.yml here or in the nearest folder above, as a path that reads well in
// messages (`../weir.yml`). Throws ConfigError W-CLI-002 when there is none.
std::string FindConfigFile(const GlobalOptions& options);

// Reads everything, kept runs of dbt among it; prints every error and warning. nullopt after errors: the command ends with
// kExitConfig. Throws what ReadWorkspace and AddKeptRuns throw. `model`: as ReadWorkspace.
std::optional<Workspace> OpenWorkspace(Invocation& invocation, std::string_view model = {});

// weir.yml alone, for commands that need no dbt artifacts (the log can be read without them).
std::optional<Config> OpenConfig(Invocation& invocation);

// The syncs named, in that order without repetition; all of them when none is named. Throws ConfigError W-CLI-007 for a
// name that is none, or when there is no sync at all.
std::vector<const policies::SyncSpec*> ChooseSyncs(const Workspace& workspace, const std::vector<std::string>& names);

Keyring OpenKeyring(const Config& config);

// `user@host`: who runs this, for the log.
std::string Actor();

}  // namespace weir::gateway
