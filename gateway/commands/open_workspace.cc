#include "gateway/commands/open_workspace.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "gateway/kept_runs.h"

namespace weir::gateway {
namespace {

// Diagnostics render with positions and carets; warnings stay away when the user wants quiet.
void PrintDiagnostics(const manifest::Diagnostics& diagnostics, Invocation& invocation) {
  if (diagnostics.HasErrors() || !invocation.options.quiet) invocation.err.Block(diagnostics.Render());
  const auto sorted = diagnostics.Sorted();
  const auto errors = std::count_if(sorted.begin(), sorted.end(), [](const manifest::Diagnostic& diagnostic) {
    return diagnostic.severity == manifest::Severity::kError;
  });
  if (errors > 0) {
    invocation.err.Line("weir: " + std::to_string(errors) + (errors == 1 ? " error" : " errors") +
                        "; nothing was done. `weir help CODE` explains a code");
  }
}

}  // namespace

std::string FindConfigFile(const GlobalOptions& options) {
  if (!options.config.empty()) return options.config;
  std::error_code error;
  std::filesystem::path folder = std::filesystem::current_path(error);
  std::filesystem::path shown;
  while (!error) {
    if (std::filesystem::exists(folder / "weir.yml", error)) return (shown / "weir.yml").string();
    if (!folder.has_relative_path()) break;
    folder = folder.parent_path();
    shown /= "..";
  }
  throw ConfigError("W-CLI-002",
                    "there is no weir.yml here or in a folder above; run `weir init` in the folder of your dbt project, "
                    "or name one with `--config FILE`");
}

std::optional<Workspace> OpenWorkspace(Invocation& invocation, std::string_view model) {
  manifest::Diagnostics diagnostics;
  std::optional<Workspace> workspace =
      ReadWorkspace(FindConfigFile(invocation.options), invocation.options.environment, &diagnostics, model);
  PrintDiagnostics(diagnostics, invocation);
  if (!workspace) return workspace;
  workspace->policy.today = audit::FormatTime(invocation.clock.Now()).substr(0, 10);
  AddKeptRuns(workspace->config, invocation.clock.Now(), &workspace->artifacts);
  return workspace;
}

std::optional<Config> OpenConfig(Invocation& invocation) {
  manifest::Diagnostics diagnostics;
  std::optional<Config> config =
      ReadConfig(FindConfigFile(invocation.options), invocation.options.environment, &diagnostics);
  PrintDiagnostics(diagnostics, invocation);
  return config;
}

std::vector<const policies::SyncSpec*> ChooseSyncs(const Workspace& workspace, const std::vector<std::string>& names) {
  std::vector<const policies::SyncSpec*> chosen;
  for (const std::string& name : names) {
    std::string error;
    const policies::SyncSpec* const sync = workspace.FindSync(name, &error);
    if (sync == nullptr) throw ConfigError("W-CLI-007", error);
    if (std::find(chosen.begin(), chosen.end(), sync) == chosen.end()) chosen.push_back(sync);
  }
  if (names.empty()) {
    for (const policies::SyncSpec& sync : workspace.syncs) chosen.push_back(&sync);
  }
  if (chosen.empty()) {
    throw ConfigError("W-CLI-007",
                      "there is no sync: no exposure has a `weir` block, and weir.yml has no `syncs:`; gateway/README.md "
                      "shows how to write one, `weir init` proposes one");
  }
  return chosen;
}

Keyring OpenKeyring(const Config& config) { return ReadKeyring(config.keys, config.tenant, config.environment); }

std::string Actor() {
  std::string user = std::to_string(geteuid());
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    user = found->pw_name;
  }
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return user;
  return user + "@" + host.data();
}

}  // namespace weir::gateway
