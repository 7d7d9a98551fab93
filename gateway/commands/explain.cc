#include <nlohmann/json.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "gateway/commands/command.h"
#include "gateway/commands/json_output.h"
#include "gateway/commands/open_workspace.h"
#include "gateway/exit_status.h"
#include "manifest/column_names.h"
#include "policies/decision.h"
#include "policies/explain.h"
#include "policies/gate.h"
#include "policies/value_questions.h"

namespace weir::gateway {
namespace {

using nlohmann::ordered_json;
using policies::ColumnDecision;

constexpr CommandHelp kHelp = {
    "explain",
    "show how policy decides about one column, rule by rule",
    "The classes of the column and what each is known by; every rule, whether it matched and why not; what\n"
    "follows. For a sync, or for a destination and a purpose that no sync uses yet.",
    "  weir explain dim_customers.email --sync crm_contacts\n"
    "  weir explain dim_customers.phone --to crm --purpose campaign\n",
    "0 it may leave; 1 it is denied; 2 there is no such column, sync, destination or purpose; 3 an artifact\n"
    "  is unreadable",
    "policies/README.md: how rules are combined",
};

std::string Joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

class Explain final : public Command {
 public:
  Explain(CLI::App& app, GlobalOptions* global) : options_(AddSubcommand(app, kHelp, global)) {
    options_.Argument("COLUMN", &address_, "MODEL.COLUMN");
    options_.Text("--sync", &sync_, "NAME", "as this sync uses it");
    options_.Text("--to", &destination_, "DESTINATION", "as a destination would get it");
    options_.Text("--purpose", &purpose_, "P", "for which purpose");
    options_.Exclude("--sync", "--to");
    options_.Exclude("--sync", "--purpose");
    options_.Need("--purpose", "--to");
  }

  bool chosen() const override { return options_.Chosen(); }

  int Run(Invocation& invocation) override {
    const std::optional<Workspace> workspace = OpenWorkspace(invocation, address_.substr(0, address_.rfind('.')));
    if (!workspace) return kExitConfig;
    if (sync_.empty() && destination_.empty()) {
      throw ConfigError("W-CLI-016", "say for whom: `--sync NAME`, or `--to DESTINATION --purpose P`");
    }
    const manifest::Node& model = FindModel(workspace->artifacts.project);
    const std::string column = FindColumn(*workspace, model);
    const policies::SyncSpec spec = Spec(*workspace, model, column);
    policies::SyncDecision decision = Decide(workspace->policy, workspace->artifacts.project, spec);
    if (sync_.empty()) Grant(*workspace, model, &decision);
    std::vector<const ColumnDecision*> about;
    for (ColumnDecision& candidate : decision.columns) {
      if (candidate.column != column || candidate.model != model.unique_id) continue;
      const bool inherits = std::any_of(candidate.classes.begin(), candidate.classes.end(),
                                        [](const policies::ClassEvidence& evidence) { return evidence.inherited; });
      if (inherits) candidate.code = policies::CodeDigest(workspace->artifacts.project, model);
      about.push_back(&candidate);
    }
    if (about.empty()) {
      throw ConfigError("W-CLI-017", "sync `" + spec.name + "` does not use column `" + column + "` of `" + model.name +
                                         "`; ask with `--to " + spec.destination + " --purpose " + spec.purpose + "`");
    }
    // What stands against a sync that nobody declared says nothing.
    const std::vector<std::string> refusals = sync_.empty() ? std::vector<std::string>() : decision.refusals;
    const std::vector<policies::GateReason> lifted = Lifted(*workspace, decision, invocation.clock.Now());
    std::vector<policies::ValueQuestion> questions =
        ValueQuestions(workspace->policy, workspace->artifacts.project, decision);
    std::erase_if(questions, [&](const policies::ValueQuestion& one) {
      return std::find(about.begin(), about.end(), &decision.columns[one.column]) == about.end();
    });
    const bool denied = std::any_of(about.begin(), about.end(), [](const ColumnDecision* d) { return d->denied(); });
    const int status = denied ? kExitFindings : kExitGood;
    if (invocation.json()) {
      PrintDocument(spec, about, refusals, lifted, questions, status, invocation.out);
    } else {
      for (const ColumnDecision* item : about) {
        invocation.out.Block(ExplainText(*item));
        for (const policies::ValueQuestion& one : questions) {
          if (&decision.columns[one.column] == item) invocation.out.Block(ExplainText(one));
        }
      }
      for (const std::string& refusal : refusals) {
        invocation.out.Line(Spans{{"  the sync as a whole is refused: ", Style::kBad}, {refusal}});
      }
      for (const policies::GateReason& reason : lifted) {
        invocation.out.Line(Spans{{"  the sync's gate does not hold it for: ", Style::kWarning},
                                  {reason.text},
                                  {" [" + reason.code + ", " + reason.requirement + "]", Style::kDim}});
      }
    }
    return status;
  }

 private:
  const manifest::Node& FindModel(const manifest::Project& project) const {
    const std::size_t dot = address_.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == address_.size()) {
      throw ConfigError("W-CLI-018", "`" + address_ + "` is no column; write MODEL.COLUMN");
    }
    const std::string name = address_.substr(0, dot);
    std::vector<std::string> ambiguous;
    const manifest::Node* const model = project.FindModel(name, &ambiguous);
    if (model != nullptr) return *model;
    if (!ambiguous.empty()) {
      throw ConfigError("W-CLI-018", "model `" + name + "` is one of several: " + Joined(ambiguous) + "; write which");
    }
    std::vector<std::string> names;
    for (const manifest::Node& node : project.nodes) names.push_back(node.name);
    throw ConfigError("W-CLI-018", "there is no model `" + name + "`" + manifest::DidYouMean(name, names));
  }

  // No purpose lists a sync that nobody declared; it is asked what would be, were the purpose open to it.
  void Grant(const Workspace& workspace, const manifest::Node& model, policies::SyncDecision* decision) const {
    decision->granted_purpose = purpose_;
    for (ColumnDecision& column : decision->columns) {
      if (column.use != policies::Use::kSend) continue;
      const std::string field = column.field;
      column = DecideColumn(workspace.policy, workspace.artifacts.project, model, column.column,
                            *workspace.policy.FindDestination(destination_), purpose_);
      column.field = field;
    }
  }

  // As the manifest writes it. One that nobody described and that the catalog has is asked about all the same: its name
  // may tell.
  std::string FindColumn(const Workspace& workspace, const manifest::Node& model) const {
    const std::string name = address_.substr(address_.rfind('.') + 1);
    if (const manifest::Column* const column = model.FindColumn(name)) return column->name;
    std::vector<std::string> names;
    for (const manifest::Column& column : model.columns) names.push_back(column.name);
    bool cataloged = false;
    if (workspace.artifacts.catalog) {
      for (const manifest::CatalogTable& table : workspace.artifacts.catalog->tables) {
        if (table.unique_id != model.unique_id) continue;
        cataloged = true;
        for (const manifest::CatalogColumn& column : table.columns) {
          if (manifest::EqualIgnoringCase(column.name, name)) return column.name;
          names.push_back(column.name);
        }
      }
    }
    throw ConfigError("W-CLI-018", "model `" + model.name + "` documents no column `" + name + "`" +
                                       (cataloged ? ", and catalog.json has none of it" : "") +
                                       manifest::DidYouMean(name, names) +
                                       "; what is not documented is denied, whether the warehouse has it or not");
  }

  // The sync named; or one that nobody declared, which sends this column alone.
  policies::SyncSpec Spec(const Workspace& workspace, const manifest::Node& model, const std::string& column) const {
    if (!sync_.empty()) return *ChooseSyncs(workspace, {sync_}).front();
    if (workspace.policy.FindDestination(destination_) == nullptr) {
      std::vector<std::string> names;
      for (const policies::DestinationFacts& facts : workspace.policy.destinations) names.push_back(facts.name);
      throw ConfigError("W-CLI-019", "the policies know no destination `" + destination_ + "`" +
                                         manifest::DidYouMean(destination_, names));
    }
    if (!purpose_.empty() && workspace.policy.FindPurpose(purpose_) == nullptr) {
      std::vector<std::string> names;
      for (const policies::Purpose& purpose : workspace.policy.purposes) names.push_back(purpose.name);
      throw ConfigError("W-CLI-019", "the policies know no purpose `" + purpose_ + "`" +
                                         manifest::DidYouMean(purpose_, names));
    }
    policies::SyncSpec spec;
    spec.id = spec.name = "explain";
    spec.model_id = model.unique_id;
    spec.destination = destination_;
    spec.purpose = purpose_;
    policies::SyncSpec::Mapped mapped;
    mapped.column = mapped.field = column;
    spec.columns.push_back(mapped);
    return spec;
  }

  // What would hold the sync, were it not waived or observed only.
  std::vector<policies::GateReason> Lifted(const Workspace& workspace, const policies::SyncDecision& decision,
                                           audit::Time now) const {
    if (sync_.empty() || decision.model == nullptr) return {};
    std::vector<policies::GateReason> out = EvaluateGate(workspace.policy, workspace.artifacts, decision, now).reasons;
    std::erase_if(out, [](const policies::GateReason& reason) { return reason.waiver == nullptr && !reason.observed; });
    return out;
  }

  static void PrintDocument(const policies::SyncSpec& spec, const std::vector<const ColumnDecision*>& about,
                            const std::vector<std::string>& refusals, const std::vector<policies::GateReason>& lifted,
                            const std::vector<policies::ValueQuestion>& questions, int status, Terminal& out) {
    ordered_json decisions = ordered_json::array();
    for (const ColumnDecision* decision : about) decisions.push_back(ordered_json::parse(ExplainJson(*decision)));
    ordered_json not_held = ordered_json::array();
    for (const policies::GateReason& reason : lifted) {
      ordered_json item = {{"code", reason.code}, {"text", reason.text}, {"requirement", reason.requirement}};
      if (reason.waiver != nullptr) item["waiver"] = reason.waiver->id;
      if (reason.observed) item["observed"] = true;
      not_held.push_back(std::move(item));
    }
    ordered_json by_value = ordered_json::array();
    for (const policies::ValueQuestion& one : questions) {
      by_value.push_back({{"class", one.defined->name},
                          {"share", one.defined->value->share},
                          {"then", ordered_json::parse(ExplainJson(one.then))}});
    }
    const ordered_json document = {{"document", "weir.explain"},        {"version", 1},
                                   {"destination", spec.destination},   {"purpose", spec.purpose},
                                   {"decisions", std::move(decisions)}, {"refusals", refusals},
                                   {"by_value", std::move(by_value)}, {"lifted", std::move(not_held)},     {"exit_status", status}};
    PrintJson(document.dump(-1, ' ', false, ordered_json::error_handler_t::replace), out);
  }

  Options options_;
  std::string address_, sync_, destination_, purpose_;
};

}  // namespace

std::unique_ptr<Command> AddExplain(CLI::App& app, GlobalOptions* global) {
  return std::make_unique<Explain>(app, global);
}

}  // namespace weir::gateway
