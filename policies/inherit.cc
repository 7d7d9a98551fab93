#include "policies/inherit.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace weir::policies {
namespace {

using manifest::ColumnLineage;
using manifest::ColumnSource;
using manifest::LineageProof;
using manifest::Node;
using manifest::Project;
using manifest::Source;

constexpr std::size_t kMostSteps = 500;  // of models above each other
constexpr std::size_t kShownSteps = 6;

ColumnLineage Untraced(const Node& node) {
  ColumnLineage out;
  out.remark = "it was not traced";
  out.unbounded = node.depends_on.empty();
  for (const manifest::Text& parent : node.depends_on) out.from.push_back({parent, "*"});
  return out;
}

ColumnLineage LineageOf(const Project& project, const Node& node, const std::string& column) {
  if (project.lineage != nullptr) return project.lineage->Of(project, node, column);
  ColumnLineage out = Untraced(node);
  if (node.type == manifest::ResourceType::kSeed) {
    out = {};
    out.proof = LineageProof::kSql;
  }
  return out;
}

// Documented ones, and those that the policy itself speaks of. Where none is documented, those that its SQL names, and `*`, which
// has what the model as a whole has.
std::set<std::string> KnownColumns(const Policy& policy, const Project& project, const Node& node) {
  std::set<std::string> out;
  if (node.columns.empty()) {
    if (project.lineage != nullptr) out = project.lineage->NamesInSql(node);
    out.insert("*");
  }
  for (const manifest::Column& column : node.columns) out.insert(column.name);
  for (const ClassDefinition& defined : policy.classes) {
    for (const std::string& address : defined.columns) {
      const std::size_t dot = address.rfind('.');
      if (dot != std::string::npos && MayName(std::string_view(address).substr(0, dot), node)) {
        out.insert(address.substr(dot + 1));
      }
    }
  }
  return out;
}

std::string ProvenBy(const std::set<LineageProof>& proofs) {
  std::string out;
  for (const LineageProof proof : proofs) {
    out += (out.empty() ? ", proven by " : " and ") +
           std::string(proof == LineageProof::kInfoSchema ? "dbt's Information Schema" : "SQL");
  }
  return out;
}

}  // namespace

bool Inheritance::Inherited::Before(const Inherited& other) const {
  return std::forward_as_tuple(!evidence.lifted.empty(), !doubt.empty(), origin.empty(), steps, origin, through, doubt,
                               evidence.how, proofs) <
         std::forward_as_tuple(!other.evidence.lifted.empty(), !other.doubt.empty(), other.origin.empty(), other.steps,
                               other.origin, other.through, other.doubt, other.evidence.how, other.proofs);
}

void Inheritance::Take(Inherited one, Classes* out) {
  const auto [found, first] = out->try_emplace(one.evidence.name, one);
  if (!first && one.Before(found->second)) found->second = std::move(one);
}

void Inheritance::TakeAny(const std::string& doubt, Classes* out) const {
  for (const ClassDefinition& defined : policy_.classes) {
    if (defined.permissive) continue;
    Inherited one;
    one.evidence.name = defined.name;
    one.evidence.declared = false;
    one.doubt = doubt;
    Take(std::move(one), out);
  }
}

const Inheritance::Classes& Inheritance::Own(const ColumnSource& from, const Node* node, const Source* source) {
  const auto [found, first] = own_.try_emplace({from.node, from.column});
  Classes& out = found->second;
  if (!first) return out;
  std::set<std::string> columns;
  if (from.column != "*") {
    columns.insert(from.column);
  } else if (node != nullptr) {
    columns = KnownColumns(policy_, project_, *node);
  } else {
    for (const manifest::Column& column : source->columns) columns.insert(column.name);
  }
  const std::string& name = node != nullptr ? node->name : source->name;
  for (const std::string& column : columns) {
    for (ClassEvidence& own : node != nullptr ? OwnEvidence(policy_, project_, *node, column)
                                              : OwnEvidence(policy_, *source, column)) {
      if (own.permissive) continue;
      Inherited one;
      one.evidence = std::move(own);
      one.origin = "`" + name + "." + column + "`";
      Take(std::move(one), &out);
    }
  }
  return out;
}

// What a model's SQL proves needs no list of its columns: what they are made of counts. A source, a seed and what nobody could
// read have their columns' classes from such a list alone.
bool Inheritance::TellsNothing(const Node* node, const Source* source) const {
  if (node == nullptr) return source->columns.empty();
  return node->columns.empty() && (node->type == manifest::ResourceType::kSeed ||
                                   LineageOf(project_, *node, "*").proof == LineageProof::kConservative);
}

void Inheritance::Collect(const ColumnSource& from, LineageProof proof, const std::string& doubt, Classes* out) {
  const Node* const node = project_.FindNode(from.node);
  const Source* const source = node == nullptr ? project_.FindSource(from.node) : nullptr;
  const std::string name = node != nullptr ? node->name.str() : source != nullptr ? source->name.str() : from.node;
  if (node == nullptr && source == nullptr) {
    TakeAny("`" + name + "` is not in the manifest", out);
    return;
  }
  if (from.column == "*" && TellsNothing(node, source)) {
    TakeAny((doubt.empty() ? "`" : doubt + "; `") + name + "` documents no column", out);
  }
  for (const auto& [of_class, own] : Own(from, node, source)) {
    Inherited one = own;
    one.proofs = {proof};
    one.doubt = doubt;
    Take(std::move(one), out);
  }
  if (node == nullptr) return;
  for (const auto& [of_class, above] : Above(*node, from.column)) {
    Inherited one = above;
    if (one.steps < kShownSteps) {
      one.through += (one.through.empty() ? "`" : ", `") + name + "." + from.column + "`";
    } else if (one.steps == kShownSteps) {
      one.through += ", …";
    }
    ++one.steps;
    one.proofs.insert(proof);
    if (one.doubt.empty()) one.doubt = doubt;
    Take(std::move(one), out);
  }
}

const Inheritance::Classes& Inheritance::Above(const Node& node, const std::string& column) {
  const Key key{node.unique_id, column};
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  Classes out;
  if (open_.size() >= kMostSteps || !open_.insert(key).second) {
    any_.clear();
    TakeAny("`" + node.name + "` has parents in a circle, or more than " + std::to_string(kMostSteps) + " above each other",
            &any_);
    return any_;
  }
  const ColumnLineage lineage = LineageOf(project_, node, column);
  const bool proven = lineage.proof != LineageProof::kConservative;
  // Why no SQL at all is read is said once of the project, and not of each column.
  const bool said = lineage.remark == manifest::ProjectLineage::kNotRead && !lineage.unbounded;
  const std::string doubt = proven ? "" : "`" + node.name + "`" + (said ? "" : ": " + lineage.remark);
  for (const ColumnSource& from : lineage.from) Collect(from, lineage.proof, doubt, &out);
  if (lineage.unbounded) TakeAny(doubt, &out);
  for (auto& [name, one] : out) {
    if (policy_.declassified.empty() || !one.evidence.lifted.empty()) continue;
    const Declassification* const found = FindDeclassification(policy_, project_, node, column, name);
    if (found != nullptr) one.evidence.lifted = ToText(*found);
  }
  open_.erase(key);
  return known_.emplace(key, std::move(out)).first->second;
}

void Inheritance::Add(const Node& model, std::string_view column, std::vector<ClassEvidence>* evidence) {
  for (const auto& [name, one] : Above(model, std::string(column))) {
    const bool known = std::any_of(evidence->begin(), evidence->end(),
                                   [&name = name](const ClassEvidence& have) { return have.name == name; });
    if (known) continue;
    ClassEvidence found = one.evidence;
    found.inherited = true;
    found.doubt = one.doubt;
    if (one.origin.empty()) {
      found.unbounded = true;
      found.how = "by lineage, for it may be of any class: " + one.doubt;
    } else {
      found.how = "by lineage from " + one.origin + " (" + one.evidence.how + ")" +
                  (one.through.empty() ? "" : " through " + one.through) +
                  (one.doubt.empty() ? ProvenBy(one.proofs) : ", not proven at " + one.doubt);
    }
    evidence->push_back(std::move(found));
  }
}

}  // namespace weir::policies
