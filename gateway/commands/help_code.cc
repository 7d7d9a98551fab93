#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/config.h"
#include "gateway/exit_status.h"
#include "gateway/message_codes.h"
#include "gateway/table.h"
#include "manifest/column_names.h"
#include "manifest/diagnostic.h"
#include "policies/report.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;

constexpr CommandHelp kHelp = {
    "help",
    "explain a message code such as W-GATE-003, or a finding such as class-lost",
    "Every message carries a stable code, and every finding of `weir check` a rule. This explains what it\n"
    "means and what to do; without a code it lists them all.",
    "  weir help W-GATE-003\n"
    "  weir help column-denied       a finding of weir check\n"
    "  weir help                     all codes\n",
    "0 explained; 2 there is no such code",
    "weir --help: the commands",
};

MessageCode Explained(const policies::FindingRule& rule) {
  return {rule.id, rule.what, "A finding of `weir check`; policies/README.md, \"Findings\", lists them with their levels.", rule.then};
}

// Codes, then findings.
const std::vector<MessageCode>& Entries() {
  static const std::vector<MessageCode> entries = [] {
    std::vector<MessageCode> all(MessageCodes().begin(), MessageCodes().end());
    for (const policies::FindingRule& rule : policies::RulesOfFindings()) all.push_back(Explained(rule));
    return all;
  }();
  return entries;
}

std::vector<const MessageCode*> Find(const std::vector<std::string>& codes) {
  std::vector<const MessageCode*> found;
  for (const std::string& code : codes) {
    const auto entry = std::find_if(Entries().begin(), Entries().end(), [&](const MessageCode& one) {
      return manifest::EqualIgnoringCase(one.code, code);
    });
    if (entry == Entries().end()) {
      std::vector<std::string> known;
      for (const MessageCode& candidate : Entries()) known.emplace_back(candidate.code);
      throw ConfigError("W-CLI-009", "no message has the code `" + code + "`" + manifest::DidYouMean(code, known) +
                                         (code.starts_with("W-") ? "; `weir help` lists all"
                                                                 : "; a command is explained by `weir COMMAND --help`"));
    }
    found.push_back(&*entry);
  }
  return found;
}

class Help final : public Command {
 public:
  Help(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Names("CODE", &codes_, "codes to explain [all, as a list]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    std::vector<const MessageCode*> entries = Find(codes_);
    if (codes_.empty()) {
      for (const MessageCode& entry : Entries()) entries.push_back(&entry);
    }
    if (invocation.json()) {
      PrintDocument(entries, invocation.out);
    } else if (codes_.empty()) {
      Table table({"CODE", "TITLE"});
      for (const MessageCode* entry : entries) table.AddRow({{std::string(entry->code)}, {std::string(entry->title)}});
      table.Print(invocation.out);
    } else {
      for (const MessageCode* entry : entries) Explain(*entry, invocation.out);
    }
    return kExitGood;
  }

 private:
  static void Explain(const MessageCode& entry, Terminal& out) {
    const std::size_t width = out.settings().columns > 20 ? out.settings().columns - 2 : 98;
    out.Line(Spans{{std::string(entry.code), Style::kBold}, {"  " + std::string(entry.title)}});
    for (const std::string& line : FoldAtSpaces(std::string(entry.meaning), width)) out.Line("  " + line);
    out.Line("  What to do:");
    for (const std::string& line : FoldAtSpaces(std::string(entry.advice), width - 2)) out.Line("    " + line);
  }

  static void PrintDocument(const std::vector<const MessageCode*>& entries, Terminal& out) {
    ordered_json codes = ordered_json::array();
    for (const MessageCode* entry : entries) {
      codes.push_back({{"code", std::string(entry->code)},
                       {"title", std::string(entry->title)},
                       {"meaning", std::string(entry->meaning)},
                       {"advice", std::string(entry->advice)}});
    }
    PrintJson(ordered_json{{"document", "weir.help"}, {"version", 1}, {"codes", std::move(codes)}}.dump(), out);
  }

  Options options_;
  std::vector<std::string> codes_;
};

}  // namespace

std::unique_ptr<Command> AddHelp(CLI::App& app, GlobalOptions* global) { return std::make_unique<Help>(app, global); }

}  // namespace weir::gateway
