#include "policies/made_of.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "policies/declassify.h"

namespace weir::policies {

using manifest::ColumnSource;
using manifest::Node;
using manifest::Project;

MadeOf TraceColumn(const Project& project, const Node& node, const std::string& column) {
  MadeOf out;
  std::vector<ColumnSource> border = {{node.unique_id, column}};
  while (!border.empty()) {
    const ColumnSource at = std::move(border.back());
    border.pop_back();
    const Node* const made = project.FindNode(at.node);
    if (made == nullptr || made->type == manifest::ResourceType::kSeed) {
      out.roots.insert(at);
      continue;
    }
    if (out.steps.contains(at)) continue;
    const manifest::ColumnLineage lineage = project.lineage->Of(project, *made, at.column);
    out.copied = out.copied && lineage.copied;
    out.proven = out.proven && lineage.proof != manifest::LineageProof::kConservative;
    border.insert(border.end(), lineage.from.begin(), lineage.from.end());
    out.steps.emplace(at, lineage);
  }
  return out;
}

std::string ShownSource(const Project& project, const ColumnSource& source) {
  const Node* const node = project.FindNode(source.node);
  const manifest::Source* const table = node == nullptr ? project.FindSource(source.node) : nullptr;
  const std::string& name = node != nullptr ? node->name : table != nullptr ? table->name : source.node;
  return source.column == "*" ? "every column of `" + name + "`" : "`" + name + "." + source.column + "`";
}

bool SameCode(const Project& base, const Node& before, const Project& head, const Node& after) {
  if (before.compiled_code.empty() && after.compiled_code.empty()) return before.checksum == after.checksum;
  if (before.compiled_code == after.compiled_code) return true;
  return CodeDigest(base, before) == CodeDigest(head, after);
}

std::set<std::string> NodesAbove(const Project& project, const std::vector<SyncSpec>& syncs) {
  std::set<std::string> out;
  std::vector<std::string> border;
  for (const SyncSpec& sync : syncs) border.push_back(sync.model_id);
  while (!border.empty()) {
    const std::string id = std::move(border.back());
    border.pop_back();
    const Node* const node = project.FindNode(id);
    if (node == nullptr || !out.insert(id).second) continue;
    border.insert(border.end(), node->depends_on.begin(), node->depends_on.end());
  }
  return out;
}

bool CodeDiffersAbove(const Project& head, const Project& base, const std::vector<SyncSpec>& syncs) {
  const std::set<std::string> above = NodesAbove(head, syncs);
  return std::any_of(above.begin(), above.end(), [&](const std::string& id) {
    const Node* const before = base.FindNode(id);
    return before != nullptr && !SameCode(base, *before, head, *head.FindNode(id));
  });
}

}  // namespace weir::policies
