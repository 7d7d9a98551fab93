#include "policies/selection.h"

#include <algorithm>
namespace weir::policies {

Selection::Selection(const Requirement& requirement, const manifest::Project& project) {
  Take(requirement, project, manifest::SelectableGraph(project));
}

Selection::Selection(const Requirement& requirement, const manifest::Project& project,
                     const manifest::SelectableGraph& graph) {
  Take(requirement, project, graph);
}

void Selection::Take(const Requirement& requirement, const manifest::Project& project,
                     const manifest::SelectableGraph& graph) {
  std::string error;
  const auto selector = manifest::Selector::Parse(requirement.select, &error);
  // Validation has refused it; an unreadable one selects everything, so that nothing escapes it.
  all_ = !selector;
  if (selector) ids_ = selector->Select(project, graph, &absent_);
}

bool Selection::Has(const std::string& unique_id) const {
  return all_ || std::binary_search(ids_.begin(), ids_.end(), unique_id);
}

std::vector<Selection> SelectionsOf(const Policy& policy, const manifest::Project& project) {
  std::vector<Selection> out;
  if (policy.requirements.empty()) return out;
  const manifest::SelectableGraph graph(project);
  for (const Requirement& requirement : policy.requirements) out.emplace_back(requirement, project, graph);
  return out;
}

bool Concerns(const Requirement& requirement, const Selection& selection, const manifest::Project& project,
              const SyncDecision& decision) {
  if (requirement.for_what == "model") return selection.Has(decision.model->unique_id);
  if (requirement.for_what == "source") {
    const auto above = project.SourcesAbove(decision.model->unique_id);
    return std::any_of(above.begin(), above.end(),
                       [&](const manifest::Source* source) { return selection.Has(source->unique_id); });
  }
  // A sync of weir.yml has no exposure that could be selected or left out: every requirement of syncs is its own.
  return decision.sync->exposure_id.empty() || selection.Has(decision.sync->exposure_id);
}

}  // namespace weir::policies
