#include "policies/classify.h"

#include <algorithm>

#include "policies/pattern.h"

namespace weir::policies {
namespace {

// Every documented column that the name may mean: for evidence, which only adds, a doubt counts as a yes.
std::vector<const manifest::Column*> Documented(const manifest::Node& model, std::string_view column) {
  std::vector<const manifest::Column*> out;
  for (const manifest::Column& candidate : model.columns) {
    if (SameIgnoringCase(candidate.name, column)) out.push_back(&candidate);
  }
  return out;
}

bool AddressMatches(const std::string& address, bool permissive, const manifest::Project& project,
                    const manifest::Node& model, std::string_view column) {
  const std::size_t dot = address.rfind('.');
  if (dot == std::string::npos) return false;
  const std::string_view written = std::string_view(address).substr(dot + 1);
  if (written != "*" && written != column && (permissive || !SameIgnoringCase(written, column))) return false;
  const std::string_view name = std::string_view(address).substr(0, dot);
  // A restrictive class takes every model that may be meant, a permissive one the only one.
  return MayName(name, model) && (!permissive || project.FindModel(name) == &model);
}

std::optional<ClassEvidence> EvidenceFor(const ClassDefinition& defined, const manifest::Project& project,
                                         const manifest::Node& model, std::string_view column,
                                         const std::vector<const manifest::Column*>& documented) {
  ClassEvidence out;
  out.name = defined.name;
  out.permissive = defined.permissive;
  if (!defined.permissive) {
    std::optional<Marked> marked = FindMarker(defined.markers, model, documented);
    for (const Markers& preset : defined.presets) {
      // What is declared counts before what is inferred: a class has one provenance.
      if (marked && marked->declared) break;
      auto other = FindMarker(preset, model, documented);
      if (other && (!marked || other->declared)) marked = std::move(other);
    }
    if (marked) {
      out.declared = marked->declared;
      out.how = std::move(marked->how);
      return out;
    }
  }
  for (const std::string& address : defined.columns) {
    if (!AddressMatches(address, defined.permissive, project, model, column)) continue;
    out.how = "by address";
    return out;
  }
  if (!defined.permissive && !defined.name_pattern.empty() && PatternFound(defined.name_pattern, column)) {
    out.declared = false;
    out.how = "by name";
    return out;
  }
  return std::nullopt;
}

}  // namespace

bool MayName(std::string_view written, const manifest::Node& model) {
  if (written == model.name || written == model.unique_id) return true;
  const std::string versioned = model.version.empty() ? model.name : model.name + ".v" + model.version;
  return written == versioned || written == model.package + "." + model.name ||
         written == model.package + "." + versioned;
}

std::vector<ClassEvidence> Classify(const Policy& policy, const manifest::Project& project,
                                    const manifest::Node& model, std::string_view column) {
  const auto documented = Documented(model, column);
  std::vector<ClassEvidence> out;
  for (const ClassDefinition& defined : policy.classes) {
    if (auto evidence = EvidenceFor(defined, project, model, column, documented))
      out.push_back(std::move(*evidence));
  }
  // The order of files and keys must not show in a decision.
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace weir::policies
