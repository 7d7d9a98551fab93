#include <algorithm>
#include <set>
#include <tuple>

#include "manifest/column_lineage.h"
#include "manifest/column_names.h"
#include "manifest/relation.h"
#include "manifest/selector.h"
#include "policies/decide_column.h"
#include "policies/declared_type.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Node;

template <typename T>
std::vector<std::string> NamesOf(const std::vector<T>& items) {
  std::vector<std::string> out;
  for (const T& item : items) out.push_back(item.name);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<SyncDecision::SubjectKey> SubjectsOf(const Policy& policy, const manifest::Project& project,
                                                 const Node& model) {
  std::vector<SyncDecision::SubjectKey> out;
  for (const Subject& subject : policy.subjects) {
    for (const auto& [name, column] : subject.key_columns) {
      // FindModel walks the project: ask it of names that may mean the model alone.
      if (!MayName(name, model) || project.FindModel(name) != &model) continue;
      const manifest::Column* documented = model.FindColumn(column);
      out.push_back({subject.name, documented == nullptr ? column : documented->name.str()});
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.subject, a.column) < std::tie(b.subject, b.column);
  });
  return out;
}

// `exposure:crm_*` against a sync's id; the items of a list (`exposure:crm_contacts/2`) match by their
// exposure's name.
bool MayClaim(const Purpose& purpose, const std::string& sync_id) {
  return std::any_of(purpose.syncs.begin(), purpose.syncs.end(), [&](const std::string& glob) {
    return manifest::MatchesGlob(sync_id, glob) ||
           manifest::MatchesGlob(sync_id.substr(0, sync_id.rfind('/')), glob);
  });
}

// A contract's type is that of the next build, the catalog's that of the last.
std::vector<ColumnType> TypesOf(const Node& model, const std::string& column, const std::vector<ColumnSchema>* warehouse) {
  std::vector<ColumnType> out;
  if (const manifest::Column* documented = model.FindColumn(column)) {
    std::optional<ColumnType> type = ColumnTypeOf(documented->data_type);
    if (!type) type = ColumnTypeOf(documented->catalog_type);
    if (type) out.push_back(*type);
  }
  if (warehouse == nullptr) return out;
  for (const ColumnSchema& real : *warehouse) {
    if (SameIgnoringCase(real.name, column) && (out.empty() || out.front() != real.type)) out.push_back(real.type);
  }
  return out;
}

class Decider {
 public:
  Decider(const Classifier& classes, const SyncSpec& sync, const std::vector<ColumnSchema>* warehouse)
      : classes_(classes), policy_(classes.policy()), project_(classes.project()), sync_(sync), warehouse_(warehouse) {
    out_.sync = &sync;
  }

  SyncDecision Run() {
    out_.model = project_.FindNode(sync_.model_id);
    out_.destination = policy_.FindDestination(sync_.destination);
    if (out_.destination == nullptr) {
      const std::vector<std::string> names = NamesOf(policy_.destinations);
      Refuse("destination `" + sync_.destination + "` is not known to the policy" +
             manifest::DidYouMean(sync_.destination, names));
    }
    if (out_.model == nullptr) Refuse("model `" + sync_.model_id + "` is not in the project");
    if (out_.destination == nullptr || out_.model == nullptr) {
      DenyAll();
      return std::move(out_);
    }
    recipient_.destination = out_.destination;
    CheckTable();
    ClaimPurpose();
    out_.subjects = SubjectsOf(policy_, project_, *out_.model);
    for (const SyncSpec::Mapped& mapped : sync_.match) AddSent(mapped, Use::kMatch);
    for (const SyncSpec::Mapped& mapped : sync_.columns) AddSent(mapped, Use::kSend);
    CheckSent();
    AddRowFilters();
    for (const SyncDecision::SubjectKey& subject : out_.subjects) AddRead(subject.column, Use::kSubject);
    return std::move(out_);
  }

 private:
  void Refuse(std::string reason) { out_.refusals.push_back(std::move(reason)); }

  void DenyAll() {
    for (const auto& [list, use] :
         {std::pair{&sync_.match, Use::kMatch}, std::pair{&sync_.columns, Use::kSend}}) {
      for (const SyncSpec::Mapped& mapped : *list) {
        if (mapped.column.empty()) continue;
        ColumnDecision decision;
        decision.model = sync_.model_id;
        decision.column = mapped.column;
        decision.field = mapped.field;
        decision.use = use;
        decision.reason = out_.refusals.front();
        out_.columns.push_back(std::move(decision));
      }
    }
  }

  // What another one writes there, nobody has looked at: its classes are not those of the model. dbt itself tells names apart
  // by case that a warehouse may not.
  void CheckTable() {
    const std::string& relation = out_.model->relation_name;
    if (relation.empty()) return;
    const auto same = [&](const std::string& other) {
      return !other.empty() && manifest::SameRelation(other, relation, project_.metadata.adapter_type);
    };
    const auto alias = [](const Node& node) -> const manifest::Text& { return node.alias.empty() ? node.name : node.alias; };
    std::vector<std::string> names;
    for (const Node& node : project_.nodes) {
      if (&node == out_.model || !manifest::EqualIgnoringCase(alias(node), alias(*out_.model))) continue;
      if (same(node.relation_name)) names.push_back(node.unique_id);
    }
    for (const manifest::Test& test : project_.tests) {
      if (test.stores_failures && same(test.relation_name)) names.push_back(test.unique_id);
    }
    if (names.empty()) return;
    Refuse("the table of model `" + out_.model->name + "` is that of " + Listed(names) + ", too; give one of them another `alias`");
  }

  void ClaimPurpose() {
    recipient_.claimed_purpose = sync_.purpose;
    const std::vector<std::string> names = NamesOf(policy_.purposes);
    if (sync_.purpose.empty()) {
      // Without one, a rule `never … to: {purpose: x}` could be escaped by silence.
      if (!names.empty()) Refuse("the sync declares no purpose; it is one of " + Listed(names));
      return;
    }
    const Purpose* purpose = policy_.FindPurpose(sync_.purpose);
    if (purpose == nullptr) {
      Refuse("purpose `" + sync_.purpose + "` is not known to the policy" +
             manifest::DidYouMean(sync_.purpose, names));
    } else if (!MayClaim(*purpose, sync_.id)) {
      Refuse("purpose `" + sync_.purpose + "` is not open to `" + sync_.id + "`; it is for " +
             Listed(purpose->syncs));
    } else {
      recipient_.granted_purpose = out_.granted_purpose = sync_.purpose;
    }
  }

  ColumnDecision Begin(const std::string& column, Use use) const {
    ColumnDecision decision;
    decision.model = out_.model->unique_id;
    decision.column = column;
    decision.use = use;
    decision.classes = classes_.Of(*out_.model, column);
    decision.types = TypesOf(*out_.model, column, warehouse_);
    return decision;
  }

  void AddSent(const SyncSpec::Mapped& mapped, Use use) {
    if (mapped.column.empty()) return;  // a constant tells nothing about anybody
    ColumnDecision decision = Begin(mapped.column, use);
    decision.field = mapped.field;
    DecideSent(policy_, recipient_, !out_.subjects.empty(), &decision);
    out_.columns.push_back(std::move(decision));
  }

  void AddRead(const std::string& column, Use use) {
    ColumnDecision decision = Begin(column, use);
    DecideRead(policy_, recipient_, &decision);
    if (decision.denied()) Refuse("rows cannot be filtered by column `" + column + "`: " + decision.reason);
    out_.columns.push_back(std::move(decision));
  }

  void CheckSent() {
    bool any = false, any_leaves = false;
    for (const ColumnDecision& decision : out_.columns) {
      if (decision.use == Use::kSend) {
        any = true;
        any_leaves = any_leaves || (!decision.denied() && decision.transform.kind != TransformKind::kDrop);
        continue;
      }
      if (decision.denied()) {
        Refuse("match key `" + decision.column + "` is denied: " + decision.reason);
        continue;
      }
      const TransformKind kind = decision.transform.kind;
      if (kind == TransformKind::kUnchanged || kind == TransformKind::kSha256 ||
          kind == TransformKind::kTokenize || kind == TransformKind::kHash) {
        continue;
      }
      std::string by;
      for (const std::string& rule : decision.rules) by.append(by.empty() ? " by " : ", ").append(rule);
      Refuse("match key `" + decision.column + "` would be sent as `" + decision.transform.ToText() + "`" +
             by + (decision.unfit.empty() ? "" : " (" + decision.unfit + ")") +
             ", and two rows could then share a key; a match key must be given as `unchanged`, `sha256`, `tokenize` or `hash`");
    }
    if (any && !any_leaves) Refuse("every column is denied; nothing would be sent");
  }

  // Everything the model is made from, itself included.
  std::set<std::string> Lineage() const {
    std::set<std::string> seen = {out_.model->unique_id};
    std::vector<std::string> border(seen.begin(), seen.end());
    while (!border.empty()) {
      const Node* node = project_.FindNode(border.back());
      border.pop_back();
      if (node == nullptr) continue;
      for (const manifest::Text& parent : node->depends_on) {
        if (seen.insert(parent).second) border.push_back(parent);
      }
    }
    return seen;
  }

  void AddRowFilters() {
    const std::set<std::string> lineage = Lineage();
    std::vector<const Rule*> rules;
    for (const Rule& rule : policy_.rules) {
      if (rule.kind == Rule::Kind::kRows && AudienceMismatch(rule, recipient_).empty())
        rules.push_back(&rule);
    }
    std::sort(rules.begin(), rules.end(), [](const Rule* a, const Rule* b) { return a->id < b->id; });
    std::set<std::string> columns;
    for (const Rule* rule : rules) {
      const bool known = std::any_of(project_.nodes.begin(), project_.nodes.end(),
                                     [&](const Node& node) { return MayName(rule->subject, node); });
      if (!known) {
        // A filter whose model is misspelt would filter nothing, in silence.
        Refuse("rule `" + rule->id + "` is about rows of `" + rule->subject +
               "`, which is no model of the project" +
               manifest::DidYouMean(rule->subject, NamesOf(project_.nodes)));
        continue;
      }
      const Node* filtered = MayName(rule->subject, *out_.model) ? out_.model : nullptr;
      for (const std::string& id : lineage) {
        const Node* node = filtered == nullptr ? project_.FindNode(id) : nullptr;
        if (node != nullptr && MayName(rule->subject, *node)) filtered = node;
      }
      if (filtered == nullptr) continue;
      if (filtered == out_.model || Derives(*rule, *filtered)) {
        RowPredicate bound = rule->send_if;
        Bind(&bound);
        for (const std::string& column : bound.Columns()) columns.insert(column);
        out_.row_filters.push_back(std::move(bound));
        out_.row_rules.push_back(rule->id);
      }
    }
    for (const std::string& column : columns) AddRead(column, Use::kFilter);
  }

  // Names as the manifest writes them, since batches carry those.
  void Bind(RowPredicate* predicate) const {
    if (const manifest::Column* column = out_.model->FindColumn(predicate->column))
      predicate->column = column->name;
    for (RowPredicate& child : predicate->children) Bind(&child);
  }

  // A derived model inherits the filter by the names of its columns; what is not there cannot be asked.
  bool Derives(const Rule& rule, const Node& filtered) {
    std::vector<std::string> absent;
    for (const std::string& column : rule.send_if.Columns()) {
      if (out_.model->FindColumn(column) == nullptr) absent.push_back(column);
    }
    if (absent.empty()) return !policy_.inherit_lineage || PassedOn(rule, filtered);
    Refuse("rule `" + rule.id + "` filters rows of `" + filtered.name + "`, from which `" + out_.model->name +
           "` is derived without column " + Listed(absent) + "; add it to `" + out_.model->name +
           "` and document it");
    return false;
  }

  // Whoever writes the derived model could give the name to anything (`true as marketing_consent`).
  bool PassedOn(const Rule& rule, const Node& filtered) {
    std::vector<std::string> doubtful;
    for (const std::string& column : rule.send_if.Columns()) {
      if (!IsCopy(*out_.model, out_.model->FindColumn(column)->name, filtered, column)) doubtful.push_back(column);
    }
    if (doubtful.empty()) return true;
    Refuse("rule `" + rule.id + "` filters rows of `" + filtered.name + "`, from which `" + out_.model->name +
           "` is derived, and lineage does not prove that its column " + Listed(doubtful) + " is that of `" + filtered.name +
           "`, unchanged; pass it on as it is");
    return false;
  }

  bool IsCopy(const Node& node, const std::string& column, const Node& filtered, const std::string& there) const {
    if (project_.lineage == nullptr) return false;
    const Node* at = &node;
    std::string name = column;
    std::set<const Node*> seen;
    while (at != nullptr && seen.insert(at).second) {
      const manifest::ColumnLineage lineage = project_.lineage->Of(project_, *at, name);
      if (lineage.proof == manifest::LineageProof::kConservative || !lineage.copied || lineage.from.size() != 1) return false;
      const manifest::ColumnSource& from = lineage.from.front();
      if (from.node == filtered.unique_id) return SameIgnoringCase(from.column, there);
      at = project_.FindNode(from.node);
      name = from.column;
    }
    return false;
  }

  const Classifier& classes_;
  const Policy& policy_;
  const manifest::Project& project_;
  const SyncSpec& sync_;
  const std::vector<ColumnSchema>* const warehouse_;  // null: not asked
  Recipient recipient_;
  SyncDecision out_;
};

}  // namespace

ColumnDecision DecideColumn(const Policy& policy, const manifest::Project& project, const Node& model,
                            const std::string& column, const DestinationFacts& destination,
                            const std::string& purpose, const Classifier* classes) {
  ColumnDecision decision;
  decision.model = model.unique_id;
  decision.column = column;
  decision.classes = classes != nullptr ? classes->Of(model, column) : Classify(policy, project, model, column);
  decision.types = TypesOf(model, column, nullptr);
  DecideSent(policy, {&destination, purpose, purpose}, !SubjectsOf(policy, project, model).empty(),
             &decision);
  return decision;
}

ColumnDecision DecideFilterColumn(const Policy& policy, const manifest::Project& project, const Node& model,
                                  const std::string& column, const DestinationFacts& destination,
                                  const std::string& purpose, const Classifier* classes) {
  ColumnDecision decision;
  decision.model = model.unique_id;
  decision.column = column;
  decision.use = Use::kFilter;
  decision.classes = classes != nullptr ? classes->Of(model, column) : Classify(policy, project, model, column);
  DecideRead(policy, {&destination, purpose, purpose}, &decision);
  return decision;
}

SyncDecision Decide(const Policy& policy, const manifest::Project& project, const SyncSpec& sync,
                    const Classifier* classes, const std::vector<ColumnSchema>* warehouse) {
  if (classes != nullptr) return Decider(*classes, sync, warehouse).Run();
  return Decider(Classifier(policy, project), sync, warehouse).Run();
}

}  // namespace weir::policies
