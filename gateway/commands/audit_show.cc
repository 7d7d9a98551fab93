#include <nlohmann/json.hpp>
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "audit/digest.h"
#include "audit/entry.h"
#include "audit/file.h"
#include "audit/log_reader.h"
#include "gateway/commands/audit_log.h"
#include "gateway/commands/command.h"
#include "gateway/commands/entry_summary.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "gateway/row_digests.h"
#include "gateway/table.h"
#include "policies/program.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kMaxShown = 100'000;

constexpr CommandHelp kHelp = {
    "show",
    "show entries of a log",
    "What was decided and sent, entry by entry. Records are tags, not keys: `--record KEY` computes the\n"
    "tag of one record from its match value in the warehouse, which needs the key file. Entries are shown\n"
    "as they are; `weir audit verify` says whether they are what was written.",
    "  weir audit show crm_contacts --kind run_end       how the runs ended\n"
    "  weir audit show crm_contacts --run 0              everything of the run that begins at entry 0\n"
    "  weir audit show crm_contacts --record 4711        everything sent about one record\n",
    "0 shown; 2 no such log; 6 the log cannot be read as one",
    "audit/README.md: the kinds of entries and their members",
};

struct Filter {
  std::string kind;
  std::optional<std::uint64_t> run;
  std::string record;  // tag in base64url

  bool Passes(std::uint64_t index, const audit::Entry& entry) const {
    if (!kind.empty() && entry.kind != kind) return false;
    if (run && !(entry.kind == "run_start" ? index == *run : entry.value.Integer("run") == run)) return false;
    if (record.empty()) return true;
    if (entry.value.TextOr("record", "") == record) return true;
    const audit::JsonValue* const records = entry.value.Find("records");
    return records != nullptr && std::any_of(records->items.begin(), records->items.end(),
                                             [this](const audit::JsonValue& item) { return item.string == record; });
  }
};

// The tag of the record whose match columns have this value (several: joined by commas), as the engine makes it: the
// match value under its transform, then the keyed hash.
std::string RecordTagOf(const Workspace& workspace, const policies::SyncSpec& sync, const std::string& key,
                        audit::Time now) {
  const Keyring keyring = OpenKeyring(workspace.config);
  const SyncPlan plan = MakePlan(workspace, sync, nullptr, {}, &keyring, now);
  if (!plan.refusals.empty()) throw ConfigError(plan.refusals.front().code, plan.refusals.front().text);
  policies::Batch row;
  row.columns.resize(plan.input_columns.size());
  row.rows = 1;
  for (policies::CellColumn& column : row.columns) column.AppendNull();
  std::string_view rest = key;
  for (std::size_t i = 0; i < plan.match_count; ++i) {
    const std::size_t comma = i + 1 < plan.match_count ? rest.find(',') : std::string_view::npos;
    if (plan.steps[i].from == policies::FieldStep::From::kColumn) {
      policies::CellColumn& column = row.columns[plan.steps[i].column];
      column.Clear();
      column.AppendText(rest.substr(0, comma));
    }
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  const std::vector<policies::FieldStep> match(plan.steps.begin(),
                                               plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.match_count));
  policies::Program program = policies::Program::Compile(match, KeysFor(plan, keyring, workspace.config));
  policies::Batch outgoing;
  std::vector<policies::RowProblem> problems;
  const std::uint32_t rows[] = {0};
  program.Run(row, rows, &outgoing, &problems);
  if (problems.front() != policies::RowProblem::kNone) {
    throw ConfigError("W-CLI-011", "the value after `--record` cannot be a match value of this sync (" +
                                       std::string(Name(problems.front())) + ")");
  }
  std::string cells;
  for (const policies::CellColumn& column : outgoing.columns) AppendCell(&cells, column.IsNull(0), column.Text(0));
  RowDigests digests(plan, keyring);
  return audit::Base64Url(digests.RecordTag(cells));
}

class AuditShow final : public Command {
 public:
  AuditShow(CLI::App& audit, GlobalOptions* global) : options_(AddSubcommand(audit, kHelp, global)) {
    options_.Argument("SYNC", &name_, "the sync");
    options_.Number("--from", &from_, 0, std::numeric_limits<std::uint64_t>::max(), "index of the first entry to look at [0]");
    options_.Number("--limit", &limit_, 1, kMaxShown, "at most so many entries [100]");
    options_.Text("--kind", &filter_.kind, "K", "only entries of this kind: run_start, plan, gate, intent, outcome, …");
    options_.Number("--run", &run_, 0, std::numeric_limits<std::uint64_t>::max(), "only the run whose run_start has this index");
    options_.Text("--record", &record_, "KEY", "only one record: its match value in the warehouse");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Config> config = OpenConfig(invocation);
    if (!config) return kExitConfig;
    const SyncLog log = FindLogs(*config, {name_}).front();
    if (options_.Given("--run")) filter_.run = run_;
    if (options_.Given("--record")) {
      const std::optional<Workspace> workspace = OpenWorkspace(invocation);
      if (!workspace) return kExitConfig;
      filter_.record = RecordTagOf(*workspace, *ChooseSyncs(*workspace, {name_}).front(), record_, invocation.clock.Now());
    }
    const audit::LogReader reader(audit::RealFileSystem(), log.folder);
    Show(reader, log, invocation);
    return kExitGood;
  }

 private:
  void Show(const audit::LogReader& reader, const SyncLog& log, Invocation& invocation) const {
    Table table({"INDEX", "TIME", "KIND", "WHAT"});
    ordered_json entries = ordered_json::array();
    std::uint64_t shown = 0;
    std::optional<std::uint64_t> next;
    reader.ForEach(from_, reader.size(), [&](std::uint64_t index, std::string_view bytes) {
      const std::optional<audit::Entry> entry = audit::ParseEntry(bytes);
      if (entry && !filter_.Passes(index, *entry)) return true;
      if (shown++ == limit_) {
        next = index;
        return false;
      }
      if (invocation.json()) {
        entries.push_back({{"index", index}, {"entry", entry ? ordered_json::parse(bytes) : ordered_json()}});
      } else if (entry) {
        table.AddRow({{std::to_string(index), Style::kDim},
                      {std::string(entry->value.TextOr("time", "")), Style::kDim},
                      {entry->kind, Style::kBold},
                      {SummaryOf(*entry)}});
      } else {
        table.AddRow({{std::to_string(index)}, {}, {"not an entry", Style::kBad}, {}});
      }
      return true;
    });
    if (invocation.json()) {
      ordered_json document = {{"document", "weir.audit.show"}, {"version", 1},          {"sync", log.name},
                               {"size", reader.size()},         {"published", reader.published_size()},
                               {"entries", std::move(entries)}};
      if (next) document["next"] = *next;
      PrintJson(document.dump(-1, ' ', false, ordered_json::error_handler_t::replace), invocation.out);
      return;
    }
    if (!table.empty()) table.Print(invocation.out);
    if (invocation.options.quiet) return;
    if (next) invocation.err.Line("weir: there is more; go on with `--from " + std::to_string(*next) + "`");
    if (table.empty()) {
      invocation.err.Line("weir: no entry of " + std::to_string(reader.size()) + " is such");
    }
  }

  Options options_;
  std::string name_, record_;
  std::uint64_t from_ = 0, limit_ = 100, run_ = 0;
  Filter filter_;
};

}  // namespace

std::unique_ptr<Command> AddAuditShow(CLI::App& audit, GlobalOptions* global) {
  return std::make_unique<AuditShow>(audit, global);
}

}  // namespace weir::gateway
