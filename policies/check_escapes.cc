#include "policies/check_escapes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "manifest/column_names.h"
#include "policies/check_positions.h"
#include "policies/gate.h"
#include "policies/made_of.h"
#include "policies/policy_document.h"
#include "policies/selection.h"
#include "policies/shared_object.h"

namespace weir::policies {
namespace {

using manifest::Node;

bool Holds(const std::vector<std::string>& names, const std::string& column) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) { return manifest::EqualIgnoringCase(one, column); });
}

const std::string* FieldOf(const SyncSpec& sync, const std::string& column) {
  for (const auto* list : {&sync.match, &sync.columns}) {
    for (const SyncSpec::Mapped& mapped : *list) {
      if (!mapped.column.empty() && manifest::EqualIgnoringCase(mapped.column, column)) return &mapped.field;
    }
  }
  return nullptr;
}

class Escapes {
 public:
  Escapes(const CheckSide& head, const CheckSide& base)
      : head_(head),
        base_(base),
        positions_(*head.project, head.declarations, head.folder),
        selections_(SelectionsOf(*head.policy, *head.project)) {
    for (const SyncSpec& sync : *base.syncs) before_[sync.id] = &sync;
  }

  void AddShared(const std::vector<SyncDecision>& decisions) {
    std::map<std::string_view, const SyncDecision*> of;
    for (const SyncDecision& decision : decisions) of[decision.sync->id] = &decision;
    for (const SyncDecision& decision : decisions) {
      if (decision.model == nullptr) continue;
      for (const SyncSpec* other : SharingObject(*decision.sync, *head_.syncs)) {
        const SyncDecision* const guarded = of[other->id];
        if (guarded == nullptr || guarded->model == nullptr || DidShare(*decision.sync, *other)) continue;
        const std::vector<std::string> missing = Missing(decision, *guarded);
        if (!missing.empty()) AddShared(*decision.sync, *other, missing);
      }
    }
  }

  void AddUncounted(const SyncDecision& decision) {
    const auto found = before_.find(decision.sync->id);
    if (found == before_.end() || decision.model == nullptr) return;
    const Node* const model = base_.project->FindNode(found->second->model_id);
    if (model == nullptr) return;
    for (std::size_t i = 0; i < selections_.size(); ++i) {
      const Requirement& requirement = head_.policy->requirements[i];
      if (!requirement.k_anonymity || !Concerns(requirement, selections_[i], *head_.project, decision)) continue;
      for (const std::string& counted : requirement.k_anonymity->columns) {
        AddUncounted(decision, *found->second, *model, requirement, counted);
      }
    }
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  bool DidShare(const SyncSpec& a, const SyncSpec& b) const {
    const auto was = before_.find(a.id), was_other = before_.find(b.id);
    if (was == before_.end() || was_other == before_.end()) return false;
    return was->second->destination == was_other->second->destination && was->second->object == was_other->second->object;
  }

  // Requirements of `guarded` that do not select the other.
  std::vector<std::string> Missing(const SyncDecision& decision, const SyncDecision& guarded) const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < selections_.size(); ++i) {
      const Requirement& requirement = head_.policy->requirements[i];
      if (Concerns(requirement, selections_[i], *head_.project, guarded) &&
          !Concerns(requirement, selections_[i], *head_.project, decision)) {
        out.push_back(requirement.id);
      }
    }
    return out;
  }

  Finding Begin(const SyncSpec& sync) const {
    Finding finding;
    finding.rule = "gate-weakened";
    finding.level = FindingLevel::kWarning;
    finding.target = sync.id;
    finding.destination = sync.destination;
    finding.SetPlace(positions_.Of(sync));
    return finding;
  }

  void AddShared(const SyncSpec& sync, const SyncSpec& other, const std::vector<std::string>& missing) {
    Finding finding = Begin(sync);
    finding.detail = "shared/" + other.id;
    finding.message = "it writes where `" + other.name + "` does, and " + (missing.size() == 1 ? "requirement " : "requirements ") + Listed(missing) +
                      ", which that one is under, " + (missing.size() == 1 ? "does" : "do") + " not select it: the gate of `" + other.name + "` weakens";
    out_.push_back(std::move(finding));
  }

  void AddUncounted(const SyncDecision& decision, const SyncSpec& before, const Node& model, const Requirement& requirement,
                    const std::string& counted) {
    const std::string* const field = FieldOf(before, counted);
    // What is no longer sent at all makes no group smaller.
    if (field == nullptr || FieldOf(*decision.sync, counted) != nullptr) return;
    for (const ColumnDecision& column : decision.columns) {
      const bool leaves = (column.use == Use::kSend || column.use == Use::kMatch) && column.transform.kind < TransformKind::kDrop;
      if (!leaves || Holds(requirement.k_anonymity->columns, column.column)) continue;
      if (column.field != *field && !IsMadeOf(decision, column.column, model, counted) && !TakesPlace(decision, before, model, column.column, counted)) continue;
      Finding finding = Begin(*decision.sync);
      finding.column = decision.model->name + "." + column.column;
      finding.SetPlace(positions_.OfColumn(decision.model->unique_id, column.column, positions_.Of(*decision.sync)));
      finding.detail = "counted/" + requirement.id + "/" + counted;
      finding.message = "requirement `" + requirement.id + "` counts groups by `" + counted + "`, which the sync sent in the base; column `" +
                        column.column + "` takes its place, and is not counted: the gate of `" + decision.sync->name +
                        "` weakens; name it in the requirement, or name it as before";
      out_.push_back(std::move(finding));
    }
  }

  // It is the counted column of the base, by where both begin.
  bool IsMadeOf(const SyncDecision& decision, const std::string& column, const Node& model, const std::string& counted) const {
    if (head_.project->lineage == nullptr || base_.project->lineage == nullptr) return false;
    const MadeOf was = TraceColumn(*base_.project, model, counted);
    const MadeOf now = TraceColumn(*head_.project, *decision.model, column);
    return was.proven && now.proven && !was.roots.empty() && std::includes(now.roots.begin(), now.roots.end(), was.roots.begin(), was.roots.end()) &&
           TraceColumn(*base_.project, model, column).roots != now.roots;
  }

  // The counted one is gone from the model, and the sync sends one that it did not send and the model did not have.
  bool TakesPlace(const SyncDecision& decision, const SyncSpec& before, const Node& model, const std::string& column, const std::string& counted) const {
    return decision.model->FindColumn(counted) == nullptr && FieldOf(before, column) == nullptr && model.FindColumn(column) == nullptr;
  }

  const CheckSide& head_;
  const CheckSide& base_;
  const Positions positions_;
  const std::vector<Selection> selections_;
  std::map<std::string_view, const SyncSpec*> before_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindEscapes(const CheckSide& head, const CheckSide& base, const std::vector<SyncDecision>& decisions) {
  Escapes escapes(head, base);
  escapes.AddShared(decisions);
  for (const SyncDecision& decision : decisions) escapes.AddUncounted(decision);
  return escapes.Take();
}

}  // namespace weir::policies
