#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "manifest/artifacts.h"
#include "policies/check.h"
#include "policies/policy.h"

namespace weir::gateway {
namespace {

using policies::FindingLevel;
using policies::FindingStatus;

constexpr CommandHelp kHelp = {
    "check",
    "check policy and project, and show which data would newly leave",
    "For a pull request: compares two sets of dbt artifacts under one policy. Findings are split into new,\n"
    "existing and fixed; the egress plan lists every column with the form in which it would leave, and\n"
    "what changes. Needs no warehouse and no keys. Without `--base`, everything is new.",
    "  weir check                                       the project as it is\n"
    "  weir check --base base/target --head target      what a pull request changes\n"
    "  weir check --base base/target --policies base/policies   with the protected branch's policy\n",
    "0 nothing to object to; 1 findings; 2 configuration or policy wrong; 3 an artifact is unreadable",
    "policies/README.md; weir explain: how one column is decided",
};

// One set of artifacts and the syncs that they declare.
struct Side {
  manifest::Project project;
  std::vector<policies::SyncSpec> syncs;
};

class Check final : public Command {
 public:
  Check(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Text("--head", &head_, "DIR", "folder with the manifest.json to check [target of weir.yml]");
    options_.Text("--base", &base_, "DIR", "folder with the manifest.json to compare with [none: all is new]");
    options_.Text("--policies", &policies_, "DIR", "policy folder to check with [that of weir.yml]");
    options_.Choice("--fail-on", &fail_on_, {"new", "all", "never"},
                    "findings of level error that make the exit status 1 [new]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    manifest::Diagnostics diagnostics;
    const std::optional<policies::Policy> policy =
        policies::ReadPolicy(policies_.empty() ? config->policies : policies_, &diagnostics);
    const Side head = Read(head_.empty() ? config->target_folder : head_, *config, &diagnostics);
    const std::optional<Side> base = ReadBase(*config);
    if (diagnostics.HasErrors() || !invocation.options.quiet) invocation.err.Block(diagnostics.Render());
    if (!policy || diagnostics.HasErrors()) return kExitConfig;

    const policies::CheckSide head_side{&*policy, &head.project, &head.syncs};
    policies::CheckReport report;
    if (base) {
      const policies::CheckSide base_side{&*policy, &base->project, &base->syncs};
      report = policies::Check(head_side, &base_side);
    } else {
      report = policies::Check(head_side, nullptr);
    }
    const int status = StatusOf(report);
    Print(report, status, invocation);
    return status;
  }

 private:
  static Side Read(const std::string& folder, const Config& config, manifest::Diagnostics* diagnostics) {
    Side side;
    side.project = manifest::ReadProject(folder + "/manifest.json");
    side.syncs = policies::ReadSyncs(side.project, &config.syncs, config.file, diagnostics);
    return side;
  }

  // What is wrong with a sync in the base is not this pull request's business; such a sync then counts as new.
  std::optional<Side> ReadBase(const Config& config) const {
    if (base_.empty()) return std::nullopt;
    manifest::Diagnostics of_the_base;
    return Read(base_, config, &of_the_base);
  }

  int StatusOf(const policies::CheckReport& report) const {
    if (fail_on_ == "never") return kExitGood;
    std::size_t errors = report.Count(FindingStatus::kNew, FindingLevel::kError);
    if (fail_on_ == "all") errors += report.Count(FindingStatus::kExisting, FindingLevel::kError);
    return errors == 0 ? kExitGood : kExitFindings;
  }

  static void Print(const policies::CheckReport& report, int status, Invocation& invocation) {
    if (!invocation.json()) {
      // Escaped already, line by line, with its colours.
      invocation.out.Verbatim(RenderText(report, invocation.out.settings().colours));
      return;
    }
    nlohmann::ordered_json document = {{"document", "weir.check"}};
    document.update(nlohmann::ordered_json::parse(RenderJson(report)));
    document["exit_status"] = status;
    PrintJson(document.dump(), invocation.out);
  }

  Options options_;
  std::string head_, base_, policies_;
  std::string fail_on_ = "new";
};

}  // namespace

std::unique_ptr<Command> AddCheck(CLI::App& app, GlobalOptions* global) { return std::make_unique<Check>(app, global); }

}  // namespace weir::gateway
