#include "policies/check_hooks.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "manifest/beside_sql.h"
#include "policies/check_positions.h"
#include "policies/made_of.h"

namespace weir::policies {
namespace {

using manifest::Node;
using manifest::Project;

// The keys of which the head has something else. What is gone does nothing any more, save where it took something away.
std::set<std::string> OtherKeys(const Node* before, const Node& after) {
  if (before != nullptr && before->materialized == after.materialized &&
      before->config == after.config) {
    return {};
  }
  const std::map<std::string, std::string> now = manifest::BesideSql(after);
  const std::map<std::string, std::string> then = before == nullptr ? std::map<std::string, std::string>() : manifest::BesideSql(*before);
  std::set<std::string> out;
  for (const auto* one : {&now, &then}) {
    const auto& other = one == &now ? then : now;
    for (const auto& [key, text] : *one) {
      const auto found = other.find(key);
      if (found == other.end() || found->second != text) out.insert(key);
    }
  }
  return out;
}

}  // namespace

std::vector<Finding> FindOtherHooks(const CheckSide& head, const CheckSide& base) {
  const Project& project = *head.project;
  const Positions positions(project, head.declarations, head.folder);
  std::map<std::string, std::set<std::string>> other;  // keys by model
  for (const std::string& id : NodesAbove(project, *head.syncs)) {
    std::set<std::string> keys = OtherKeys(base.project->FindNode(id), *project.FindNode(id));
    if (!keys.empty()) other.emplace(id, std::move(keys));
  }
  std::vector<Finding> out;
  if (other.empty()) return out;
  for (const SyncSpec& sync : *head.syncs) {
    const std::set<std::string> above = NodesAbove(project, std::vector<std::string>{sync.model_id});
    for (const auto& [id, keys] : other) {
      if (!above.contains(id)) continue;
      const Node& node = *project.FindNode(id);
      for (const std::string& key : keys) {
        Finding finding;
        finding.rule = "hook-changed";
        finding.level = FindingLevel::kWarning;
        finding.target = sync.id;
        finding.destination = sync.destination;
        finding.detail = id + "/" + key;
        finding.SetPlace(positions.Of(id, positions.Of(sync)));
        finding.message = "`" + key + "` of `" + node.name + "` is another than in the base, and may change what `" + sync.name +
                          "` sends in a way that no SQL shows; make sure that it is meant";
        out.push_back(std::move(finding));
      }
    }
  }
  return out;
}

}  // namespace weir::policies
