#include "policies/presets.h"

#include <algorithm>

namespace weir::policies {
namespace {

struct Convention {
  std::string preset;
  std::string class_name;
  Markers markers;
};

Convention ByMeta(std::string preset, std::string class_name,
                  std::map<std::string, std::vector<std::string>> meta) {
  Convention out{std::move(preset), std::move(class_name), {}};
  out.markers.meta = std::move(meta);
  return out;
}

Convention ByTags(std::string preset, std::string class_name, std::vector<std::string> tags) {
  Convention out{std::move(preset), std::move(class_name), {}};
  out.markers.tags = std::move(tags);
  return out;
}

// dbt 2's built-in labels. What a project adds below one of the three counts as that one.
void AddClassifiers(std::vector<Convention>* out) {
  const std::vector<std::string> known = {"pii.name", "pii.phone", "pii.address", "pii.email",
                                          "pii.ssn",  "pii.dob",   "pii.hashed"};
  for (const std::string& label : known) {
    Convention one{"dbt_classifiers", label, {}};
    one.markers.classifiers = {label};
    out->push_back(std::move(one));
  }
  for (const char* label : {"pii", "finance", "health"}) {
    Convention one{"dbt_classifiers", label, {}};
    one.markers.classifiers = {label};
    one.markers.not_classifiers = known;
    out->push_back(std::move(one));
  }
}

std::vector<Convention> MakeConventions() {
  std::vector<Convention> out;
  out.push_back(ByMeta("contains_pii", "pii", {{"contains_pii", {"*"}}}));
  out.push_back(ByMeta("dbt_snow_mask", "pii", {{"masking_policy", {"*"}}}));
  out.push_back(ByTags("dbt_tags", "pii", {"pii", "pii_*"}));
  out.push_back(ByMeta("datahub", "pii", {{"has_pii", {"*"}}, {"gdpr.pii", {"*"}}}));
  out.push_back(ByMeta("datahub", "sensitive", {{"is_sensitive", {"*"}}}));
  Convention catalog = ByTags("openmetadata", "pii",
                              {"PII.Sensitive", "PII.NonSensitive", "PersonalData.Personal",
                               "PersonalData.SpecialCategory", "DBTTags.pii"});
  catalog.markers.meta = {{"openmetadata.glossary", {"PII.*", "PersonalData.*"}}};
  out.push_back(std::move(catalog));
  Convention tests = ByTags("elementary", "pii", {"pii"});
  tests.markers.tags_of_model = true;
  out.push_back(std::move(tests));
  AddClassifiers(&out);
  for (Convention& one : out) one.markers.preset = one.preset;
  return out;
}

const std::vector<Convention>& Conventions() {
  static const std::vector<Convention> conventions = MakeConventions();
  return conventions;
}

ClassDefinition* FindOrAdd(const std::string& name, const Located& at, Policy* policy) {
  for (ClassDefinition& defined : policy->classes) {
    if (defined.name == name) return &defined;
  }
  ClassDefinition& added = policy->classes.emplace_back();
  added.name = name;
  added.at = at;
  return &added;
}

}  // namespace

const std::vector<std::string>& PresetNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Convention& one : Conventions()) {
      if (std::find(out.begin(), out.end(), one.preset) == out.end()) out.push_back(one.preset);
    }
    return out;
  }();
  return names;
}

void ApplyPresets(Policy* policy, manifest::Diagnostics* diagnostics) {
  const std::vector<std::string>& known = PresetNames();
  std::vector<std::string> applied;
  for (const Policy::Preset& preset : policy->presets) {
    if (std::find(known.begin(), known.end(), preset.name) == known.end()) {
      const std::string hint = manifest::DidYouMean(preset.name, known);
      std::string all;
      for (const std::string& name : known) all.append(all.empty() ? "`" : ", `").append(name).append("`");
      diagnostics->Error("W-POL-050", preset.at.file, preset.at.position,
                         "unknown preset `" + preset.name + "`" + (hint.empty() ? "; it is one of " + all : hint));
      continue;
    }
    if (std::find(applied.begin(), applied.end(), preset.name) != applied.end()) continue;
    applied.push_back(preset.name);
    for (const Convention& one : Conventions()) {
      if (one.preset != preset.name) continue;
      ClassDefinition* defined = FindOrAdd(one.class_name, preset.at, policy);
      if (defined->permissive) {
        diagnostics->Error("W-POL-051", defined->at.file, defined->at.position,
                           "class `" + defined->name + "` is permissive, and preset `" + preset.name +
                               "` marks sensitive columns with it; rename the class");
        continue;
      }
      defined->presets.push_back(one.markers);
    }
  }
}

}  // namespace weir::policies
