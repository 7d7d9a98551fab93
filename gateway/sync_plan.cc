#include "gateway/sync_plan.h"

#include <algorithm>
#include <map>

#include "audit/digest.h"
#include "gateway/file_destination.h"
#include "gateway/place.h"
#include "policies/declared_type.h"
#include "policies/shared_object.h"

namespace weir::gateway {
namespace {

using policies::ColumnDecision;
using policies::ColumnType;
using policies::FieldStep;
using policies::TransformKind;
using policies::Use;

std::string Ticked(std::string_view text) { return "`" + std::string(text) + "`"; }

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// Integers are numbers to whoever declared `numeric`, and every kind of time stamp is one: a contract that dbt accepts
// on this warehouse is no mismatch.
bool Compatible(ColumnType declared, ColumnType real) {
  const auto family = [](ColumnType type) {
    switch (type) {
      case ColumnType::kInteger:
      case ColumnType::kDecimal:
      case ColumnType::kFloat: return 1;
      case ColumnType::kTimestamp:
      case ColumnType::kTimestampTz: return 2;
      default: return 10 + static_cast<int>(type);
    }
  };
  return family(declared) == family(real);
}

class PlanMaker {
 public:
  PlanMaker(const Workspace& workspace, const std::vector<policies::ColumnSchema>* schema, SyncPlan* plan)
      : workspace_(workspace), schema_(schema), plan_(*plan) {}

  void Make(const std::vector<std::string>& sent_fields) {
    for (const policies::SyncSpec* other : policies::SharingObject(*plan_.spec, workspace_.syncs)) {
      plan_.warnings.push_back(policies::SharedObjectText(*plan_.spec, *other));
    }
    for (const std::string& refusal : plan_.decision.refusals) Refuse("W-PLAN-001", refusal);
    if (plan_.decision.model == nullptr) return;
    plan_.relation = plan_.decision.model->relation_name;
    if (plan_.relation.empty()) {
      Refuse("W-PLAN-002", "model " + Ticked(plan_.decision.model->name) + " has no relation in the warehouse (" +
                               (plan_.decision.model->materialized.empty() ? "not built"
                                                                           : plan_.decision.model->materialized) +
                               "); sync a model that is materialized as a table or a view");
    }
    CheckObject();
    AddMatch();
    AddColumns(sent_fields);
    AddFilterAndSubjects();
    for (const FieldStep& step : plan_.steps) plan_.sent_fields.push_back(step.field);
    std::sort(plan_.sent_fields.begin(), plan_.sent_fields.end());
    MakeDigests();
  }

 private:
  void Refuse(std::string code, std::string text) { plan_.refusals.push_back({std::move(code), std::move(text)}); }

  // A folder is made for the object: one that the system refuses would refuse every row.
  void CheckObject() {
    const auto found = workspace_.config.destinations.find(plan_.spec->destination);
    if (found == workspace_.config.destinations.end() || found->second.kind != "file") return;
    const std::string problem = FileDestination::ProblemOf(found->second.path, plan_.spec->object);
    if (!problem.empty()) Refuse("W-PLAN-008", "sync " + Ticked(plan_.spec->id) + " " + problem);
  }

  const ColumnDecision* Find(Use use, const std::string& column, const std::string& field) const {
    for (const ColumnDecision& decision : plan_.decision.columns) {
      if (decision.use == use && decision.column == column && decision.field == field) return &decision;
    }
    return nullptr;
  }

  // Index of the column in the batches, with its type; checks it against the manifest's contract.
  // `asked`: what needs it, where that is no sync; `rule `P020` at policies/p.yml:96:66 filters rows by column `x``.
  std::uint32_t Input(const std::string& column, const std::string& asked = "") {
    for (std::uint32_t i = 0; i < plan_.input_columns.size(); ++i) {
      if (plan_.input_columns[i] == column) return i;
    }
    plan_.input_columns.push_back(column);
    policies::ColumnSchema schema{column, ColumnType::kText, ""};
    const manifest::Column* documented = plan_.decision.model->FindColumn(column);
    ColumnType declared = ColumnType::kOther;
    bool is_declared = false;
    if (documented != nullptr) {
      if (const auto type = policies::ColumnTypeOf(documented->data_type)) {
        declared = *type;
        is_declared = true;
      }
    }
    if (schema_ != nullptr) {
      const auto real = std::find_if(schema_->begin(), schema_->end(),
                                     [&](const auto& candidate) { return SameName(candidate.name, column); });
      if (real == schema_->end()) {
        Refuse("W-PLAN-003", (asked.empty() ? "column " + Ticked(column) + " is not in " : asked + ", which is not in ") +
                                 plan_.relation +
                                 (asked.empty() || documented != nullptr ? "; the manifest is of another build: run `dbt build`"
                                                                         : HintOf(column)));
      } else {
        schema = *real;
        schema.name = column;
        if (is_declared && !Compatible(declared, real->type)) {
          Refuse("W-PLAN-004", "column " + Ticked(column) + " of " + plan_.relation + " is " + Ticked(real->declared) +
                                   " in the warehouse, but the manifest says " + Ticked(documented->data_type) +
                                   "; run `dbt build`, or correct `data_type`");
        }
      }
    } else if (is_declared) {
      schema.type = declared;
      schema.declared = documented->data_type;
    } else if (const std::optional<std::string> type = CatalogType(column)) {
      schema.type = policies::ColumnTypeOf(*type).value_or(ColumnType::kText);
      schema.declared = *type;
    }
    if (schema_ == nullptr && documented == nullptr && !asked.empty() && !CatalogType(column)) {
      plan_.warnings.push_back(asked + ", which model " + Ticked(plan_.decision.model->name) + " does not document" +
                               HintOf(column) + "; where the warehouse does not have it, the sync is refused");
    }
    plan_.input_schema.push_back(schema);
    return static_cast<std::uint32_t>(plan_.input_columns.size() - 1);
  }

  // The nearest name of the model's columns, those of the warehouse too where it was asked.
  std::string HintOf(const std::string& column) const {
    std::vector<std::string> names;
    for (const manifest::Column& documented : plan_.decision.model->columns) names.push_back(documented.name);
    if (schema_ != nullptr) {
      for (const policies::ColumnSchema& real : *schema_) names.push_back(real.name);
    }
    return manifest::DidYouMean(column, names);
  }

  std::optional<std::string> CatalogType(const std::string& column) const {
    if (!workspace_.artifacts.catalog) return std::nullopt;
    for (const manifest::CatalogTable& table : workspace_.artifacts.catalog->tables) {
      if (table.unique_id != plan_.decision.model->unique_id) continue;
      for (const manifest::CatalogColumn& candidate : table.columns) {
        if (SameName(candidate.name, column)) return candidate.type;
      }
    }
    return std::nullopt;
  }

  void AddStep(FieldStep step, ColumnType outgoing, bool match) {
    Field field;
    field.name = step.field;
    field.type = outgoing;
    field.match = match;
    plan_.steps.push_back(std::move(step));
    plan_.fields.push_back(std::move(field));
  }

  // A column's value under its transform. Constants and nulls never read the column at all.
  void AddDecided(const ColumnDecision& decision, bool match) {
    FieldStep step;
    step.field = decision.field;
    if (decision.transform.kind == TransformKind::kBlank) {
      step.from = FieldStep::From::kNull;
      AddStep(std::move(step), DeclaredType(decision.column), match);
      return;
    }
    if (decision.transform.kind == TransformKind::kRedact) {
      step.from = FieldStep::From::kConstant;
      step.constant = decision.transform.constant;
      AddStep(std::move(step), ColumnType::kText, match);
      return;
    }
    step.column = Input(decision.column);
    step.type = plan_.input_schema[step.column].type;
    step.entity = decision.entity;
    step.transform = decision.transform;
    if (!policies::CanRun(step.transform)) Refuse("W-PLAN-009", decision.CannotRun());
    const std::uint32_t column = step.column;
    const ColumnType outgoing = policies::OutputType(step.type, step.transform);
    AddStep(std::move(step), outgoing, match);
    if (std::find(plan_.mapped_inputs.begin(), plan_.mapped_inputs.end(), column) == plan_.mapped_inputs.end()) {
      plan_.mapped_inputs.push_back(column);
    }
  }

  ColumnType DeclaredType(const std::string& column) const {
    const manifest::Column* documented = plan_.decision.model->FindColumn(column);
    return documented == nullptr ? ColumnType::kText
                                 : policies::ColumnTypeOf(documented->data_type).value_or(ColumnType::kText);
  }

  void AddMatch() {
    if (plan_.spec->match.empty()) Refuse("W-PLAN-006", "sync " + Ticked(plan_.spec->id) + " has no `match`; name the columns that identify a row");
    for (const policies::SyncSpec::Mapped& mapped : plan_.spec->match) {
      const ColumnDecision* decision = Find(Use::kMatch, mapped.column, mapped.field);
      if (decision == nullptr || decision->denied() || decision->transform.kind >= TransformKind::kRedact) {
        if (plan_.decision.refusals.empty()) {
          Refuse("W-PLAN-005", "match column " + Ticked(mapped.column) + " cannot be sent" +
                                   (decision == nullptr ? "" : ": " + decision->reason));
        }
        continue;
      }
      AddDecided(*decision, true);
    }
    plan_.match_count = plan_.steps.size();
  }

  void AddColumns(const std::vector<std::string>& sent_fields) {
    for (const policies::SyncSpec::Mapped& mapped : plan_.spec->columns) {
      if (mapped.column.empty()) {
        AddConstant(mapped);
        continue;
      }
      const ColumnDecision* decision = Find(Use::kSend, mapped.column, mapped.field);
      const bool leaves = decision != nullptr && !decision->denied() && decision->transform.kind != TransformKind::kDrop;
      if (leaves) {
        for (const std::string& warning : {decision->conflict, decision->unfit}) {
          if (!warning.empty()) plan_.warnings.push_back("column " + Ticked(mapped.column) + ": " + warning);
        }
        AddDecided(*decision, false);
      } else if (std::find(sent_fields.begin(), sent_fields.end(), mapped.field) != sent_fields.end()) {
        TakeBack(mapped);
      }
    }
  }

  // The destination has this field from earlier runs, and may not have it any longer.
  void TakeBack(const policies::SyncSpec::Mapped& mapped) {
    const policies::LeaveAction action = plan_.decision.destination == nullptr
                                             ? policies::LeaveAction::kBlank
                                             : plan_.decision.destination->on_denied;
    if (action == policies::LeaveAction::kKeep) return;
    if (action != policies::LeaveAction::kBlank) {
      plan_.deny_all = true;
      return;
    }
    FieldStep step;
    step.field = mapped.field;
    step.from = FieldStep::From::kNull;
    AddStep(std::move(step), DeclaredType(mapped.column), false);
  }

  void AddConstant(const policies::SyncSpec::Mapped& mapped) {
    FieldStep step;
    step.field = mapped.field;
    ColumnType type = ColumnType::kText;
    if (mapped.constant_kind == manifest::Value::Kind::kNull) {
      step.from = FieldStep::From::kNull;
    } else {
      step.from = FieldStep::From::kConstant;
      step.constant = mapped.constant;
      if (mapped.constant_kind == manifest::Value::Kind::kBool) type = ColumnType::kBoolean;
      if (mapped.constant_kind == manifest::Value::Kind::kNumber) type = ColumnType::kDecimal;
    }
    step.constant_type = type;
    AddStep(std::move(step), type, false);
  }

  void AddFilterAndSubjects() {
    for (std::size_t i = 0; i < plan_.decision.row_filters.size(); ++i) {
      const policies::RowPredicate& filter = plan_.decision.row_filters[i];
      for (const std::string& column : filter.Columns()) {
        Input(column, "rule " + Ticked(plan_.decision.row_rules.at(i)) + " at " + filter.PlaceOf(column) +
                          " filters rows by column " + Ticked(column));
      }
    }
    for (const policies::SyncDecision::SubjectKey& subject : plan_.decision.subjects) {
      plan_.subject_columns.push_back({subject.subject, Input(subject.column)});
    }
  }

  // Two syncs write other bytes exactly when these differ.
  void MakeDigests() {
    std::string effect;
    for (const std::string& part : {plan_.place, std::string(Name(plan_.spec->mode)),
                                    std::to_string(plan_.match_count)}) {
      audit::AppendField(&effect, part);
    }
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const FieldStep& step = plan_.steps[i];
      audit::AppendField(&effect, step.field);
      audit::AppendField(&effect, Name(plan_.fields[i].type));
      audit::AppendField(&effect, std::to_string(static_cast<int>(step.from)));
      if (step.from == FieldStep::From::kConstant) audit::AppendField(&effect, step.constant);
      if (step.from == FieldStep::From::kColumn) {
        audit::AppendField(&effect, plan_.input_columns[step.column]);
        audit::AppendField(&effect, step.transform.ToText());
        if (step.transform.kind == TransformKind::kHash) audit::AppendField(&effect, step.entity + "/" + token_version_);
      }
    }
    plan_.effect_digest = audit::Hex(audit::Sha256(effect));

    std::string all = effect;
    for (const std::string& part : {plan_.spec->id, plan_.spec->purpose, plan_.relation, workspace_.policy.digest,
                                    workspace_.artifacts.project.digest, plan_.gate.digest}) {
      audit::AppendField(&all, part);
    }
    for (const policies::RowPredicate& filter : plan_.decision.row_filters) audit::AppendField(&all, filter.ToText());
    for (const auto& subject : plan_.decision.subjects) audit::AppendField(&all, subject.subject + "/" + subject.column);
    plan_.plan_digest = audit::Hex(audit::Sha256(all));
  }

 public:
  void SetTokenVersion(std::uint32_t version) { token_version_ = std::to_string(version); }

 private:
  const Workspace& workspace_;
  const std::vector<policies::ColumnSchema>* schema_;
  SyncPlan& plan_;
  std::string token_version_ = "1";
};

}  // namespace

SyncPlan MakePlan(const Workspace& workspace, const policies::SyncSpec& sync,
                  const std::vector<policies::ColumnSchema>* schema, const std::vector<std::string>& sent_fields,
                  const Keyring* keyring, audit::Time now) {
  SyncPlan plan;
  plan.spec = &sync;
  plan.place = PlaceOf(workspace.config, sync);
  plan.decision = policies::Decide(workspace.policy, workspace.artifacts.project, sync, nullptr, schema);
  plan.gate = policies::EvaluateGate(workspace.policy, workspace.artifacts, plan.decision, now);
  plan.value_questions = policies::ValueQuestions(workspace.policy, workspace.artifacts.project, plan.decision);
  PlanMaker maker(workspace, schema, &plan);
  if (keyring != nullptr) maker.SetTokenVersion(keyring->token_version);
  maker.Make(sent_fields);
  return plan;
}

policies::ProgramKeys KeysFor(const SyncPlan& plan, const Keyring& keyring, const Config& config) {
  policies::ProgramKeys keys;
  keys.token_root = &keyring.token_root;
  keys.version = keyring.token_version;
  keys.tenant = config.tenant;
  keys.destination = plan.spec->destination;
  return keys;
}

}  // namespace weir::gateway
