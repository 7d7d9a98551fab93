#include "policies/check_made_of.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "policies/check_positions.h"
#include "policies/made_of.h"

namespace weir::policies {
namespace {

using manifest::Node;
using manifest::Project;

constexpr std::size_t kShownRoots = 4;

std::string Shown(const Project& project, const MadeOf& made) {
  if (made.roots.empty()) return "a constant";
  std::string out;
  std::size_t shown = 0;
  for (const manifest::ColumnSource& root : made.roots) {
    if (shown == kShownRoots) return out + " and " + std::to_string(made.roots.size() - shown) + " more";
    out += (shown++ == 0 ? "" : ", ") + ShownSource(project, root);
  }
  return out;
}

class Remade {
 public:
  Remade(const CheckSide& head, const CheckSide& base)
      : head_(*head.project), base_(*base.project), positions_(head_, head.declarations, head.folder) {}

  void Add(const SyncDecision& decision) {
    const Node* const before = decision.model == nullptr ? nullptr : base_.FindNode(decision.model->unique_id);
    if (before == nullptr) return;
    std::set<std::string> unread;  // unique_ids
    for (const ColumnDecision& column : decision.columns) {
      if (column.use == Use::kFilter) {
        AddFilter(decision, column, *before, &unread);
      } else if (column.use != Use::kSubject && column.transform.kind < TransformKind::kRedact) {
        AddSent(decision, column, *before, &unread);
      }
    }
    for (const std::string& id : unread) AddUnread(decision, *head_.FindNode(id));
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  Finding Begin(const char* rule, const SyncDecision& decision, const Place& place) const {
    Finding finding;
    finding.rule = rule;
    finding.level = FindingLevel::kWarning;
    finding.target = decision.sync->id;
    finding.destination = decision.sync->destination;
    finding.SetPlace(place);
    return finding;
  }

  // Nobody can tell what the SQL makes of the column, and it is another.
  void NoteUnread(const MadeOf& now, std::set<std::string>* unread) const {
    for (const auto& [at, lineage] : now.steps) {
      if (lineage.proof != manifest::LineageProof::kConservative) continue;
      const Node* const old = base_.FindNode(at.node);
      if (old == nullptr || !SameCode(base_, *old, head_, *head_.FindNode(at.node))) unread->insert(at.node);
    }
  }

  void AddFilter(const SyncDecision& decision, const ColumnDecision& column, const Node& before, std::set<std::string>* unread) {
    const MadeOf now = TraceColumn(head_, *decision.model, column.column);
    const MadeOf then = TraceColumn(base_, before, column.column);
    const auto differs = std::find_if(now.steps.begin(), now.steps.end(), [&](const auto& step) {
      const auto found = then.steps.find(step.first);
      return found == then.steps.end() || found->second.from != step.second.from ||
             found->second.copied != step.second.copied || found->second.proof != step.second.proof;
    });
    if (differs == now.steps.end()) return NoteUnread(now, unread);
    Finding finding = Begin("filter-changed", decision, positions_.Of(*decision.sync));
    finding.column = decision.model->name + "." + column.column;
    const bool constant = differs->second.from.empty() && differs->second.remark.empty();
    finding.message = "column `" + column.column + "`, by which rows are filtered, is made of something else than before in `" +
                      head_.FindNode(differs->first.node)->name + "`" + (constant ? ": of a constant" : "") +
                      "; make sure that it still says who may be sent";
    out_.push_back(std::move(finding));
  }

  void AddSent(const SyncDecision& decision, const ColumnDecision& column, const Node& before, std::set<std::string>* unread) {
    const MadeOf now = TraceColumn(head_, *decision.model, column.column);
    const MadeOf then = TraceColumn(base_, before, column.column);
    if (before.FindColumn(column.column) == nullptr && !then.proven) return;
    const bool elsewhere = now.roots != then.roots;
    if (!elsewhere) NoteUnread(now, unread);
    const bool bare = !elsewhere && now.copied && !then.copied;
    if (!elsewhere && !bare) return;
    const Place of_sync = positions_.Of(*decision.sync);
    Finding finding = Begin("column-changed", decision, positions_.OfColumn(column.model, column.column, of_sync));
    finding.column = decision.model->name + "." + column.column;
    finding.message = "column `" + column.column + "` ";
    finding.message += bare ? "is " + Shown(head_, now) + " as it is, and something was made of that in the base"
                            : "is made of " + Shown(head_, now) + ", and of " + Shown(base_, then) + " in the base";
    finding.message += "; make sure that it may still leave as `" + column.transform.ToText() + "`";
    out_.push_back(std::move(finding));
  }

  void AddUnread(const SyncDecision& decision, const Node& node) {
    Finding finding = Begin("column-changed", decision, positions_.Of(*decision.sync));
    finding.detail = node.unique_id;
    const manifest::ColumnLineage lineage = head_.lineage->Of(head_, node, "*");
    finding.message = "the SQL of `" + node.name + "` is another than in the base, and nothing proves what its columns are made of" +
                      (lineage.remark.empty() ? "" : ": " + lineage.remark) + "; make sure that what is sent of them may still leave";
    out_.push_back(std::move(finding));
  }

  const Project& head_;
  const Project& base_;
  const Positions positions_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindRemade(const CheckSide& head, const CheckSide& base, const std::vector<SyncDecision>& decisions) {
  if (head.project->lineage == nullptr || base.project->lineage == nullptr) return {};
  Remade remade(head, base);
  for (const SyncDecision& decision : decisions) remade.Add(decision);
  return remade.Take();
}

}  // namespace weir::policies
