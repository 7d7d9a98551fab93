#pragma once

#include <string>
#include <vector>

#include "manifest/selectable.h"
#include "manifest/selector.h"
#include "policies/decision.h"
#include "policies/policy.h"

namespace weir::policies {

// What the selector of one requirement picks in one project, asked once: a selection walks the whole project. Immutable.
class Selection {
 public:
  Selection(const Requirement& requirement, const manifest::Project& project);
  // The same with the project's graph, edges and all.
  Selection(const Requirement& requirement, const manifest::Project& project, const manifest::SelectableGraph& graph);
  bool Has(const std::string& unique_id) const;
  // Names in the selector that nothing of the project has.
  const std::vector<manifest::Selector::Absent>& absent() const { return absent_; }

 private:
  void Take(const Requirement& requirement, const manifest::Project& project, const manifest::SelectableGraph& graph);

  bool all_ = false;
  std::vector<std::string> ids_;  // sorted
  std::vector<manifest::Selector::Absent> absent_;
};

// One for each requirement of the policy, in its order, over one graph.
std::vector<Selection> SelectionsOf(const Policy& policy, const manifest::Project& project);

// Whether the requirement is about this sync, whose model is known.
bool Concerns(const Requirement& requirement, const Selection& selection, const manifest::Project& project,
              const SyncDecision& decision);

}  // namespace weir::policies
