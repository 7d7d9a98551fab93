#include "policies/waiver_target.h"

#include <algorithm>
#include <set>

#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Exposure;
using manifest::Project;
using manifest::Value;

WaiverTarget Nothing(std::string problem) { return {"", std::move(problem)}; }

// `found`: unique_ids of what has the name. `known`: names that could have been meant.
WaiverTarget Single(const std::vector<std::string>& found, const std::string& what, const std::string& name,
                    const std::vector<std::string>& known) {
  if (found.size() == 1) return {found.front(), ""};
  if (!found.empty()) return Nothing("`" + name + "` is one of " + Listed(found) + ", and a waiver is about one thing");
  const std::string hint = manifest::DidYouMean(name, known);
  return Nothing("the project has no " + what + " `" + name + "`" + (hint.empty() ? "; correct or remove it" : hint));
}

WaiverTarget FindSync(const std::string& target, const std::string& name, const Project& project,
                      const std::vector<SyncSpec>* syncs) {
  if (syncs == nullptr) return {target, ""};
  std::vector<std::string> known;
  for (const SyncSpec& sync : *syncs) {
    if (sync.id == target) return {target, ""};
    if (sync.exposure_id.empty()) known.push_back(sync.name);
  }
  for (const Exposure& exposure : project.exposures) {
    if (exposure.name == name) return Nothing("`" + name + "` is declared by an exposure; write `exposure:" + name + "`");
  }
  const std::string hint = manifest::DidYouMean(name, known);
  return Nothing("weir.yml has no sync `" + name + "`" + (hint.empty() ? "; correct or remove it" : hint));
}

// Every destination that the exposure's `weir` block names, an audience among them.
std::set<std::string> DestinationsOf(const Exposure& exposure) {
  std::set<std::string> out;
  const Value* const block = exposure.meta.Find("weir");
  if (block == nullptr) return out;
  const auto add = [&out](const Value& of_it) {
    for (const char* key : {"destination", "audience"}) {
      if (const Value* name = of_it.Find(key)) out.insert(name->text());
    }
  };
  add(*block);
  if (const Value* syncs = block->Find("syncs")) std::for_each(syncs->items().begin(), syncs->items().end(), add);
  return out;
}

// Empty: the exposure is as the waiver's author saw it.
std::string Unbound(const Waiver& waiver, const Exposure& exposure, const Project& project) {
  if (!waiver.models.empty()) {
    std::set<std::string> bound;
    for (const std::string& name : waiver.models) {
      const manifest::Node* const model = project.FindModel(name);
      if (model != nullptr) bound.insert(model->unique_id);
    }
    for (const manifest::Text& id : exposure.depends_on) {
      if (bound.contains(id)) continue;
      return "`" + waiver.target + "` depends on `" + id + "`, which is not among its `models`";
    }
  }
  if (waiver.destination.empty()) return "";
  const std::set<std::string> destinations = DestinationsOf(exposure);
  for (const std::string& name : destinations) {
    if (name != waiver.destination) {
      return "`" + waiver.target + "` goes to `" + name + "`, and its `destination` is `" + waiver.destination + "`";
    }
  }
  return destinations.empty() ? "`" + waiver.target + "` names no destination, and its `destination` is `" +
                                    waiver.destination + "`"
                              : "";
}

WaiverTarget FindExposure(const Waiver& waiver, const std::string& name, const Project& project) {
  std::vector<std::string> found, known;
  const Exposure* exposure = nullptr;
  for (const Exposure& one : project.exposures) {
    if (one.package != project.metadata.project_name) continue;
    known.push_back(one.name);
    if (one.name != name) continue;
    found.push_back(one.unique_id);
    exposure = &one;
  }
  WaiverTarget out = Single(found, "exposure", name, known);
  if (out.subject.empty()) return out;
  std::string problem = Unbound(waiver, *exposure, project);
  return problem.empty() ? out : Nothing(std::move(problem));
}

}  // namespace

WaiverTarget FindWaiverTarget(const Waiver& waiver, const Project& project, const std::vector<SyncSpec>* syncs) {
  const std::size_t colon = waiver.target.find(':');
  const std::string kind = waiver.target.substr(0, colon), name = waiver.target.substr(colon + 1);
  if (kind == "sync") return FindSync(waiver.target, name, project, syncs);
  if (kind == "exposure") return FindExposure(waiver, name, project);
  std::vector<std::string> found, known;
  if (kind == "model") {
    const manifest::Node* const model = project.FindModel(name, &found);
    if (model != nullptr) found = {model->unique_id};
    for (const manifest::Node& node : project.nodes) known.push_back(node.name);
  } else {
    for (const manifest::Source& source : project.sources) {
      known.push_back(source.source_name + "." + source.name);
      if (known.back() == name) found.push_back(source.unique_id);
    }
  }
  return Single(found, kind, name, known);
}

}  // namespace weir::policies
