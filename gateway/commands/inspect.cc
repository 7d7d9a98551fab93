#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "gateway/commands/changes_report.h"
#include "gateway/commands/command.h"
#include "gateway/commands/inspect_report.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/kept_runs.h"
#include "manifest/evidence.h"
#include "manifest/project_diff.h"
#include "manifest/selector.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "inspect",
    "show what was understood of a dbt project, or what changed between two",
    "Versions and counts, how columns are marked and what proves where they come from, which exposures are\n"
    "syncs, what the last run proves.\n"
    "Needs nothing but the folder with dbt's manifest.json: no weir.yml, no policy, no warehouse.\n"
    "`--select` and `--exclude` take dbt's node selection and list what it finds. `--columns` lists columns: of\n"
    "which columns of its parents each is made, by dbt's Information Schema, by the model's compiled SQL, or,\n"
    "where neither proves it, of all of them. The first two need DuckDB's library.\n"
    "\n"
    "With `--base`, what changed in all that decides which data may leave: columns, their types, meta and\n"
    "tags; tests that are gone, disabled or only warn; exposures and sources; access, groups, grants,\n"
    "contracts, owners. dbt's own `state:modified` does not see most of it.",
    "  weir inspect                                     the project of weir.yml\n"
    "  weir inspect --target target                     any folder with a manifest.json\n"
    "  weir inspect --select '+exposure:crm_contacts'   what a sync is made of\n"
    "  weir inspect --select tag:pii --exclude test_type:generic --format json\n"
    "  weir inspect --select dim_customers --columns    where each of its columns comes from\n"
    "  weir inspect --base main/target --head target    what a pull request changes\n",
    "0 shown; 2 a selection is wrong; 3 an artifact is unreadable",
    "manifest/README.md: what is read, what counts as evidence, selectors",
};

class Inspect final : public Command {
 public:
  Inspect(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Text("--target", &target_, "DIR", "folder with the manifest.json [target of weir.yml, else target]");
    options_.Text("--base", &base_, "DIR", "folder with the manifest.json to compare with");
    options_.Text("--head", &head_, "DIR", "folder with the manifest.json that is compared [as --target]");
    options_.Text("--select", &select_, "EXPR", "list what this dbt selection finds; of changes, those of its nodes");
    options_.Text("--exclude", &exclude_, "EXPR", "without what this one finds");
    options_.Flag("--columns", &columns_, "list where each documented column comes from, and what proves it");
    options_.Need("--head", "--base");
    options_.Exclude("--target", "--base");
    options_.Exclude("--columns", "--base");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    std::optional<Config> config;
    const std::optional<std::string> folder = TargetFolder(invocation, &config);
    if (!folder) return kExitConfig;
    config_ = config ? &*config : nullptr;
    return base_.empty() ? ShowProject(*folder, invocation) : ShowChanges(*folder, invocation);
  }

 private:
  int ShowProject(const std::string& target, Invocation& invocation) const {
    manifest::Artifacts artifacts = manifest::ReadArtifacts(target);
    if (config_ != nullptr) AddKeptRuns(*config_, invocation.clock.Now(), &artifacts);
    manifest::Diagnostics diagnostics;
    const std::optional<manifest::InfoSchema> info_schema = manifest::ReadInfoSchema(target, {}, &diagnostics);
    if (info_schema) JoinInfoSchema(*info_schema, &artifacts.project);
    const std::optional<std::vector<std::string>> selected = Selected(artifacts.project);
    std::optional<manifest::ProjectLineage> lineage;
    std::optional<LineageReport> lineage_report;
    if (columns_ || !selected) {
      lineage = manifest::ProjectLineage::Trace(artifacts.project, {}, info_schema ? &*info_schema : nullptr);
      lineage_report.emplace(ReportLineage(artifacts.project, *lineage));
    }
    const std::vector<policies::SyncSpec> syncs =
        policies::ReadSyncs(artifacts.project, nullptr, "weir.yml", &diagnostics);
    std::vector<std::string> remarks;
    for (const manifest::Diagnostic& diagnostic : diagnostics.Sorted()) {
      remarks.push_back(diagnostic.file + ": " + diagnostic.message);
    }
    std::optional<manifest::Declarations> declarations;
    if (const std::optional<std::string> folder = manifest::ProjectFolderOf(target)) {
      declarations.emplace(*folder, artifacts.project);
    }
    const Inspection inspection{artifacts, syncs, remarks, selected, declarations ? &*declarations : nullptr,
                                lineage_report ? &*lineage_report : nullptr, columns_};
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

  int ShowChanges(const std::string& head_folder, Invocation& invocation) const {
    const Side base = ReadSide(base_), head = ReadSide(head_folder);
    manifest::ProjectDiff diff = manifest::DiffProjects(base.AsDiffSide(), head.AsDiffSide());
    KeepSelected(base.project, head.project, &diff);
    const ChangesReport report{base.project, head.project, diff};
    if (invocation.json()) {
      PrintJson(ChangesJson(report), invocation.out);
      return kExitGood;
    }
    PrintChanges(report, invocation.out);
    if (invocation.options.quiet) return kExitGood;
    for (const std::string& warning : diff.warnings) invocation.err.Line("weir: warning: " + warning);
    if (diff.changes.empty()) invocation.err.Line("weir: nothing has changed");
    return kExitGood;
  }

  struct Side {
    manifest::Project project;
    std::optional<manifest::Catalog> catalog;
    manifest::DiffSide AsDiffSide() const { return {&project, catalog ? &*catalog : nullptr}; }
  };

  static Side ReadSide(const std::string& folder) {
    Side side{manifest::ReadProject(folder + "/manifest.json"), manifest::ReadCatalog(folder + "/catalog.json")};
    if (side.catalog) manifest::JoinCatalog(*side.catalog, &side.project);
    return side;
  }

  // Changes of nodes that the selection finds on either side: what is gone is found in the base only.
  void KeepSelected(const manifest::Project& base, const manifest::Project& head, manifest::ProjectDiff* diff) const {
    const std::optional<std::vector<std::string>> in_base = Selected(base), in_head = Selected(head);
    if (!in_base || !in_head) return;
    std::erase_if(diff->changes, [&](const manifest::Change& change) {
      return !std::binary_search(in_base->begin(), in_base->end(), change.node) &&
             !std::binary_search(in_head->begin(), in_head->end(), change.node);
    });
  }

  // weir.yml only says where the artifacts are, and is not asked when the user does.
  std::optional<std::string> TargetFolder(Invocation& invocation, std::optional<Config>* config) const {
    if (!target_.empty()) return target_;
    if (!head_.empty()) return head_;
    std::error_code error;
    const bool artifacts_here = std::filesystem::exists("target/manifest.json", error);
    const bool config_here = !invocation.options.config.empty() || std::filesystem::exists("weir.yml", error);
    if (artifacts_here && !config_here) return "target";
    *config = OpenConfig(invocation);
    if (!*config) return std::nullopt;
    return (*config)->target_folder;
  }

  std::optional<std::vector<std::string>> Selected(const manifest::Project& project) const {
    if (!options_.Given("--select") && !options_.Given("--exclude")) return std::nullopt;
    std::string error;
    std::optional<std::vector<std::string>> selected = manifest::SelectIds(project, select_, exclude_, &error);
    if (!selected) throw ConfigError("W-CLI-020", error);
    return selected;
  }

  Options options_;
  std::string target_, base_, head_, select_, exclude_;
  bool columns_ = false;
  const Config* config_ = nullptr;  // null: the folder was named, or lies here; while Run runs
};

}  // namespace

std::unique_ptr<Command> AddInspect(CLI::App& app, GlobalOptions* global) {
  return std::make_unique<Inspect>(app, global);
}

}  // namespace weir::gateway
