#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/inspect_report.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "manifest/evidence.h"
#include "manifest/selector.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "inspect",
    "show what was understood of a dbt project",
    "Versions and counts, how columns are marked, which exposures are syncs, what the last run proves.\n"
    "Needs nothing but the folder with dbt's manifest.json: no weir.yml, no policy, no warehouse.\n"
    "`--select` and `--exclude` take dbt's node selection and list what it finds.",
    "  weir inspect                                     the project of weir.yml\n"
    "  weir inspect --target target                     any folder with a manifest.json\n"
    "  weir inspect --select '+exposure:crm_contacts'   what a sync is made of\n"
    "  weir inspect --select tag:pii --exclude test_type:generic --format json\n",
    "0 shown; 2 a selection is wrong; 3 an artifact is unreadable",
    "manifest/README.md: what is read, what counts as evidence, selectors",
};

class Inspect final : public Command {
 public:
  Inspect(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Text("--target", &target_, "DIR", "folder with the manifest.json [target of weir.yml, else target]");
    options_.Text("--select", &select_, "EXPR", "list what this dbt selection finds");
    options_.Text("--exclude", &exclude_, "EXPR", "without what this one finds");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<std::string> folder = TargetFolder(invocation);
    if (!folder) return kExitConfig;
    const manifest::Artifacts artifacts = manifest::ReadArtifacts(*folder);
    const std::optional<std::vector<std::string>> selected = Selected(artifacts.project);
    manifest::Diagnostics diagnostics;
    const std::vector<policies::SyncSpec> syncs =
        policies::ReadSyncs(artifacts.project, nullptr, "weir.yml", &diagnostics);
    std::vector<std::string> remarks;
    for (const manifest::Diagnostic& diagnostic : diagnostics.Sorted()) {
      remarks.push_back(diagnostic.file + ": " + diagnostic.message);
    }
    const Inspection inspection{artifacts, syncs, remarks, selected};
    if (invocation.json()) {
      PrintJson(InspectionJson(inspection), invocation.out);
      return kExitGood;
    }
    PrintInspection(inspection, invocation.out);
    if (invocation.options.quiet) return kExitGood;
    for (const std::string& remark : remarks) invocation.err.Line("weir: " + remark);
    if (selected && selected->empty()) invocation.err.Line("weir: the selection finds nothing");
    return kExitGood;
  }

 private:
  // weir.yml only says where the artifacts are, and is not asked when the user does.
  std::optional<std::string> TargetFolder(Invocation& invocation) const {
    if (!target_.empty()) return target_;
    std::error_code error;
    const bool artifacts_here = std::filesystem::exists("target/manifest.json", error);
    const bool config_here = !invocation.options.config.empty() || std::filesystem::exists("weir.yml", error);
    if (artifacts_here && !config_here) return "target";
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return std::nullopt;
    return config->target_folder;
  }

  std::optional<std::vector<std::string>> Selected(const manifest::Project& project) const {
    if (!options_.Given("--select") && !options_.Given("--exclude")) return std::nullopt;
    std::string error;
    std::optional<std::vector<std::string>> selected = manifest::SelectIds(project, select_, exclude_, &error);
    if (!selected) throw ConfigError("W-CLI-020", error);
    return selected;
  }

  Options options_;
  std::string target_, select_, exclude_;
};

}  // namespace

std::unique_ptr<Command> AddInspect(CLI::App& app, GlobalOptions* global) {
  return std::make_unique<Inspect>(app, global);
}

}  // namespace weir::gateway
