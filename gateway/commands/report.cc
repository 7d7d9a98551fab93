#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "audit/clock.h"
#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/page_output.h"
#include "gateway/commands/report_files.h"
#include "gateway/exit_status.h"
#include "gateway/own_places.h"
#include "policies/egress_register.h"
#include "policies/report_egress.h"
#include "policies/report_page.h"
#include "policies/report_ropa.h"

namespace weir::gateway {
namespace {

constexpr CommandHelp kHelp = {
    "report",
    "write the register of processing, or everything that leaves",
    "Documents for people who are not at the terminal, from policy and manifest alone: no warehouse, no\n"
    "keys, no network.",
    "  weir report ropa                                   for who keeps the register of processing\n"
    "  weir report egress --format html --output egress.html\n",
    "see each command's `--help`",
    "gateway/README.md: the reports and their JSON; weir audit show: what was really sent",
};

constexpr CommandHelp kRopaHelp = {
    "ropa",
    "the register of processing, in the sense of Article 30 GDPR",
    "For each sync and each dashboard: purpose and legal basis, whose data, which classes in which form,\n"
    "the recipient with its country and role, the transfer mechanism. What policy and manifest do not\n"
    "know (the controller, retention at the recipient) is said to be unknown.",
    "  weir report ropa                                   to read here; into a pipe or a file as Markdown\n"
    "  weir report ropa --format html --output ropa.html  one file without script, to print or to mail\n"
    "  weir report ropa --format json                     for programs\n",
    "0 written; 2 configuration or policy wrong; 3 an artifact is unreadable",
    "policies/README.md: destinations and purposes, where these facts are written",
};

constexpr CommandHelp kEgressHelp = {
    "egress",
    "every field that leaves, with the rule that decides",
    "For engineers: column, declared type, field, class and how it is known, the form in which it leaves,\n"
    "the rules and the reason; also what was asked for and is denied, and what dashboards show.",
    "  weir report egress                                 to read here; into a pipe or a file as Markdown\n"
    "  weir report egress --format html --output egress.html\n",
    "0 written; 2 configuration or policy wrong; 3 an artifact is unreadable",
    "policies/README.md: how a column is decided; weir explain: one column in depth",
};

// What the two reports differ in.
struct ReportKind {
  const CommandHelp& help;
  policies::ReportPage (*page)(const policies::EgressRegister&);
  std::string (*json)(const policies::EgressRegister&);
};

class Report final : public Command {
 public:
  Report(CLI::App& parent, GlobalOptions* global, const ReportKind& kind)
      : options_(AddSubcommand(parent, kind.help, global)), kind_(kind) {
    options_.TakeAway("--format");
    options_.Choice("--format", &global->format, {"text", "json", "markdown", "html"},
                    "of the report [text at a terminal, else markdown]");
    options_.Text("--output", &output_, "FILE", "write it to this file, over what is there [standard output]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    if (!output_.empty()) RefuseOwnPlaces(workspace->config, "--output", output_);
    const std::string today = audit::FormatTime(invocation.clock.Now()).substr(0, 10);
    const policies::EgressRegister egress =
        policies::MakeRegister(workspace->policy, workspace->artifacts.project, workspace->syncs, today);
    if (invocation.json() && output_.empty()) {
      PrintJson(kind_.json(egress), invocation.out);
      return kExitGood;
    }
    const bool asked = options_.Given("--format");
    const bool read_here = output_.empty() && invocation.out.settings().is_terminal;
    if (output_.empty() && invocation.options.format == "text" && (asked || read_here)) {
      PrintPage(kind_.page(egress), invocation.out);
      return kExitGood;
    }
    std::string text;
    if (invocation.json()) {
      text = nlohmann::ordered_json::parse(kind_.json(egress)).dump(2) + "\n";
    } else if (invocation.options.format == "html") {
      text = policies::RenderPageHtml(kind_.page(egress));
    } else if (asked && invocation.options.format == "text") {
      std::ostringstream plain;
      Terminal file(plain, TerminalSettings{});
      PrintPage(kind_.page(egress), file);
      text = plain.str();
    } else {
      text = policies::RenderPageMarkdown(kind_.page(egress));
    }
    if (output_.empty()) {
      invocation.out.Verbatim(text);
    } else {
      WriteText(output_, text);
    }
    return kExitGood;
  }

 private:
  Options options_;
  ReportKind kind_;
  std::string output_;
};

}  // namespace

std::vector<std::unique_ptr<Command>> AddReport(CLI::App& app, GlobalOptions* global) {
  CLI::App& report = AddSubcommand(app, kHelp, global);
  Options(report).RequireCommand();
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<Report>(report, global, ReportKind{kRopaHelp, policies::RopaPage, policies::RopaJson}));
  commands.push_back(
      std::make_unique<Report>(report, global, ReportKind{kEgressHelp, policies::EgressPage, policies::EgressJson}));
  return commands;
}

}  // namespace weir::gateway
