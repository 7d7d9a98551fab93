#include "gateway/commands/options.h"

#include <CLI/CLI.hpp>

namespace weir::gateway {

const CLI::Validator& NotEmpty() {
  static const CLI::Validator kNotEmpty(
      [](std::string& value) { return value.empty() ? std::string("its value is empty") : std::string(); }, "");
  return kNotEmpty;
}

void Options::Names(const char* name, std::vector<std::string>* into, const char* help) {
  app_.add_option(name, *into, help)->type_name("");
}

void Options::Argument(const char* name, std::string* into, const char* help) {
  app_.add_option(name, *into, help)->type_name("")->required();
}

void Options::Argument(const char* name, std::uint64_t* into, const char* help) {
  app_.add_option(name, *into, help)->type_name("")->required();
}

void Options::Flag(const char* name, bool* into, const char* help) { app_.add_flag(name, *into, help); }

void Options::Text(const char* name, std::string* into, const char* type, const char* help) {
  app_.add_option(name, *into, help)->type_name(type)->check(NotEmpty());
}

void Options::Number(const char* name, std::uint64_t* into, std::uint64_t least, std::uint64_t most, const char* help) {
  app_.add_option(name, *into, help)->type_name("N")->check(CLI::Range(least, most).description(""));
}

void Options::Choice(const char* name, std::string* into, const std::vector<std::string>& choices, const char* help) {
  std::string type;
  for (const std::string& choice : choices) type += (type.empty() ? "" : "|") + choice;
  app_.add_option(name, *into, help)->type_name(type)->check(CLI::IsMember(choices).description(""));
}

void Options::Texts(const char* name, std::vector<std::string>* into, const char* type, const char* help) {
  app_.add_option(name, *into, help)->type_name(type)->check(NotEmpty())->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Options::TakeAway(const char* name) { app_.remove_option(app_.get_option(name)); }

void Options::Exclude(const char* name, const char* other) { app_.get_option(name)->excludes(app_.get_option(other)); }

void Options::Need(const char* name, const char* other) { app_.get_option(name)->needs(app_.get_option(other)); }

void Options::RequireCommand() { app_.require_subcommand(1); }

bool Options::Given(const char* name) const { return app_.count(name) > 0; }

bool Options::Chosen() const { return app_.parsed() && app_.get_subcommands().empty(); }

}  // namespace weir::gateway
