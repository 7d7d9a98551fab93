#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/clock.h"
#include "gateway/commands/options.h"
#include "gateway/terminal.h"

namespace weir::gateway {

// Options that every command takes.
struct GlobalOptions {
  std::string config;       // --config; empty: weir.yml here or in the nearest folder above
  std::string environment;  // --env; empty: none chosen
  std::string format = "text";  // text | json
  bool no_color = false;
  bool quiet = false;       // no progress, no warnings, no closing remarks; results and errors stay
  std::string log_file;     // --log-file; empty: the operator's log is off unless log_format asks for stderr
  std::string log_format;   // logfmt | json; empty: logfmt when there is a file
};

// What a command runs with. The referenced objects outlive it.
struct Invocation {
  GlobalOptions options;
  Terminal& out;              // results
  Terminal& err;              // diagnostics, progress, remarks
  std::ostream& progress;     // where progress is drawn: the stream under `err`
  const audit::Clock& clock;
  const std::atomic<bool>& stop;  // true after SIGINT or SIGTERM

  bool json() const { return options.format == "json"; }
};

// One command of the command line. It binds its options to an App when it is made; Run is called at most once, after
// parsing, and returns the exit status. Exceptions pass to the command line, which knows the status for each.
class Command {
 public:
  virtual ~Command() = default;
  virtual bool chosen() const = 0;
  virtual int Run(Invocation& invocation) = 0;
};

// What `--help` of a command teaches. `paragraph` and `examples` are broken into lines by hand, at most 100 columns.
struct CommandHelp {
  const char* name;
  const char* summary;    // one line, in the list of commands
  const char* paragraph;  // what it does
  const char* examples;   // one a line, with a remark
  const char* exit_status;
  const char* read_on;
};

// A subcommand of `parent` with that help and the global options, which are bound to `global`. Owned by `parent`.
CLI::App& AddSubcommand(CLI::App& parent, const CommandHelp& help, GlobalOptions* global);
// The global options alone, for the program itself.
void AddGlobalOptions(CLI::App& app, GlobalOptions* global);

// In the order in which the list of commands shows them. `app` and `global` outlive the commands.
std::unique_ptr<Command> AddInit(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddCheck(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddInspect(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddRuns(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddPlan(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddPreview(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddSync(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddApprove(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddOverride(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddExplain(CLI::App& app, GlobalOptions* global);
std::vector<std::unique_ptr<Command>> AddReport(CLI::App& app, GlobalOptions* global);
std::vector<std::unique_ptr<Command>> AddImport(CLI::App& app, GlobalOptions* global);
std::vector<std::unique_ptr<Command>> AddPolicy(CLI::App& app, GlobalOptions* global);
std::vector<std::unique_ptr<Command>> AddAudit(CLI::App& app, GlobalOptions* global);
std::unique_ptr<Command> AddHelp(CLI::App& app, GlobalOptions* global);

// Of `weir policy`; `policy` is its App.
std::unique_ptr<Command> AddPolicyTest(CLI::App& policy, GlobalOptions* global);
std::unique_ptr<Command> AddPolicyLint(CLI::App& policy, GlobalOptions* global);
std::unique_ptr<Command> AddPolicySchema(CLI::App& policy, GlobalOptions* global);

// Of `weir audit`; `audit` is its App.
std::unique_ptr<Command> AddAuditVerify(CLI::App& audit, GlobalOptions* global);
std::unique_ptr<Command> AddAuditShow(CLI::App& audit, GlobalOptions* global);
std::unique_ptr<Command> AddAuditProve(CLI::App& audit, GlobalOptions* global);
std::unique_ptr<Command> AddAuditKey(CLI::App& audit, GlobalOptions* global);

}  // namespace weir::gateway
