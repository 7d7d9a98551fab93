#include "gateway/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <utility>

#include "audit/file.h"
#include "audit/log.h"
#include "audit/seal.h"
#include "gateway/commands/command.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/config.h"
#include "gateway/destination.h"
#include "gateway/exit_status.h"
#include "gateway/operator_log.h"
#include "gateway/own_places.h"
#include "gateway/source.h"
#include "gateway/sync_state.h"
#include "gateway/terminal.h"
#include "gateway/version.h"
#include "manifest/artifacts.h"
#include "manifest/diagnostic.h"
#include "policies/policy_error.h"

namespace weir::gateway {
namespace {

constexpr const char* kDescription =
    "Weir lets data out of a dbt project's warehouse under control.\n"
    "\n"
    "It reads what dbt wrote (target/*.json), what your policies allow (policies/*.yml) and where data\n"
    "may go (weir.yml). `weir sync` sends rows to a destination only when dbt says the data is good,\n"
    "policy says each column may go and in which form, and an entry in the audit log is on disk first.";

constexpr const char* kFooter =
    "Examples:\n"
    "  weir init                     make weir.yml, a first policy and a key file in a dbt project\n"
    "  weir plan                     what would leave, in which form, by which rule; sends nothing\n"
    "  weir sync                     send what changed\n"
    "  weir audit verify             check the log of what was sent\n"
    "\n"
    "Exit status:\n"
    "  0 good; 1 findings, or rows refused; 2 configuration, policy or usage wrong; 3 an artifact, a\n"
    "  warehouse or a destination cannot be read; 4 held by the gate or a guard; 5 waiting for an\n"
    "  approval; 6 the log or a delivery is in doubt; 130 interrupted. Of several syncs the worst is\n"
    "  told, in this order: 6, 130, 2, 3, 4, 5, 1, 0.\n"
    "\n"
    "Read on:\n"
    "  weir COMMAND --help; README.md; policies/README.md (the policy language); gateway/README.md\n"
    "  (weir.yml, syncs, commands); weir help CODE explains a message code such as W-GATE-003";

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

// A word that stands where a command should and is none; empty when there is no such word.
std::string UnknownCommand(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("-")) continue;
    static const std::set<std::string> kFlags = {"--no-color", "-q", "--quiet"};
    const bool may_be_value = i > 0 && arguments[i - 1].starts_with("-") && !kFlags.contains(arguments[i - 1]);
    if (may_be_value) continue;
    const std::vector<std::string> names = CommandNames(app);
    return std::find(names.begin(), names.end(), arguments[i]) == names.end() ? arguments[i] : std::string();
  }
  return {};
}

// `The following argument was not expected: --foo` as this program says things.
std::string UsageMessage(const CLI::App& app, const std::vector<std::string>& arguments, std::string message) {
  if (const std::string word = UnknownCommand(app, arguments); !word.empty()) {
    return "there is no command `" + word + "`" + manifest::DidYouMean(word, CommandNames(app));
  }
  message = message.substr(0, message.find('\n'));
  if (message == "A subcommand is required") return "a command is required";
  if (message.size() > 1 && message[0] >= 'A' && message[0] <= 'Z' && (message[1] >= 'a' || message[1] == ' ')) {
    message[0] = static_cast<char>(message[0] - 'A' + 'a');
  }
  while (!message.empty() && (message.back() == '.' || message.back() == ' ')) message.pop_back();
  return message;
}

void AddCommands(CLI::App& app, GlobalOptions* global, std::vector<std::unique_ptr<Command>>* commands) {
  commands->push_back(AddInit(app, global));
  commands->push_back(AddCheck(app, global));
  commands->push_back(AddInspect(app, global));
  commands->push_back(AddRuns(app, global));
  commands->push_back(AddPlan(app, global));
  commands->push_back(AddPreview(app, global));
  commands->push_back(AddSync(app, global));
  commands->push_back(AddApprove(app, global));
  commands->push_back(AddOverride(app, global));
  commands->push_back(AddExplain(app, global));
  for (const auto add : {AddReport, AddImport, AddPolicy, AddAudit}) {
    std::vector<std::unique_ptr<Command>> group = add(app, global);
    std::move(group.begin(), group.end(), std::back_inserter(*commands));
  }
  commands->push_back(AddHelp(app, global));
}

int Fail(Terminal& terminal, int status, std::string_view code, std::string_view message) {
  Spans line = {{"weir: ", Style::kPlain}, {"error: ", Style::kBad}, {std::string(message), Style::kPlain}};
  if (!code.empty()) line.push_back({" [" + std::string(code) + "]", Style::kDim});
  terminal.Line(line);
  return status;
}

// The operator's log is opened before a command reads weir.yml, so that it tells of that too.
void OpenOperatorLogElsewhere(const GlobalOptions& options) {
  if (!options.log_file.empty() && options.log_file != "-") {
    std::optional<Config> config;
    try {
      manifest::Diagnostics told_by_the_command;
      config = ReadConfig(FindConfigFile(options), options.environment, &told_by_the_command);
    } catch (const ConfigError&) {
      // There is none; the command says so.
    }
    if (config) RefuseOwnPlaces(*config, "--log-file", options.log_file);
  }
  OpenOperatorLog(options.log_file, options.log_format);
}

int RunChosen(const std::vector<std::unique_ptr<Command>>& commands, Invocation& invocation) {
  Terminal& err = invocation.err;
  try {
    OpenOperatorLogElsewhere(invocation.options);
    for (const std::unique_ptr<Command>& command : commands) {
      if (command->chosen()) return command->Run(invocation);
    }
    return kExitConfig;  // not reached: parsing requires a command
  } catch (const ConfigError& error) {
    return Fail(err, kExitConfig, error.code(), error.what());
  } catch (const policies::PolicyError& error) {
    return Fail(err, kExitConfig, "W-PLAN-007", error.what());
  } catch (const manifest::ArtifactError& error) {
    return Fail(err, kExitUnreadable, error.code(), error.what());
  } catch (const SourceError& error) {
    return Fail(err, kExitUnreadable, error.code(), error.what());
  } catch (const DestinationError& error) {
    return Fail(err, kExitUnreadable, error.code(), error.what());
  } catch (const StateError& error) {
    return Fail(err, kExitInDoubt, error.code(), error.what());
  } catch (const audit::LogError& error) {
    return Fail(err, kExitInDoubt, "W-LOG-001", error.what());
  } catch (const audit::SealError& error) {
    return Fail(err, kExitInDoubt, "W-KEY-012", error.what());
  } catch (const audit::FileError& error) {
    return Fail(err, kExitUnreadable, "W-CLI-003", error.what());
  } catch (const std::bad_alloc&) {
    return Fail(err, kExitInDoubt, "W-CLI-004", "out of memory; nothing more is sent");
  } catch (const std::exception& error) {
    return Fail(err, kExitInDoubt, "W-CLI-005", std::string("unexpected: ") + error.what());
  }
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments, const Streams& streams, const audit::Clock& clock,
                   const std::atomic<bool>& stop) {
  GlobalOptions global;
  CLI::App app(kDescription, "weir");
  app.footer(kFooter);
  app.require_subcommand(1);
  AddGlobalOptions(app, &global);
  app.set_version_flag("--version", "weir " + std::string(Version()), "show the version and exit");
  std::vector<std::unique_ptr<Command>> commands;
  AddCommands(app, &global, &commands);

  if (arguments.empty()) {
    Terminal(streams.err, DetectTerminal(streams.err_descriptor, true)).Block(app.help());
    return kExitConfig;
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    streams.out << app.help();
    return kExitGood;
  } catch (const CLI::CallForVersion& version) {
    streams.out << version.what() << '\n';
    return kExitGood;
  } catch (const CLI::ParseError& error) {
    Terminal err(streams.err, DetectTerminal(streams.err_descriptor, global.no_color));
    return Fail(err, kExitConfig, "W-CLI-001", UsageMessage(app, arguments, error.what()) + "; `weir --help` shows what there is");
  }

  Terminal out(streams.out, DetectTerminal(streams.out_descriptor, global.no_color));
  Terminal err(streams.err, DetectTerminal(streams.err_descriptor, global.no_color));
  Invocation invocation{global, out, err, streams.err, clock, stop};
  const int status = RunChosen(commands, invocation);
  streams.out.flush();
  return status;
}

}  // namespace weir::gateway
