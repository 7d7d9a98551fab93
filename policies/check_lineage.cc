#include "policies/check_lineage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "manifest/column_lineage.h"
#include "policies/check_positions.h"
#include "policies/made_of.h"

namespace weir::policies {
namespace {

using manifest::Node;
using manifest::Project;

class LineageFinder {
 public:
  LineageFinder(const CheckSide& side, const Classifier& classes)
      : policy_(*side.policy),
        project_(*side.project),
        classes_(classes),
        positions_(*side.project, side.declarations, side.folder) {}

  void AddStrangers(const std::vector<SyncSpec>& syncs) {
    if (project_.lineage == nullptr) return;
    for (const std::string& id : NodesAbove(project_, syncs)) {
      const Node* const node = project_.FindNode(id);
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

std::vector<Finding> FindLineage(const CheckSide& side, const Classifier& classes) {
  if (!side.policy->inherit_lineage) return {};
  LineageFinder finder(side, classes);
  finder.AddStrangers(*side.syncs);
  finder.AddUnused();
  return finder.Take();
}

std::vector<Finding> FindUnusedDeclassifications(const CheckSide& side, const Classifier& classes) {
  LineageFinder finder(side, classes);
  finder.AddUnused();
  return finder.Take();
}

}  // namespace weir::policies
