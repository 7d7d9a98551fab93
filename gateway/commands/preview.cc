#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/commands/plan_report.h"
#include "gateway/exit_status.h"
#include "gateway/run_sync.h"
#include "gateway/table.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kMaxRows = 1000;
constexpr std::size_t kMaxCellWidth = 40;  // on a terminal; JSON has all of it

constexpr CommandHelp kHelp = {
    "preview",
    "show a few rows as the destination would get them",
    "Reads the first rows of the sync's model and shows them as policy would send them: masked, hashed,\n"
    "blanked. A row that a filter withholds shows as withheld, without values. Sends and writes nothing.",
    "  weir preview crm_contacts             five rows\n"
    "  weir preview crm_contacts --rows 20\n",
    "0 shown; 2 policy or mapping refuses the sync; 3 the warehouse cannot be read",
    "weir plan: why a column has the form it has",
};

std::string Shortened(const std::string& text) {
  if (DisplayWidth(text) <= kMaxCellWidth) return text;
  std::string cut = text.substr(0, kMaxCellWidth);
  while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xC0) == 0x80) cut.pop_back();
  if (!cut.empty() && static_cast<unsigned char>(cut.back()) >= 0xC0) cut.pop_back();
  return cut + "…";
}

class PreviewCommand final : public Command {
 public:
  PreviewCommand(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Argument("SYNC", &name_, "the sync");
    options_.Number("--rows", &rows_, 1, kMaxRows, "how many rows [5]");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation);
    if (!workspace) return kExitConfig;
    const policies::SyncSpec* const sync = ChooseSyncs(*workspace, {name_}).front();
    const Keyring keyring = OpenKeyring(workspace->config);
    const Preview preview = PreviewSync(*workspace, *sync, keyring, rows_, invocation.clock.Now());
    const int status = preview.plan.refusals.empty() ? kExitGood : kExitConfig;
    if (invocation.json()) {
      PrintDocument(preview, status, invocation.out);
    } else {
      Print(preview, invocation.out);
    }
    return status;
  }

 private:
  static void Print(const Preview& preview, Terminal& out) {
    out.Line(Spans{{SyncTitle(*preview.plan.spec), Style::kBold}});
    for (const SyncPlan::Refusal& refusal : preview.plan.refusals) {
      out.Line(Spans{{"  refused   ", Style::kBad}, {refusal.text}, {" [" + refusal.code + "]", Style::kDim}});
    }
    std::vector<std::string> headers = {"ROW"};
    for (const Field& field : preview.plan.fields) headers.push_back(field.name);
    headers.emplace_back("REMARK");
    Table table(headers);
    for (std::size_t row = 0; row < preview.rows.size(); ++row) {
      const PreviewRow& shown = preview.rows[row];
      std::vector<Span> cells = {{std::to_string(row + 1), Style::kDim}};
      for (std::size_t field = 0; field < preview.plan.fields.size(); ++field) {
        if (shown.withheld || field >= shown.fields.size()) {
          cells.push_back({"", Style::kPlain});
        } else if (!shown.fields[field]) {
          cells.push_back({"null", Style::kDim});
        } else {
          cells.push_back({Shortened(*shown.fields[field]), Style::kPlain});
        }
      }
      cells.push_back(shown.withheld            ? Span{"withheld", Style::kWarning}
                      : !shown.problem.empty() ? Span{"refused: " + shown.problem, Style::kBad}
                                               : Span{});
      table.AddRow(std::move(cells));
    }
    if (!table.empty()) table.Print(out, 2);
    if (table.empty() && preview.plan.refusals.empty()) out.Line("  the model has no rows");
  }

  static void PrintDocument(const Preview& preview, int status, Terminal& out) {
    ordered_json fields = ordered_json::array();
    for (const Field& field : preview.plan.fields) {
      fields.push_back({{"name", field.name}, {"type", std::string(Name(field.type))}, {"match", field.match}});
    }
    ordered_json rows = ordered_json::array();
    for (const PreviewRow& row : preview.rows) {
      ordered_json item = {{"withheld", row.withheld}};
      if (!row.problem.empty()) item["refused"] = row.problem;
      if (!row.withheld && row.problem.empty()) {
        ordered_json values = ordered_json::object();
        for (std::size_t i = 0; i < row.fields.size() && i < preview.plan.fields.size(); ++i) {
          values[preview.plan.fields[i].name] = row.fields[i] ? ordered_json(*row.fields[i]) : ordered_json();
        }
        item["values"] = std::move(values);
      }
      rows.push_back(std::move(item));
    }
    ordered_json refusals = ordered_json::array();
    for (const SyncPlan::Refusal& refusal : preview.plan.refusals) {
      refusals.push_back({{"code", refusal.code}, {"text", refusal.text}});
    }
    const ordered_json document = {{"document", "weir.preview"},   {"version", 1},
                                   {"sync", preview.plan.spec->id}, {"fields", std::move(fields)},
                                   {"rows", std::move(rows)},       {"refusals", std::move(refusals)},
                                   {"exit_status", status}};
    PrintJson(document.dump(-1, ' ', false, ordered_json::error_handler_t::replace), out);
  }

  Options options_;
  std::string name_;
  std::uint64_t rows_ = 5;
};

}  // namespace

std::unique_ptr<Command> AddPreview(CLI::App& app, GlobalOptions* global) {
  return std::make_unique<PreviewCommand>(app, global);
}

}  // namespace weir::gateway
