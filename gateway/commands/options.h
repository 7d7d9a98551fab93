#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
class Validator;
}

namespace weir::gateway {

// An empty value is a variable that a script forgot to set: taken as absent, it would let go of what the option asks for.
const CLI::Validator& NotEmpty();

// The options of one command, bound to variables that outlive parsing. The adapter over the command line library, so that
// commands do not depend on it. Not copyable: parsing keeps what it binds.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // Arguments without a name: any number of them, or exactly one, which is then required.
  void Names(const char* name, std::vector<std::string>* into, const char* help);
  void Argument(const char* name, std::string* into, const char* help);
  void Argument(const char* name, std::uint64_t* into, const char* help);

  void Flag(const char* name, bool* into, const char* help);
  // `type` stands after the option in its help: FILE.
  void Text(const char* name, std::string* into, const char* type, const char* help);
  void Number(const char* name, std::uint64_t* into, std::uint64_t least, std::uint64_t most, const char* help);
  void Choice(const char* name, std::string* into, const std::vector<std::string>& choices, const char* help);
  // Any number of times, one value each.
  void Texts(const char* name, std::vector<std::string>* into, const char* type, const char* help);
  // Takes away the global option of that name, so that the command can define its own.
  void TakeAway(const char* name);

  void Exclude(const char* name, const char* other);  // not both
  void Need(const char* name, const char* other);     // not without the other

  void RequireCommand();                              // one of the commands below this one

  bool Given(const char* name) const;
  // The user asked for this command and for no command below it.
  bool Chosen() const;

  CLI::App& app() { return app_; }

 private:
  CLI::App& app_;  // owned by the App above it
};

}  // namespace weir::gateway
