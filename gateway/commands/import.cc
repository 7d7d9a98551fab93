#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "audit/file.h"
#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/config.h"
#include "gateway/exit_status.h"
#include "policies/import_bouncer.h"
#include "policies/import_odcs.h"

namespace weir::gateway {
namespace {

constexpr std::uint64_t kMaxBytes = 4u << 20;

constexpr CommandHelp kHelp = {
    "import",
    "turn another tool's rules into a policy file",
    "Reads a file of another tool and prints a file for the policy folder. Only what restricts is taken\n"
    "over; what would permit is printed as a comment, for a person to decide. What has no counterpart is\n"
    "listed by name. Nothing that is there is overwritten.",
    "  weir import dbt-bouncer dbt-bouncer.yml\n"
    "  weir import odcs contract.yaml --output policies/contract.yml\n",
    "see each command's `--help`",
    "policies/README.md: the keys of a policy",
};

constexpr CommandHelp kBouncerHelp = {
    "dbt-bouncer",
    "dbt-bouncer's checks on exposures, access, contracts and freshness",
    "Makes `require:` entries of the checks that say something about what leaves. Weir asks them of what a\n"
    "sync or a dashboard reads, dbt-bouncer of the whole project: keep it for the rest, which is listed.",
    "  weir import dbt-bouncer dbt-bouncer.yml\n"
    "  weir import dbt-bouncer dbt-bouncer.yml --output policies/imported.yml\n",
    "0 done, whatever was left out; 2 the file is no configuration of dbt-bouncer, or the output is there already",
    "policies/README.md, \"require\"",
};

constexpr CommandHelp kOdcsHelp = {
    "odcs",
    "a data contract of the Open Data Contract Standard, version 3",
    "Classifications become restrictive classes by address, reading roles become roles, primary keys, row\n"
    "counts and freshness become requirements. `public` is a comment: only the policy's owners permit.",
    "  weir import odcs contract.odcs.yaml\n"
    "  weir import odcs contract.odcs.yaml --output policies/contract.yml\n",
    "0 done, whatever was left out; 2 the file is no such contract, or the output is there already",
    "policies/README.md, \"classes\" and \"require\"",
};

using Importer = std::optional<policies::Imported> (*)(std::string_view, const std::string&, manifest::Diagnostics*);

// Never over a file that is there: whoever wrote it decided something.
void WriteNew(const std::string& path, const std::string& text) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    if (errno == EEXIST) {
      throw ConfigError("W-IMP-003", "`" + path + "` is there already and is not overwritten; name another file, or remove it");
    }
    throw audit::FileError("create", path, errno);
  }
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      close(descriptor);
      throw audit::FileError("write", path, error);
    }
    done += static_cast<std::size_t>(count);
  }
  if (close(descriptor) != 0) throw audit::FileError("write", path, errno);
}

class Import final : public Command {
 public:
  Import(CLI::App& parent, GlobalOptions* global, const CommandHelp& help, Importer importer)
      : options_(AddSubcommand(parent, help, global)), name_(help.name), importer_(importer) {
    options_.Argument("FILE", &file_, "file to read");
    options_.Text("--output", &output_, "FILE", "write to this file, which must not be there [standard output]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<std::string> text = audit::RealFileSystem().ReadAll(file_, kMaxBytes);
    if (!text) throw ConfigError("W-CLI-014", "there is no file `" + file_ + "`");
    manifest::Diagnostics diagnostics;
    const std::optional<policies::Imported> imported = importer_(*text, file_, &diagnostics);
    invocation.err.Block(diagnostics.Render());
    if (!imported) return kExitConfig;
    if (!output_.empty()) WriteNew(output_, imported->yaml);
    if (invocation.json()) {
      PrintDocument(*imported, invocation.out);
      return kExitGood;
    }
    if (output_.empty()) invocation.out.Verbatim(imported->yaml);
    if (!invocation.options.quiet) Tell(*imported, invocation.err);
    return kExitGood;
  }

 private:
  void Tell(const policies::Imported& imported, Terminal& err) const {
    if (!output_.empty()) err.Line(Spans{{"wrote  ", Style::kGood}, {output_}});
    err.Line("taken over: " + std::to_string(imported.taken.size()));
    for (const policies::Imported::Left& left : imported.left) {
      err.Line(Spans{{"left   ", Style::kWarning}, {left.name, Style::kBold}, {": " + left.why}});
    }
  }

  void PrintDocument(const policies::Imported& imported, Terminal& out) const {
    nlohmann::ordered_json left = nlohmann::ordered_json::array();
    for (const policies::Imported::Left& one : imported.left) left.push_back({{"name", one.name}, {"why", one.why}});
    const nlohmann::ordered_json document = {{"document", "weir.import"}, {"version", 1},
                                             {"from", name_},             {"yaml", imported.yaml},
                                             {"taken", imported.taken},   {"left", std::move(left)}};
    PrintJson(document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), out);
  }

  Options options_;
  std::string name_;
  Importer importer_;
  std::string file_, output_;
};

}  // namespace

std::vector<std::unique_ptr<Command>> AddImport(CLI::App& app, GlobalOptions* global) {
  CLI::App& import = AddSubcommand(app, kHelp, global);
  Options(import).RequireCommand();
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<Import>(import, global, kBouncerHelp, policies::ImportBouncer));
  commands.push_back(std::make_unique<Import>(import, global, kOdcsHelp, policies::ImportOdcs));
  return commands;
}

}  // namespace weir::gateway
