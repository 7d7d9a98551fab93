#include "gateway/commands/command.h"

#include <CLI/CLI.hpp>
#include <string>

namespace weir::gateway {
namespace {

// Shows the whole description in a command's own help, and its first line in the list of commands.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(30);
    label("REQUIRED", "");
    label("TEXT", "");
    label("Options", "Options");
  }

  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string description = sub->get_description();
    std::ostringstream out;
    CLI::detail::format_help(out, sub->get_name(), description.substr(0, description.find('\n')), get_column_width());
    return out.str();
  }

  std::string make_footer(const CLI::App* app) const override {
    const std::string footer = app->get_footer();
    return footer.empty() ? std::string() : "\n" + footer + "\n";
  }
};

std::string Footer(const CommandHelp& help) {
  return "Examples:\n" + std::string(help.examples) + "\nExit status:\n  " + help.exit_status + "\n\nRead on:\n  " +
         help.read_on;
}

}  // namespace

void AddGlobalOptions(CLI::App& app, GlobalOptions* global) {
  app.formatter(std::make_shared<HelpFormatter>());
  const std::string group = "Global options";
  app.add_option("--config", global->config, "weir.yml to use [the one here or in the nearest folder above]")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--env", global->environment, "overlay of weir.yml's `environments:`")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--format", global->format, "text for people, json for programs [text]")
      ->type_name("text|json")
      ->transform(CLI::IsMember({"text", "json"}).description(""))
      ->group(group);
  app.add_flag("--no-color", global->no_color, "no colours, also on a terminal (as does NO_COLOR)")->group(group);
  app.add_flag("-q,--quiet", global->quiet, "no progress and no remarks; results and errors stay")->group(group);
  app.add_option("--log-file", global->log_file, "append the operator's log to this file; `-` is standard error")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--log-format", global->log_format, "of the operator's log [logfmt]")
      ->type_name("logfmt|json")
      ->transform(CLI::IsMember({"logfmt", "json"}).description(""))
      ->group(group);
  app.set_help_flag("-h,--help", "show this and exit")->group(group);
}

CLI::App& AddSubcommand(CLI::App& parent, const CommandHelp& help, GlobalOptions* global) {
  CLI::App* const app =
      parent.add_subcommand(help.name, std::string(help.summary) + "\n\n" + help.paragraph);
  app->footer(Footer(help));
  AddGlobalOptions(*app, global);
  return *app;
}

}  // namespace weir::gateway
