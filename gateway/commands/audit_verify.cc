#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "audit/digest.h"
#include "audit/file.h"
#include "audit/note.h"
#include "audit/verify.h"
#include "gateway/commands/audit_log.h"
#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/terminal_progress.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kMaxCheckpointBytes = 1u << 20;

constexpr CommandHelp kHelp = {
    "verify",
    "check that logs are whole and unchanged",
    "Recomputes the whole tree of each log from its entries and compares it with the signed checkpoint;\n"
    "checks every file of the log, and that every intent has its outcomes. Any change, removal,\n"
    "reordering or cut below a checkpoint is found. A log that was replaced as a whole by an older state\n"
    "is found only with a checkpoint that you kept elsewhere: `--checkpoint FILE`.",
    "  weir audit verify                                      every log, with the key file's own key\n"
    "  weir audit verify crm_contacts --key \"$(cat crm.vkey)\"   with a key that you got another way\n"
    "  weir audit verify crm_contacts --checkpoint kept.checkpoint\n",
    "0 sound, or not begun; 2 no such log or a bad key; 6 something does not hold, or the log cannot be read\n"
    "or is gone although the state of its sync remembers it",
    "audit/README.md: format and guarantees; weir-verify --help: verification without this program",
};

struct Verified {
  SyncLog log;
  audit::VerifyReport report;
};

int StatusOf(const audit::VerifyReport& report) {
  // A delivery without outcome is what the log honestly says, no fault of the log.
  return report.good() ? kExitGood : kExitInDoubt;
}

// A first run that ended before its first entry (the warehouse was not there) leaves the places for a log and nothing in
// them. The state would remember a log that was more.
void AcceptUnbegun(const Config& config, Verified* verified) {
  audit::VerifyReport& report = verified->report;
  const bool has_checkpoint = audit::RealFileSystem().Exists(verified->log.folder + "/checkpoint");
  const bool has_tiles = audit::RealFileSystem().Exists(verified->log.folder + "/tile");
  // Whoever may not look at the state does not know.
  const bool may_look = ::access(config.state.c_str(), R_OK | X_OK) == 0;
  if (has_checkpoint || has_tiles || report.unpublished != 0 || report.problem_count != 1 || !may_look ||
      IsRemembered(config, verified->log.name)) {
    return;
  }
  report.problems.clear();
  report.problem_count = 0;
  report.remarks.push_back("no entry yet: no run of this sync got as far as its first");
}

void Print(const Verified& verified, Terminal& out) {
  const audit::VerifyReport& report = verified.report;
  out.Line({{verified.log.name, Style::kBold},
            {": "},
            report.good() ? Span{"sound", Style::kGood} : Span{"does not verify", Style::kBad},
            {"; " + WithThousands(report.size) + " entries, trust: " + report.trust}});
  out.Line("  origin    " + report.origin);
  out.Line("  root      " + audit::Base64(report.root));
  out.Line("  records   " + WithThousands(report.intents) + " intents, " + WithThousands(report.outcomes) + " outcomes");
  if (report.unpublished > 0) {
    out.Line("  after it  " + WithThousands(report.unpublished) + " entries that no checkpoint signs yet");
  }
  for (const auto& [run, records] : report.delivery_unknown) {
    out.Line(Spans{{"  unknown   ", Style::kWarning},
                   {WithThousands(records) + " deliveries of the run at entry " + std::to_string(run) +
                    " have no outcome: it is under way, or was killed and the next run closes them"}});
  }
  for (const std::string& remark : report.remarks) out.Line("  remark    " + remark);
  for (const audit::Problem& problem : report.problems) {
    out.Line(Spans{{"  problem   ", Style::kBad}, {problem.where + ": " + problem.what}});
  }
  if (report.problem_count > report.problems.size()) {
    out.Line("  and " + WithThousands(report.problem_count - report.problems.size()) + " more");
  }
}

ordered_json Json(const Verified& verified) {
  const audit::VerifyReport& report = verified.report;
  ordered_json problems = ordered_json::array();
  for (const audit::Problem& problem : report.problems) {
    problems.push_back({{"where", problem.where}, {"what", problem.what}});
  }
  ordered_json unknown = ordered_json::array();
  for (const auto& [run, records] : report.delivery_unknown) unknown.push_back({{"run", run}, {"records", records}});
  return {{"sync", verified.log.name},
          {"good", report.good()},
          {"origin", report.origin},
          {"size", report.size},
          {"root", audit::Base64(report.root)},
          {"trust", report.trust},
          {"intents", report.intents},
          {"outcomes", report.outcomes},
          {"unpublished", report.unpublished},
          {"delivery_unknown", std::move(unknown)},
          {"problem_count", report.problem_count},
          {"problems", std::move(problems)},
          {"remarks", report.remarks}};
}

class AuditVerify final : public Command {
 public:
  AuditVerify(CLI::App& audit, GlobalOptions* global) : options_(AddSubcommand(audit, kHelp, global)) {
    options_.Names("SYNC", &names_, "syncs whose logs to check [all]");
    options_.Text("--key", &vkey_, "VKEY", "the log's verifier key [that of the key file]");
    options_.Text("--checkpoint", &checkpoint_, "FILE", "a checkpoint that you kept: the log must extend it");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    const std::vector<SyncLog> logs = FindLogs(*config, names_);
    if ((!vkey_.empty() || !checkpoint_.empty()) && logs.size() != 1) {
      throw ConfigError("W-CLI-012", "`--key` and `--checkpoint` belong to one log; name its sync");
    }
    int status = kExitGood;
    ordered_json reports = ordered_json::array();
    for (const SyncLog& log : logs) {
      Verified verified{log, audit::Verify(audit::RealFileSystem(), log.folder, Key(*config, log), Earlier())};
      AcceptUnbegun(*config, &verified);
      status = WorseExitStatus(status, StatusOf(verified.report));
      if (invocation.json()) {
        reports.push_back(Json(verified));
      } else {
        Print(verified, invocation.out);
      }
    }
    if (invocation.json()) {
      const ordered_json document = {
          {"document", "weir.audit.verify"}, {"version", 1}, {"logs", std::move(reports)}, {"exit_status", status}};
      PrintJson(document.dump(-1, ' ', false, ordered_json::error_handler_t::replace), invocation.out);
    }
    return status;
  }

 private:
  audit::NoteKey Key(const Config& config, const SyncLog& log) const {
    const std::string vkey =
        vkey_.empty() ? audit::VerifierKey(log.ids, OpenKeyring(config).signing_seed) : vkey_;
    const std::optional<audit::NoteKey> key = audit::NoteKey::Parse(vkey);
    if (!key) {
      throw ConfigError("W-CLI-013", "`--key` is no verifier key; it looks like `name+01234567+base64`, as `weir audit "
                                     "key` prints it");
    }
    return *key;
  }

  audit::VerifyOptions Earlier() const {
    audit::VerifyOptions options;
    if (checkpoint_.empty()) return options;
    options.earlier_checkpoint = audit::RealFileSystem().ReadAll(checkpoint_, kMaxCheckpointBytes);
    if (!options.earlier_checkpoint) throw ConfigError("W-CLI-014", "there is no file `" + checkpoint_ + "`");
    return options;
  }

  Options options_;
  std::vector<std::string> names_;
  std::string vkey_, checkpoint_;
};

}  // namespace

std::unique_ptr<Command> AddAuditVerify(CLI::App& audit, GlobalOptions* global) {
  return std::make_unique<AuditVerify>(audit, global);
}

}  // namespace weir::gateway
