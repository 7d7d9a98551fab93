#include <nlohmann/json.hpp>
#include <string>

#include "audit/note.h"
#include "gateway/commands/audit_log.h"
#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "key",
    "print the key that a log is verified with",
    "The public verifier key (vkey) of a sync's log, as C2SP signed-note writes it. Give it to whoever is\n"
    "to verify the log, on another way than the log itself: who holds only what this machine hands out\n"
    "must trust this machine.",
    "  weir audit key crm_contacts > crm_contacts.vkey\n",
    "0 printed; 2 no such log, or the key file cannot be used",
    "audit/README.md: format of the log; weir-verify --help: verification without this program",
};

class AuditKey final : public Command {
 public:
  AuditKey(CLI::App& audit, GlobalOptions* global) : options_(AddSubcommand(audit, kHelp, global)) {
    options_.Argument("SYNC", &name_, "the sync");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    const SyncLog log = FindLogs(*config, {name_}).front();
    const Keyring keyring = OpenKeyring(*config);
    const std::string vkey = audit::VerifierKey(log.ids, keyring.signing_seed);
    if (invocation.json()) {
      const nlohmann::ordered_json document = {
          {"document", "weir.audit.key"}, {"version", 1}, {"sync", log.name}, {"origin", log.ids.origin()}, {"vkey", vkey}};
      PrintJson(document.dump(), invocation.out);
    } else {
      invocation.out.Line(vkey);
    }
    return kExitGood;
  }

 private:
  Options options_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> AddAuditKey(CLI::App& audit, GlobalOptions* global) {
  return std::make_unique<AuditKey>(audit, global);
}

}  // namespace weir::gateway
