#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/report_files.h"
#include "gateway/config_settings.h"
#include "gateway/exit_status.h"
#include "gateway/forecast.h"
#include "gateway/own_places.h"
#include "gateway/run_sync.h"
#include "gateway/version.h"
#include "gateway/workspace.h"
#include "manifest/artifacts.h"
#include "manifest/column_names.h"
#include "manifest/declarations.h"
#include "policies/baseline.h"
#include "policies/check.h"
#include "policies/check_forecast.h"
#include "policies/policy.h"
#include "policies/report.h"

namespace weir::gateway {
namespace {

namespace fs = std::filesystem;

constexpr CommandHelp kHelp = {
    "check",
    "check policy and project, and show which data would newly leave",
    "For a pull request: compares two sets of dbt artifacts under one policy. Findings are split into new,\n"
    "existing and fixed; the egress plan lists every column with the form in which it would leave, and\n"
    "what changes. Needs no warehouse and no keys. Without `--base`, everything is new.\n"
    "\n"
    "Base, base policies and baseline must come from the protected branch: who can change them can hide\n"
    "what a pull request does. An edit of the policy permits nothing before it is merged.",
    "  weir check                                       the project as it is\n"
    "  weir check --base base/target --head target      what a pull request changes\n"
    "  weir check --base base/target --base-policies base/policies    judged by the protected branch's policy\n"
    "  weir check --base base/target --format github --output sarif=weir.sarif --output markdown=comment.md\n"
    "  weir check --write-baseline weir-baseline.json   what there is today counts as existing tomorrow\n",
    "0 nothing to object to; 1 findings; 2 configuration or policy wrong; 3 an artifact is unreadable",
    "policies/README.md: findings, formats, pull requests; weir explain: how one column is decided",
};

// One set of artifacts and the syncs that they declare.
struct Side {
  manifest::Project project;
  std::optional<manifest::InfoSchema> info_schema;
  std::vector<policies::SyncSpec> syncs;
  std::map<std::string, std::string> origins;  // of weir.yml's destinations
  std::map<std::string, policies::ConfigSetting> settings;
  std::string no_config;  // why weir.yml is not known; empty: it is
};

std::map<std::string, std::string> OriginsOf(const Config& config) {
  std::map<std::string, std::string> out;
  for (const auto& [name, destination] : config.destinations) out.emplace(name, destination.Origin());
  return out;
}

class Check final : public Command {
 public:
  Check(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Text("--head", &head_, "DIR", "folder with the manifest.json to check [target of weir.yml]");
    options_.Text("--base", &base_, "DIR", "folder with the manifest.json to compare with [none: all is new]");
    options_.Text("--base-digest", &base_digest_, "HEX", "SHA-256 that the base's manifest.json must have [any]");
    options_.Text("--base-config", &base_config_, "FILE",
                  "weir.yml of the base, to compare with [beside the base's dbt_project.yml]");
    options_.Text("--policies", &policies_, "DIR", "policy folder to check with [that of weir.yml]");
    options_.Text("--base-policies", &base_policies_, "DIR",
                  "policy folder of the base: it decides, and what `--policies` changes is told");
    options_.Text("--project", &project_, "DIR", "folder of dbt_project.yml, for positions [above the target]");
    options_.Text("--root", &root_, "DIR", "folder that paths in reports are relative to [this one]");
    options_.Text("--state", &state_, "DIR",
                  "folder of the syncs' state, for counts of rows; needs the key file [no counts]");
    options_.Text("--baseline", &baseline_, "FILE", "findings that count as existing");
    options_.Text("--write-baseline", &write_baseline_, "FILE", "write what is found as a baseline; exit 0");
    options_.Choice("--fail-on", &fail_on_, {"new", "all", "never"},
                    "findings of level error that make the exit status 1 [new]");
    options_.TakeAway("--format");
    options_.Choice("--format", &global->format, policies::ReportFormatNames(), "of the report [text]");
    options_.Texts("--output", &outputs_, "FORMAT=FILE", "write the report to a file, too; may be repeated");
    options_.Need("--base-digest", "--base");
    options_.Need("--base-config", "--base");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const auto outputs = ReadOutputs(outputs_);
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    for (const auto& [of_file, file] : outputs) RefuseOwnPlaces(*config, "--output", file);
    if (!write_baseline_.empty()) RefuseOwnPlaces(*config, "--write-baseline", write_baseline_);
    manifest::Diagnostics diagnostics;
    std::optional<policies::Policy> policy =
        policies::ReadPolicy(policies_.empty() ? config->policies : policies_, &diagnostics);
    std::optional<policies::Policy> of_base;
    if (!base_policies_.empty()) of_base = policies::ReadPolicy(base_policies_, &diagnostics);
    const std::string head_folder = head_.empty() ? config->target_folder : head_;
    const bool digests = NeedsDigests(head_folder);
    Side head = Read(head_folder, digests, &config->syncs, config->file, &diagnostics);
    std::optional<Side> base = ReadBase(*config, digests);
    if (policy && !diagnostics.HasErrors()) {
      Trace({&*policy, of_base ? &*of_base : nullptr}, &head, base, &diagnostics, invocation);
    }
    if (diagnostics.HasErrors() || !invocation.options.quiet) invocation.err.Block(diagnostics.Render());
    if (!policy || diagnostics.HasErrors()) return kExitConfig;

    const std::string today = audit::FormatTime(invocation.clock.Now()).substr(0, 10);
    policy->today = today;
    if (of_base) of_base->today = today;
    const std::string project = ProjectFolder(head_folder, *config);
    const std::string prefix = project.empty() ? "" : project + "/";
    std::optional<manifest::Declarations> declarations;
    if (!project.empty()) declarations.emplace(project, head.project);
    const policies::Policy& judge = of_base ? *of_base : *policy;
    policies::CheckSide head_side{&judge, &head.project, &head.syncs};
    head_side.declarations = declarations ? &*declarations : nullptr;
    head_side.folder = prefix;
    head_side.origins = OriginsOf(*config);
    head_side.settings = SettingsOf(config->written);
    head_side.config = fs::path(config->file).filename().string();
    head_side.now = invocation.clock.Now();
    std::optional<policies::CheckSide> base_side;
    if (base) {
      base_side = policies::CheckSide{&judge, &base->project, &base->syncs};
      base_side->folder = prefix;
      base_side->origins = base->origins;
      base_side->settings = base->settings;
      base_side->no_config = base->no_config;
      base_side->config = head_side.config;
      base_side->now = head_side.now;
    }
    policies::CheckReport report =
        policies::Check(head_side, base_side ? &*base_side : nullptr, of_base ? &*policy : nullptr);
    if (!state_.empty()) AddCounts(*config, head.syncs, base ? base->syncs : head.syncs, &report, invocation);
    if (!baseline_.empty() && !TakeBaseline(&report, invocation)) return kExitConfig;
    RelocatePaths(fs::weakly_canonical(root_.empty() ? "." : root_).string(), project, &report);

    policies::ReportSettings settings = Settings(head.project, *config, invocation);
    settings.exit_status = StatusOf(report, settings.fail_on);
    const auto format = policies::ReportFormatNamed(invocation.options.format).value_or(policies::ReportFormat::kText);
    PrintReport(format, report, settings, invocation.out);
    if (format == policies::ReportFormat::kGithub) AppendStepSummary(report, settings, invocation.err);
    settings.colour = false;
    for (const auto& [of_file, file] : outputs) WriteReport(of_file, file, report, settings);
    if (write_baseline_.empty()) return settings.exit_status;
    WriteText(write_baseline_, policies::RenderBaseline(report));
    return kExitGood;
  }

 private:
  static Side Read(const std::string& folder, bool digest, const manifest::Value* extra,
                   const std::string& extra_file, manifest::Diagnostics* diagnostics) {
    Side side;
    manifest::ReadOptions options;
    options.digest = digest;
    options.test_code = true;
    side.project = manifest::ReadProject(folder + "/manifest.json", options);
    side.info_schema = TakeInfoSchema(folder, {}, diagnostics, &side.project);
    side.syncs = policies::ReadSyncs(side.project, extra, extra_file, diagnostics);
    return side;
  }

  static void Trace(const std::vector<const policies::Policy*>& judging, Side* head, std::optional<Side>& base,
                    manifest::Diagnostics* diagnostics, Invocation& invocation) {
    std::optional<TracedSide> before;
    if (base) before = TracedSide{&base->project, &base->syncs, &base->info_schema};
    const std::string unseen = TraceLineage(judging, {}, {&head->project, &head->syncs, &head->info_schema},
                                            before ? &*before : nullptr, diagnostics);
    if (unseen.empty() || invocation.options.quiet) return;
    invocation.err.Line("weir: SQL above a sync is another than in the base, and what is sent may be made of something else: nobody "
                        "looked, " + unseen);
  }

  // Digests tell a base that is the head itself, and take as long as all the rest of reading: two files that differ in
  // size need none.
  bool NeedsDigests(const std::string& head_folder) const {
    if (base_.empty()) return false;
    if (!base_digest_.empty()) return true;
    std::error_code of_base, of_head;
    const auto base = fs::file_size(base_ + "/manifest.json", of_base);
    const auto head = fs::file_size(head_folder + "/manifest.json", of_head);
    return of_base || of_head || base == head;
  }

  // What is wrong with a sync in the base is not this pull request's business; such a sync then counts as new. So do the
  // syncs of weir.yml when nobody knows what the base's says: the head's own would hide what it adds.
  std::optional<Side> ReadBase(const Config& head, bool digest) const {
    if (base_.empty()) return std::nullopt;
    manifest::Diagnostics not_ours;
    std::optional<Config> config;
    std::error_code error;
    const auto folder = manifest::ProjectFolderOf(base_);
    const std::string beside = folder ? *folder + "/weir.yml" : "";
    // Artifacts that were fetched into the head's own folder lie beside the head's weir.yml.
    const bool of_the_base = fs::is_regular_file(beside, error) && !fs::equivalent(beside, head.file, error) && !error;
    const std::string file = !base_config_.empty() ? base_config_ : of_the_base ? beside : "";
    if (!base_config_.empty() && !fs::is_regular_file(base_config_, error)) {
      throw ConfigError("W-CLI-014", "`--base-config " + base_config_ + "` is no file");
    }
    if (!file.empty()) config = ReadConfig(file, "", &not_ours);
    Side side = Read(base_, digest, config ? &config->syncs : nullptr, file, &not_ours);
    if (config) {
      side.origins = OriginsOf(*config);
      side.settings = SettingsOf(config->written);
    } else {
      side.no_config = file.empty() ? "the base's weir.yml is not known" : "the base's weir.yml has errors";
    }
    if (!base_digest_.empty() && !manifest::EqualIgnoringCase(side.project.digest, base_digest_)) {
      throw manifest::ArtifactError("W-CHK-002", side.project.path + ": its SHA-256 is `" + side.project.digest +
                                                     "`, not that of `--base-digest`; fetch the protected branch's artifact");
    }
    return side;
  }

  // Absolute; empty: not known.
  std::string ProjectFolder(const std::string& head_folder, const Config& config) const {
    std::error_code error;
    if (!project_.empty()) {
      if (!fs::is_regular_file(fs::path(project_) / "dbt_project.yml", error)) {
        throw ConfigError("W-CLI-014", "`--project " + project_ + "` holds no dbt_project.yml");
      }
      return fs::weakly_canonical(project_).string();
    }
    if (const auto above = manifest::ProjectFolderOf(head_folder)) return *above;
    if (fs::is_regular_file(fs::path(config.folder) / "dbt_project.yml", error)) {
      return fs::weakly_canonical(config.folder).string();
    }
    return {};
  }

  // What is not known is told and fails nothing: counts decide nothing.
  void AddCounts(Config config, const std::vector<policies::SyncSpec>& head, const std::vector<policies::SyncSpec>& base,
                 policies::CheckReport* report, Invocation& invocation) const {
    config.state = fs::absolute(state_).lexically_normal().string();
    std::string no_keys;
    const std::optional<Keyring> keyring = RecallKeyring(config, &no_keys);
    std::map<std::string, std::uint64_t> present;
    for (const std::vector<policies::SyncSpec>* syncs : {&head, &base}) {
      for (const policies::SyncSpec& sync : *syncs) {
        if (present.contains(sync.id)) continue;
        std::string reason = no_keys;
        const auto memory = RecallState(StateFolder(config, sync), config, sync, keyring, &reason);
        if (memory) {
          present[sync.id] = memory->present;
        } else if (syncs == &head && !invocation.options.quiet) {
          invocation.err.Line("weir: no counts for `" + sync.id + "`: " + reason);
        }
      }
    }
    policies::AddForecast(present, report);
  }

  bool TakeBaseline(policies::CheckReport* report, Invocation& invocation) const {
    std::ifstream stream(baseline_, std::ios::binary);
    if (!stream) throw ConfigError("W-CLI-014", "there is no baseline `" + baseline_ + "`; `--write-baseline` makes one");
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    manifest::Diagnostics diagnostics;
    diagnostics.AddSource(baseline_, text);
    const bool good = policies::ApplyBaseline(text, baseline_, report, &diagnostics);
    invocation.err.Block(diagnostics.Render());
    return good;
  }

  policies::ReportSettings Settings(const manifest::Project& head, const Config& config,
                                    const Invocation& invocation) const {
    policies::ReportSettings settings;
    settings.colour = invocation.out.settings().colours;
    settings.fail_on = fail_on_ == "never" ? policies::FailOn::kNever
                       : fail_on_ == "all" ? policies::FailOn::kAll
                                           : policies::FailOn::kNew;
    settings.version = std::string(Version());
    settings.made_at = head.metadata.generated_at;
    settings.otherwise_path = fs::path(config.file).filename().string();
    return settings;
  }

  static int StatusOf(const policies::CheckReport& report, policies::FailOn fail_on) {
    const bool fails = std::any_of(report.findings.begin(), report.findings.end(),
                                   [&](const policies::Finding& one) { return policies::Fails(one, fail_on); });
    return fails ? kExitFindings : kExitGood;
  }

  Options options_;
  std::string head_, base_, base_digest_, base_config_, policies_, base_policies_, project_, root_;
  std::string baseline_, write_baseline_, state_;
  std::string fail_on_ = "new";
  std::vector<std::string> outputs_;
};

}  // namespace

std::unique_ptr<Command> AddCheck(CLI::App& app, GlobalOptions* global) { return std::make_unique<Check>(app, global); }

}  // namespace weir::gateway
