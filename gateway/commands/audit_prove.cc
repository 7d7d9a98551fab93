#include <nlohmann/json.hpp>
#include <string>

#include "audit/file.h"
#include "audit/log_reader.h"
#include "audit/proof.h"
#include "gateway/commands/audit_log.h"
#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/own_places.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "prove",
    "print a proof that an entry is in a log",
    "A C2SP tlog-proof: the path from the entry to the root, and the signed checkpoint. Whoever has the\n"
    "entry's bytes, this proof and the log's verifier key can check it without the log.",
    "  weir audit prove crm_contacts 17 --entry 17.json > 17.tlog-proof\n"
    "  weir-verify --proof 17.tlog-proof --entry 17.json --key \"$(weir audit key crm_contacts)\"\n",
    "0 proved; 2 no such log or entry; 6 the log does not prove it (yet)",
    "audit/README.md: proofs",
};

class AuditProve final : public Command {
 public:
  AuditProve(CLI::App& audit, GlobalOptions* global) : options_(AddSubcommand(audit, kHelp, global)) {
    options_.Argument("SYNC", &name_, "the sync");
    options_.Argument("INDEX", &index_, "of the entry, as `weir audit show` tells it");
    options_.Text("--entry", &entry_file_, "FILE", "write the entry's exact bytes to this file");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    if (!entry_file_.empty()) RefuseOwnPlaces(*config, "--entry", entry_file_);
    const SyncLog log = FindLogs(*config, {name_}).front();
    const audit::LogReader reader(audit::RealFileSystem(), log.folder);
    if (index_ >= reader.size()) {
      throw ConfigError("W-CLI-015", "the log of `" + log.name + "` has " + std::to_string(reader.size()) +
                                         " entries; there is none with index " + std::to_string(index_));
    }
    const std::string entry = reader.Entry(index_);
    const std::string proof = audit::Prove(audit::RealFileSystem(), log.folder, index_);
    if (!entry_file_.empty()) audit::RealFileSystem().WriteAtomically(entry_file_, entry);
    if (invocation.json()) {
      const nlohmann::ordered_json document = {{"document", "weir.audit.prove"}, {"version", 1}, {"sync", log.name},
                                               {"index", index_},               {"entry", entry}, {"proof", proof}};
      PrintJson(document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), invocation.out);
    } else {
      invocation.out.Verbatim(proof);
    }
    return kExitGood;
  }

 private:
  Options options_;
  std::string name_, entry_file_;
  std::uint64_t index_ = 0;
};

}  // namespace

std::unique_ptr<Command> AddAuditProve(CLI::App& audit, GlobalOptions* global) {
  return std::make_unique<AuditProve>(audit, global);
}

}  // namespace weir::gateway
