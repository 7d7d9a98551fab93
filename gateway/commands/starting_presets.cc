#include "gateway/commands/starting_presets.h"

#include "policies/classify.h"
#include "policies/presets.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kNamedAtMost = 3;

bool IsOwnData(const manifest::Node& node, const manifest::Project& project) {
  const bool own = project.metadata.project_name.empty() || node.package == project.metadata.project_name;
  return own && (node.type == manifest::ResourceType::kModel || node.type == manifest::ResourceType::kSeed ||
                 node.type == manifest::ResourceType::kSnapshot);
}

}  // namespace

std::vector<StartingPreset> FindPresets(const std::vector<policies::ClassDefinition>& classes, const manifest::Project& project) {
  policies::Policy own;
  own.classes = classes;
  std::vector<StartingPreset> out;
  for (const std::string& name : policies::PresetNames()) {
    policies::Policy with;
    with.presets = {{name, {}}};
    manifest::Diagnostics none;
    policies::ApplyPresets(&with, &none);
    StartingPreset found;
    found.name = name;
    for (const manifest::Node& node : project.nodes) {
      if (!IsOwnData(node, project)) continue;
      for (const manifest::Column& column : node.columns) {
        if (policies::OwnEvidence(with, project, node, column.name).empty()) continue;
        if (found.columns.size() < kNamedAtMost) found.columns.push_back(node.name + "." + column.name);
        ++found.count;
        found.needed = found.needed || policies::OwnEvidence(own, project, node, column.name).empty();
      }
    }
    if (found.count > 0) out.push_back(std::move(found));
  }
  return out;
}

std::string ToText(const StartingPreset& preset) {
  std::string out = std::to_string(preset.count) + (preset.count == 1 ? " column: " : " columns: ");
  for (std::size_t i = 0; i < preset.columns.size(); ++i) out += (i == 0 ? "" : ", ") + preset.columns[i];
  return preset.count > preset.columns.size() ? out + ", …" : out;
}

}  // namespace weir::gateway
