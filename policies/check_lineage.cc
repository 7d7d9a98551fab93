#include "policies/check_lineage.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "manifest/column_lineage.h"
#include "policies/check_positions.h"

namespace weir::policies {
namespace {

using manifest::Node;
using manifest::Project;

// The models of syncs and everything above them.
std::vector<const Node*> NodesAbove(const Project& project, const std::vector<SyncDecision>& decisions) {
  std::vector<const Node*> out;
  std::set<std::string> seen;
  std::vector<std::string> border;
  for (const SyncDecision& decision : decisions) {
    if (decision.model != nullptr) border.push_back(decision.model->unique_id);
  }
  while (!border.empty()) {
    const std::string id = border.back();
    border.pop_back();
    const Node* const node = seen.insert(id).second ? project.FindNode(id) : nullptr;
    if (node == nullptr) continue;
    out.push_back(node);
    border.insert(border.end(), node->depends_on.begin(), node->depends_on.end());
  }
  return out;
}

// Every step by which the column is made, however far up.
std::map<manifest::ColumnSource, manifest::ColumnLineage> MadeOf(const Project& project, const Node& node,
                                                                 const std::string& column) {
  std::map<manifest::ColumnSource, manifest::ColumnLineage> out;
  std::vector<manifest::ColumnSource> border = {{node.unique_id, column}};
  while (!border.empty()) {
    const manifest::ColumnSource at = std::move(border.back());
    border.pop_back();
    const Node* const made = project.FindNode(at.node);
    if (made == nullptr || out.contains(at)) continue;
    const manifest::ColumnLineage lineage = project.lineage->Of(project, *made, at.column);
    border.insert(border.end(), lineage.from.begin(), lineage.from.end());
    out.emplace(at, lineage);
  }
  return out;
}

class LineageFinder {
 public:
  LineageFinder(const CheckSide& side, const Classifier& classes)
      : policy_(*side.policy),
        project_(*side.project),
        classes_(classes),
        positions_(*side.project, side.declarations, side.folder) {}

  void AddStrangers(const std::vector<SyncDecision>& decisions) {
    if (project_.lineage == nullptr) return;
    for (const Node* node : NodesAbove(project_, decisions)) {
      for (const std::string& table : project_.lineage->Strangers(*node)) {
        Finding finding;
        finding.rule = "lineage-stranger";
        finding.level = FindingLevel::kWarning;
        finding.target = "model:" + node->name;
        finding.detail = table;
        finding.SetPlace(positions_.Of(node->unique_id, {}));
        finding.message = "model `" + node->name + "` reads `" + table + "`, which is no parent of it; write `ref` or `source`";
        out_.push_back(std::move(finding));
      }
    }
  }

  void AddUnused() {
    for (const Declassification& one : policy_.declassified) AddUnused(one);
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  void AddUnused(const Declassification& one) {
    for (const std::string& column : one.columns) {
      Finding finding;
      finding.level = FindingLevel::kError;
      finding.target = "declassify:" + one.of_class;
      finding.column = column;
      finding.detail = one.approver + "/" + one.expires;
      finding.SetPlace({one.at.file, one.at.position.line, one.at.position.column});
      const std::string what = "the declassification of `" + column + "` as no longer `" + one.of_class + "` ";
      const Node* const node = project_.FindModel(column.substr(0, column.rfind('.')));
      switch (StateOf(one, column, policy_.today, project_)) {
        case DeclassifyState::kAbsent:
          finding.rule = "declassify-unused";
          finding.level = FindingLevel::kWarning;
          finding.message = what + "lifts nothing: the project has no single model of that name; correct or remove it";
          break;
        case DeclassifyState::kExpired:
          finding.rule = "declassify-expired";
          finding.message = what + "expired on " + one.expires + "; have it approved anew, or remove it";
          break;
        case DeclassifyState::kStale:
          finding.rule = "declassify-stale";
          finding.message = what + "is void: the SQL of `" + node->name + "` is another; look at it anew, and write `code: " +
                            CodeDigest(project_, *node) + "` if it still holds";
          break;
        case DeclassifyState::kUncompiled:
          finding.rule = "declassify-stale";
          finding.message = what + "is void: the compiled SQL of `" + node->name +
                            "` is not in the manifest; run `dbt compile`";
          break;
        case DeclassifyState::kInForce: {
          const std::string name = column.substr(column.rfind('.') + 1);
          const bool known = IsKnown(*node, name);
          if (known && Lifts(one, *node, name)) continue;
          finding.rule = "declassify-unused";
          finding.level = FindingLevel::kWarning;
          finding.message = what + "lifts nothing: " +
                            (known ? "the column does not inherit that class, or says itself that it has it"
                                   : "the model has no such column; correct or remove it");
          break;
        }
      }
      out_.push_back(std::move(finding));
    }
  }

  // A name that nothing shows would inherit from all columns of all parents, and seem to be of use.
  bool IsKnown(const Node& node, const std::string& column) const {
    return node.FindColumn(column) != nullptr || project_.lineage == nullptr ||
           project_.lineage->Of(project_, node, column).proof != manifest::LineageProof::kConservative;
  }

  bool Lifts(const Declassification& one, const Node& node, const std::string& column) const {
    const std::vector<ClassEvidence> found = classes_.Of(node, column);
    return std::any_of(found.begin(), found.end(), [&](const ClassEvidence& evidence) {
      return evidence.name == one.of_class && !evidence.lifted.empty();
    });
  }

  const Policy& policy_;
  const Project& project_;
  const Classifier& classes_;
  Positions positions_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindLineage(const CheckSide& side, const std::vector<SyncDecision>& decisions,
                                 const Classifier& classes) {
  if (!side.policy->inherit_lineage) return {};
  LineageFinder finder(side, classes);
  finder.AddStrangers(decisions);
  finder.AddUnused();
  return finder.Take();
}

std::vector<Finding> FindUnusedDeclassifications(const CheckSide& side, const Classifier& classes) {
  LineageFinder finder(side, classes);
  finder.AddUnused();
  return finder.Take();
}

std::vector<Finding> FindChangedFilters(const CheckSide& head, const CheckSide& base,
                                        const std::vector<SyncDecision>& decisions) {
  std::vector<Finding> out;
  if (head.project->lineage == nullptr || base.project->lineage == nullptr) return out;
  const Positions positions(*head.project, head.declarations, head.folder);
  for (const SyncDecision& decision : decisions) {
    const Node* const before = decision.model == nullptr ? nullptr : base.project->FindNode(decision.model->unique_id);
    if (before == nullptr) continue;
    for (const ColumnDecision& column : decision.columns) {
      if (column.use != Use::kFilter) continue;
      const auto now = MadeOf(*head.project, *decision.model, column.column);
      const auto then = MadeOf(*base.project, *before, column.column);
      const auto differs = std::find_if(now.begin(), now.end(), [&](const auto& step) {
        const auto found = then.find(step.first);
        return found == then.end() || found->second.from != step.second.from || found->second.copied != step.second.copied ||
               found->second.proof != step.second.proof;
      });
      if (differs == now.end()) continue;
      const Node* const made = head.project->FindNode(differs->first.node);
      Finding finding;
      finding.rule = "filter-changed";
      finding.level = FindingLevel::kWarning;
      finding.target = decision.sync->id;
      finding.destination = decision.sync->destination;
      finding.column = decision.model->name + "." + column.column;
      finding.SetPlace(positions.Of(*decision.sync));
      const bool constant = differs->second.from.empty() && differs->second.remark.empty();
      finding.message = "column `" + column.column + "`, by which rows are filtered, is made of something else than before in `" +
                        made->name + "`" + (constant ? ": of a constant" : "") +
                        "; make sure that it still says who may be sent";
      out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace weir::policies
