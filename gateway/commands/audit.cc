
#include "gateway/commands/command.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "audit",
    "verify, show and prove what was sent",
    "Every sync keeps a log: an append-only Merkle tree with signed checkpoints (C2SP tlog-tiles), which\n"
    "software that we did not write can check. What leaves is in the log before it leaves.",
    "  weir audit verify                       check every log\n"
    "  weir audit show crm_contacts            what was decided and sent\n"
    "  weir audit prove crm_contacts 17        a proof that entry 17 is in the log\n"
    "  weir audit key crm_contacts             the key that others verify with\n",
    "see each command's `--help`; 6 when a log is in doubt",
    "audit/README.md: format and guarantees; weir-verify --help: verification without this program",
};

}  // namespace

std::vector<std::unique_ptr<Command>> AddAudit(CLI::App& app, GlobalOptions* global) {
  CLI::App& audit = AddSubcommand(app, kHelp, global);
  Options(audit).RequireCommand();
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(AddAuditVerify(audit, global));
  commands.push_back(AddAuditShow(audit, global));
  commands.push_back(AddAuditProve(audit, global));
  commands.push_back(AddAuditKey(audit, global));
  return commands;
}

}  // namespace weir::gateway
