#include <algorithm>
#include <string>

#include "gateway/approval_log.h"
#include "gateway/commands/approval_request.h"
#include "gateway/commands/command.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/run_sync.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "approve",
    "let a held run pass its guards, by signatures",
    "When a guard (max_deletes, max_changes, min_rows) holds a run and policy has `approvals:`, the run\n"
    "ends with 5 and waits. This writes down what may pass: for that plan, up to these counts, until a\n"
    "day, for one run. Persons of the policy's allowed signers file sign it with their SSH keys; who\n"
    "asked for it cannot. Then `weir sync` goes on, and the log says who approved what.",
    "  weir approve crm --reason 'old segment closed'    what the last run waits for, not yet signed\n"
    "  weir approve crm --sign-with ~/.ssh/id_ed25519    the same, and sign it\n"
    "  weir approve crm --deletes 500 --expires 2d       more than the last run counted\n"
    "  weir approve --cosign FILE                        show it, and whose signature is missing\n"
    "  weir approve --cosign FILE --sign-with KEYFILE    add a signature\n",
    "0 enough persons signed; 2 it cannot be asked for, or the key may not sign; 5 more must sign",
    "policies/README.md: approvals; gateway/decisions: what \"used once\" means; weir override",
};

bool IsPlanDigest(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

class Approve final : public Command {
 public:
  Approve(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Names("SYNC", &names_, "the sync that waits");
    options_.Text("--plan", &plan_, "DIGEST", "the plan, as the run that waits told it [that of the last run]");
    options_.Number("--deletes", &deletes_, 0, kMost, "at most so many deletes [as many as there were]");
    options_.Number("--changes", &changes_, 0, kMost, "at most so many changes [as many as there were]");
    options_.Number("--rows", &rows_, 0, kMost, "at least so many rows [as many as there were]");
    asked_.AddTo(&options_);
    options_.Text("--cosign", &cosign_, "FILE", "an approval or override that is there: show it, or sign it, too");
    for (const char* other : {"SYNC", "--plan", "--deletes", "--changes", "--rows", "--reason", "--expires", "--requested-by", "--print"}) {
      options_.Exclude("--cosign", other);
    }
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    ApprovalsOf(*workspace);
    if (options_.Given("--cosign")) return Cosign(*workspace, cosign_, asked_.key_file, invocation);
    if (names_.size() != 1) throw ConfigError("W-APR-041", "name one sync, or the approval to sign: `weir approve --cosign FILE`");
    const policies::SyncSpec& sync = *ChooseSyncs(*workspace, names_).front();
    const std::optional<HeldRun> waiting = Waiting(*workspace, sync);
    policies::Approval approval =
        BeginApproval(*workspace, sync, policies::Approval::Kind::kGuards, waiting ? waiting->actor : Actor(), asked_, invocation.clock.Now());
    approval.plan_digest = waiting ? waiting->plan_digest : plan_;
    if (waiting) {
      approval.run = waiting->run;
      approval.max_deletes = waiting->deletes;
      approval.max_changes = waiting->changes;
      approval.min_rows = waiting->rows;
    }
    Take("--deletes", deletes_, false, &approval.max_deletes);
    Take("--changes", changes_, false, &approval.max_changes);
    Take("--rows", rows_, true, &approval.min_rows);
    return FinishApproval(*workspace, sync, approval, asked_, invocation);
  }

 private:
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 53;  // what JSON carries without loss

  // The run to approve; nullopt: it is told by `--plan` alone.
  std::optional<HeldRun> Waiting(const Workspace& workspace, const policies::SyncSpec& sync) const {
    std::optional<HeldRun> held = FindHeldRun(LogFolder(workspace.config, sync));
    if (held && held->result != "waiting") held.reset();
    if (!options_.Given("--plan")) {
      if (held) return held;
      throw ConfigError("W-APR-041", "no run of `" + sync.name + "` waits for an approval; run `" +
                                         CommandWords("sync", sync.name, workspace.config.environment) +
                                         "` first, or give `--plan DIGEST` and the counts that it told");
    }
    if (!IsPlanDigest(plan_)) throw ConfigError("W-APR-043", "`--plan` takes the 64 digits that the run told");
    if (held && held->plan_digest == plan_) return held;
    if (!options_.Given("--deletes") && !options_.Given("--changes") && !options_.Given("--rows")) {
      throw ConfigError("W-APR-041", "the last run of `" + sync.name + "` does not wait with this plan; give the counts, too: "
                                     "`--deletes N`, `--changes N` or `--rows N`");
    }
    return std::nullopt;
  }

  // A ceiling below what there was would be signed in vain.
  void Take(const char* option, std::uint64_t given, bool is_floor, std::optional<std::uint64_t>* into) const {
    if (!options_.Given(option)) return;
    if (*into && (is_floor ? given > **into : given < **into)) {
      throw ConfigError("W-APR-042", "`" + std::string(option) + " " + std::to_string(given) + "` does not cover the " +
                                         std::to_string(**into) + " that the run counted");
    }
    *into = given;
  }

  Options options_;
  std::vector<std::string> names_;
  std::string plan_, cosign_;
  std::uint64_t deletes_ = 0, changes_ = 0, rows_ = 0;
  ApprovalOptions asked_;
};

}  // namespace

std::unique_ptr<Command> AddApprove(CLI::App& app, GlobalOptions* global) { return std::make_unique<Approve>(app, global); }

}  // namespace weir::gateway
