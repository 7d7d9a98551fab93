#include "gateway/commands/starting_evidence.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "policies/classify.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kNamedAtMost = 3;

bool HoldsData(const manifest::Node& node) {
  return node.type == manifest::ResourceType::kModel || node.type == manifest::ResourceType::kSeed ||
         node.type == manifest::ResourceType::kSnapshot;
}

}  // namespace

std::string StartingEvidence::ToText() const {
  std::string out = "saw `" + class_name + "` " + how + " in ";
  for (std::size_t i = 0; i < columns.size(); ++i) out += (i == 0 ? "" : ", ") + columns[i];
  return count == columns.size() ? out : out + " and " + std::to_string(count - columns.size()) + " more";
}

std::vector<StartingEvidence> FindEvidence(const std::vector<policies::ClassDefinition>& classes,
                                           const manifest::Project& project) {
  policies::Policy facts;
  facts.classes = classes;
  std::map<std::pair<std::string, std::string>, StartingEvidence> found;
  for (const manifest::Node& node : project.nodes) {
    const bool own = project.metadata.project_name.empty() || node.package == project.metadata.project_name;
    if (!HoldsData(node) || !own) continue;
    for (const manifest::Column& column : node.columns) {
      for (const policies::ClassEvidence& evidence : policies::Classify(facts, project, node, column.name)) {
        StartingEvidence& item = found[{evidence.name, evidence.how}];
        item.class_name = evidence.name;
        item.how = evidence.how;
        if (item.columns.size() < kNamedAtMost) item.columns.push_back(node.name + "." + column.name);
        ++item.count;
      }
    }
  }
  std::vector<StartingEvidence> out;
  for (auto& [key, item] : found) out.push_back(std::move(item));
  std::stable_sort(out.begin(), out.end(), [](const StartingEvidence& a, const StartingEvidence& b) {
    return std::tie(a.class_name, b.count) < std::tie(b.class_name, a.count);
  });
  return out;
}

}  // namespace weir::gateway
