#include "policies/classify.h"

#include <algorithm>
#include <utility>

#include "policies/inherit.h"
#include "policies/pattern.h"

namespace weir::policies {
namespace {

// Every documented column that the name may mean: for evidence, which only adds, a doubt counts as a yes.
std::vector<const manifest::Column*> Documented(const std::vector<manifest::Column>& columns, std::string_view column) {
  std::vector<const manifest::Column*> out;
  for (const manifest::Column& candidate : columns) {
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

// By what anybody may say of a column or of its model: meta, tags and classifiers.
std::optional<ClassEvidence> MarkedAs(const ClassDefinition& defined, const std::vector<manifest::Text>& tags,
                                      const std::vector<manifest::Text>& classifiers,
                                      const std::vector<const manifest::Column*>& documented) {
  std::optional<Marked> marked = FindMarker(defined.markers, tags, classifiers, documented);
  for (const Markers& preset : defined.presets) {
    // What is declared counts before what is inferred: a class has one provenance.
    if (marked && marked->declared) break;
    auto other = FindMarker(preset, tags, classifiers, documented);
    if (other && (!marked || other->declared)) marked = std::move(other);
  }
  if (!marked) return std::nullopt;
  ClassEvidence out;
  out.name = defined.name;
  out.declared = marked->declared;
  out.how = std::move(marked->how);
  return out;
}

bool NameMatches(const ClassDefinition& defined, std::string_view column) {
  return !defined.permissive && !defined.name_pattern.empty() && PatternFound(defined.name_pattern, column);
}

std::optional<ClassEvidence> EvidenceFor(const ClassDefinition& defined, const manifest::Project& project,
                                         const manifest::Node& model, std::string_view column,
                                         const std::vector<const manifest::Column*>& documented) {
  if (!defined.permissive) {
    if (auto marked = MarkedAs(defined, model.tags, model.classifiers, documented)) return marked;
  }
  ClassEvidence out;
  out.name = defined.name;
  out.permissive = defined.permissive;
  for (const std::string& address : defined.columns) {
    if (!AddressMatches(address, defined.permissive, project, model, column)) continue;
    out.how = "by address";
    return out;
  }
  if (NameMatches(defined, column)) {
    out.declared = false;
    out.how = "by name";
    return out;
  }
  return std::nullopt;
}

}  // namespace

bool MayName(std::string_view written, const manifest::Node& model) {
  if (written == model.name || written == model.unique_id) return true;
  const std::string versioned = model.version.empty() ? model.name.str() : model.name + ".v" + model.version;
  return written == versioned || written == model.package + "." + model.name ||
         written == model.package + "." + versioned;
}

std::vector<ClassEvidence> OwnEvidence(const Policy& policy, const manifest::Project& project, const manifest::Node& model,
                                       std::string_view column) {
  const auto documented = Documented(model.columns, column);
  std::vector<ClassEvidence> out;
  for (const ClassDefinition& defined : policy.classes) {
    if (auto evidence = EvidenceFor(defined, project, model, column, documented)) out.push_back(std::move(*evidence));
  }
  return out;
}

std::vector<ClassEvidence> OwnEvidence(const Policy& policy, const manifest::Source& source, std::string_view column) {
  const auto documented = Documented(source.columns, column);
  std::vector<ClassEvidence> out;
  for (const ClassDefinition& defined : policy.classes) {
    if (defined.permissive) continue;
    if (auto marked = MarkedAs(defined, source.tags, source.classifiers, documented)) {
      out.push_back(std::move(*marked));
    } else if (NameMatches(defined, column)) {
      out.push_back({defined.name, false, false, "by name"});
    }
  }
  return out;
}

Classifier::Classifier(const Policy& policy, const manifest::Project& project)
    : policy_(policy),
      project_(project),
      inheritance_(policy.inherit_lineage ? std::make_unique<Inheritance>(policy, project) : nullptr) {}

Classifier::~Classifier() = default;

std::vector<ClassEvidence> Classifier::Of(const manifest::Node& model, std::string_view column) const {
  std::vector<ClassEvidence> out = OwnEvidence(policy_, project_, model, column);
  if (inheritance_ != nullptr) inheritance_->Add(model, column, &out);
  // The order of files and keys must not show in a decision.
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

std::vector<ClassEvidence> Classify(const Policy& policy, const manifest::Project& project,
                                    const manifest::Node& model, std::string_view column) {
  return Classifier(policy, project).Of(model, column);
}

}  // namespace weir::policies
