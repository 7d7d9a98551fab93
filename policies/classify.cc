#include "policies/classify.h"

#include <algorithm>

#include "policies/pattern.h"

namespace weir::policies {
namespace {

using manifest::Value;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && Lower(a) == Lower(b);
}

// The value that matches one of `wanted`: a scalar, or an item of a list.
const Value* MatchingValue(const Value& written, const std::vector<std::string>& wanted) {
  if (written.kind() == Value::Kind::kList) {
    for (const Value& item : written.items()) {
      if (const Value* found = MatchingValue(item, wanted)) return found;
    }
    return nullptr;
  }
  if (written.kind() == Value::Kind::kMap || written.IsNull()) return nullptr;
  const bool matches = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& text) {
    return SameIgnoringCase(text, written.text());
  });
  return matches ? &written : nullptr;
}

// The value under a literal key or, by its dots, a nested one.
const Value* FindMeta(const Value& meta, std::string_view key) {
  if (const Value* literal = meta.Find(key)) return literal;
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const Value* inner = meta.Find(key.substr(0, dot));
  return inner == nullptr ? nullptr : FindMeta(*inner, key.substr(dot + 1));
}

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
    for (const manifest::Column* candidate : documented) {
      for (const auto& [key, wanted] : defined.meta) {
        const Value* written = FindMeta(candidate->meta, key);
        const Value* found = written == nullptr ? nullptr : MatchingValue(*written, wanted);
        if (found == nullptr) continue;
        out.declared = !candidate->meta_copied_from_node;
        out.how = "by meta `" + key + ": " + found->text() + "`" + (out.declared ? "" : " of its model");
        return out;
      }
      for (const std::string& tag : defined.tags) {
        const bool tagged = std::any_of(candidate->tags.begin(), candidate->tags.end(),
                                        [&](const std::string& text) { return SameIgnoringCase(text, tag); });
        if (!tagged) continue;
        out.how = "by tag `" + tag + "`";
        return out;
      }
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
