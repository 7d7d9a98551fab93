#include "gateway/commands/command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace weir::gateway {
namespace {

constexpr const char* kGlobalGroup = "Global options";

// The whole description in a command's own help, its first line in the list of commands; a command's own options before
// those that all have; one blank line between the parts.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(30);
    label("TEXT", "");
    label("SUBCOMMAND", "COMMAND");
    label("Subcommands", "Commands");
    label("Positionals", "Arguments");
  }

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
    return app->get_description() + "\n\n" + make_usage(app, name) + make_positionals(app) + OptionsOf(app) +
           make_subcommands(app, mode) + (app->get_footer().empty() ? "" : "\n" + app->get_footer() + "\n");
  }

  std::string OptionsOf(const CLI::App* app) const {
    std::string own, global;
    for (const std::string& group : app->get_groups()) {
      const std::vector<const CLI::Option*> options = app->get_options(
          [&group](const CLI::Option* option) { return option->nonpositional() && option->get_group() == group; });
      if (!options.empty()) (group == kGlobalGroup ? global : own) += make_group(group, false, options);
    }
    return own + global;
  }

  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const override {
    std::string list = CLI::Formatter::make_subcommands(app, mode);
    while (list.ends_with("\n\n")) list.pop_back();
    return list;
  }

  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string description = sub->get_description();
    std::ostringstream out;
    CLI::detail::format_help(out, sub->get_name(), description.substr(0, description.find('\n')), get_column_width());
    return out.str();
  }

  // Without what excludes what: a wrong combination is told when it is used.
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_size() == 0 || option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
};

std::string Footer(const CommandHelp& help) {
  return "Examples:\n" + std::string(help.examples) + "\nExit status:\n  " + help.exit_status + "\n\nRead on:\n  " +
         help.read_on;
}

}  // namespace

void AddGlobalOptions(CLI::App& app, GlobalOptions* global) {
  app.formatter(std::make_shared<HelpFormatter>());
  const std::string group = kGlobalGroup;
  app.add_option("--config", global->config, "weir.yml to use [the one here or in the nearest folder above]")
      ->type_name("FILE")
      ->check(NotEmpty())
      ->group(group);
  app.add_option("--env", global->environment, "overlay of weir.yml's `environments:`")
      ->type_name("NAME")
      ->check(NotEmpty())
      ->group(group);
  app.add_option("--format", global->format, "text for people, json for programs [text]")
      ->type_name("text|json")
      ->transform(CLI::IsMember({"text", "json"}).description(""))
      ->group(group);
  app.add_flag("--no-color", global->no_color, "no colours, also on a terminal (as does NO_COLOR)")->group(group);
  app.add_flag("-q,--quiet", global->quiet, "no progress and no remarks; results and errors stay")->group(group);
  app.add_option("--log-file", global->log_file, "append the operator's log to this file; `-` is standard error")
      ->type_name("FILE")
      ->check(NotEmpty())
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
  app->group("Commands");
  app->footer(Footer(help));
  AddGlobalOptions(*app, global);
  return *app;
}

}  // namespace weir::gateway
