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
  const std::string name = node != nullptr ? node->name.str() : table != nullptr ? table->name.str() : source.node;
  return source.column == "*" ? "every column of `" + name + "`" : "`" + name + "." + source.column + "`";
}

bool SameCode(const Project& base, const Node& before, const Project& head, const Node& after) {
  if (before.compiled_code.empty() && after.compiled_code.empty()) return before.checksum == after.checksum;
  if (before.compiled_code == after.compiled_code) return true;
  return CodeDigest(base, before) == CodeDigest(head, after);
}

std::set<std::string> NodesAbove(const Project& project, std::vector<std::string> ids) {
  std::set<std::string> out;
  while (!ids.empty()) {
    const std::string id = std::move(ids.back());
    ids.pop_back();
    const Node* const node = project.FindNode(id);
    if (node == nullptr || !out.insert(id).second) continue;
    ids.insert(ids.end(), node->depends_on.begin(), node->depends_on.end());
  }
  return out;
}

std::set<std::string> NodesAbove(const Project& project, const std::vector<SyncSpec>& syncs) {
  std::vector<std::string> ids;
  for (const SyncSpec& sync : syncs) ids.push_back(sync.model_id);
  return NodesAbove(project, std::move(ids));
}

std::vector<std::string> DecidedModels(const Project& project, const std::vector<SyncSpec>& syncs, const Policy& policy) {
  std::vector<std::string> out;
  for (const SyncSpec& sync : syncs) out.push_back(sync.model_id);
  for (const manifest::Exposure& exposure : project.exposures) {
    out.insert(out.end(), exposure.depends_on.begin(), exposure.depends_on.end());
  }
  for (const Declassification& one : policy.declassified) {
    for (const std::string& column : one.columns) {
      std::vector<std::string> ids;
      if (const Node* const model = project.FindModel(column.substr(0, column.rfind('.')), &ids)) ids.push_back(model->unique_id);
      out.insert(out.end(), ids.begin(), ids.end());
    }
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
