#include "policies/check_changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "manifest/project_diff.h"
#include "manifest/selectable.h"
#include "manifest/selector.h"
#include "policies/audience.h"
#include "policies/check_gate_tests.h"
#include "policies/check_lost_classes.h"
#include "policies/check_positions.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Change;
using manifest::ChangeKind;
using manifest::Project;

// Which requirements select a sync: asked once for each, since a selection walks the whole project.
class Selections {
 public:
  explicit Selections(const CheckSide& side) {
    const manifest::SelectableGraph graph(*side.project);
    for (const Requirement& requirement : side.policy->requirements) {
      std::string error;
      const auto selector = manifest::Selector::Parse(requirement.select, &error);
      if (selector) selected_.push_back({&requirement, selector->Select(*side.project, graph)});
    }
  }

  // Ids of the requirements of the sync or its model.
  std::set<std::string> Of(const SyncSpec& sync) const {
    std::set<std::string> out;
    for (const auto& [requirement, ids] : selected_) {
      if (requirement->for_what == "source") continue;
      const std::string& asked = requirement->for_what == "model" ? sync.model_id : sync.exposure_id;
      if (std::binary_search(ids.begin(), ids.end(), asked)) out.insert(requirement->id);
    }
    return out;
  }

  // Of those of sources above the sync: ids of the requirement and the source.
  std::set<std::pair<std::string, std::string>> OfSources(const manifest::Project& project, const SyncSpec& sync) const {
    std::set<std::pair<std::string, std::string>> out;
    const bool any = std::any_of(selected_.begin(), selected_.end(), [](const auto& one) { return one.first->for_what == "source"; });
    if (!any) return out;
    for (const manifest::Source* source : project.SourcesAbove(sync.model_id)) {
      for (const auto& [requirement, ids] : selected_) {
        if (requirement->for_what != "source" || !std::binary_search(ids.begin(), ids.end(), source->unique_id)) continue;
        out.emplace(requirement->id, source->unique_id);
      }
    }
    return out;
  }

 private:
  std::vector<std::pair<const Requirement*, std::vector<std::string>>> selected_;
};

class Comparison {
 public:
  Comparison(const CheckSide& head, const CheckSide& base)
      : head_(head),
        base_(base),
        positions_(*head.project, head.declarations, head.folder),
        selected_now_(head),
        selected_before_(base) {
    for (const SyncSpec& sync : *base.syncs) before_[sync.id] = &sync;
  }

  std::vector<Finding> Run() {
    const manifest::ProjectDiff diff = manifest::DiffProjects({base_.project, nullptr}, {head_.project, nullptr});
    for (Finding& finding : FindWeakenedTests(head_, base_, diff)) out_.push_back(std::move(finding));
    for (const Change& change : diff.changes) {
      if (change.kind == ChangeKind::kSourceChanged) WeakenedFreshness(change);
    }
    OpenedByWildcard();
    TurnedDashboards();
    for (const SyncSpec& sync : *head_.syncs) {
      const auto before = before_.find(sync.id);
      if (before == before_.end()) continue;
      Redirected(sync, *before->second);
      NoLongerSelected(sync, *before->second);
    }
    for (Finding& finding : FindLostClasses(head_, base_, diff)) out_.push_back(std::move(finding));
    return std::move(out_);
  }

 private:
  Finding Begin(std::string rule, const SyncSpec& sync, const Place& place) const {
    Finding finding;
    finding.rule = std::move(rule);
    finding.level = FindingLevel::kWarning;
    finding.target = sync.id;
    finding.destination = sync.destination;
    finding.SetPlace(place);
    return finding;
  }

  // An exposure's author picks whom it sends to: the policy decides each column anew, and a person is told.
  void Redirected(const SyncSpec& sync, const SyncSpec& before) {
    const auto add = [&](const char* rule, const char* what, const std::string& old, const std::string& now) {
      if (old == now) return;
      Finding finding = Begin(rule, sync, positions_.Of(sync));
      const auto shown = [](const std::string& text) { return text.empty() ? "none" : "`" + text + "`"; };
      finding.message = std::string("the ") + what + " of `" + sync.name + "` changes from " + shown(old) + " to " +
                        shown(now) + "; make sure that it is meant";
      out_.push_back(std::move(finding));
    };
    add("destination-changed", "destination", before.destination, sync.destination);
    add("purpose-changed", "purpose", before.purpose, sync.purpose);
    add("model-changed", "model", before.model_id, sync.model_id);
    add("object-changed", "object", before.object, sync.object);
    // What has left may then stay at the destination: `append` deletes nothing, only `mirror` deletes what vanished.
    add("mode-changed", "mode", std::string(Name(before.mode)), std::string(Name(sync.mode)));
    const auto on_unknown = [](const SyncSpec& spec) { return spec.on_unknown == OnUnknown::kResend ? "resend" : "hold"; };
    add("mode-changed", "`on_unknown`", on_unknown(before), on_unknown(sync));
    add("mode-changed", "`fail_when.refused`", ToText(before.fail_when.refused), ToText(sync.fail_when.refused));
    add("mode-changed", "`fail_when.rejected`", ToText(before.fail_when.rejected), ToText(sync.fail_when.rejected));
    OtherConstants(sync, before);
  }

  // No rule decides a constant. What it says is not shown: it may be personal.
  void OtherConstants(const SyncSpec& sync, const SyncSpec& before) {
    std::map<std::string_view, const SyncSpec::Mapped*> constants;
    for (const SyncSpec::Mapped& mapped : before.columns) constants[mapped.field] = &mapped;
    for (const SyncSpec::Mapped& mapped : sync.columns) {
      const auto found = constants.find(mapped.field);
      if (!mapped.column.empty() || found == constants.end()) continue;
      const SyncSpec::Mapped& old = *found->second;
      if (old.column.empty() && old.constant == mapped.constant && old.constant_kind == mapped.constant_kind) continue;
      Finding finding = Begin("column-changed", sync, positions_.Of(sync));
      finding.column = mapped.field;
      finding.message = "field `" + mapped.field + "` of `" + sync.name + "` sends " +
                        (old.column.empty() ? "another constant" : "a constant in place of `" + old.column + "`") +
                        "; make sure that it is meant";
      out_.push_back(std::move(finding));
    }
  }

  // How old a source may be, and by what that is measured.
  void WeakenedFreshness(const Change& change) {
    static constexpr std::string_view kMembers[] = {"loaded_at_field", "loaded_at_query", "freshness"};
    const bool asked = std::any_of(head_.policy->requirements.begin(), head_.policy->requirements.end(),
                                   [](const Requirement& one) { return one.fresh; });
    const bool touched = std::any_of(std::begin(kMembers), std::end(kMembers), [&](std::string_view member) {
      return change.before.Find(member) != nullptr || change.after.Find(member) != nullptr;
    });
    if (!asked || !touched) return;
    for (const SyncSpec& sync : *head_.syncs) {
      if (!before_.contains(sync.id)) continue;
      const auto above = head_.project->SourcesAbove(sync.model_id);
      const auto source = std::find_if(above.begin(), above.end(), [&](const manifest::Source* one) { return one->unique_id == change.node; });
      if (source == above.end()) continue;
      Finding finding = Begin("gate-weakened", sync, positions_.Of(change.node, positions_.Of(sync)));
      finding.detail = change.node;
      finding.message = "the freshness of source `" + (*source)->source_name + "." + (*source)->name +
                        "` is measured or limited in another way: the gate of `" + sync.name + "` may weaken";
      out_.push_back(std::move(finding));
    }
  }

  // Who looks at it, what for, and at what.
  void TurnedDashboards() {
    for (const manifest::Exposure* exposure : ExposuresWithoutSync(*head_.project, *head_.syncs)) {
      const manifest::Exposure* const old = base_.project->FindExposure(exposure->unique_id);
      if (old == nullptr) continue;
      const ExposureAudience now = AudienceOf(*head_.policy, *head_.project, *exposure);
      const ExposureAudience before = AudienceOf(*base_.policy, *base_.project, *old);
      const auto add = [&](const char* rule, std::string message) {
        Finding finding;
        finding.rule = rule;
        finding.level = FindingLevel::kWarning;
        finding.target = "exposure:" + exposure->name;
        finding.destination = now.name;
        finding.SetPlace(positions_.Of(*exposure));
        finding.message = std::move(message) + "; make sure that it is meant";
        out_.push_back(std::move(finding));
      };
      const auto shown = [](const std::string& text) { return text.empty() ? "none" : "`" + text + "`"; };
      const auto changes = [&](const char* what, const std::string& from, const std::string& to) {
        return std::string("the ") + what + " of `" + exposure->name + "` changes from " + shown(from) + " to " + shown(to);
      };
      if (before.name != now.name) add("destination-changed", changes("audience", before.name, now.name));
      const std::string at = OriginOfUrl(exposure->url), was_at = OriginOfUrl(old->url);
      // What is no address has none, and may still lead elsewhere.
      if (at != was_at || (at.empty() && exposure->url != old->url)) {
        add("destination-changed", at == was_at ? "the `url` of `" + exposure->name + "` changes, and is no web address"
                                                : changes("address", was_at, at));
      }
      if (before.purpose != now.purpose) add("purpose-changed", changes("purpose", before.purpose, now.purpose));
      std::set<std::string> is = ShownIds(now), was = ShownIds(before);
      if (is == was) continue;
      const std::set<std::string> named = ShownNames(now), named_before = ShownNames(before);
      if (named != named_before) is = named, was = named_before;
      add("model-changed", "`" + exposure->name + "` shows " + (is.empty() ? "nothing" : Listed({is.begin(), is.end()})) + ", and " +
                               (was.empty() ? "nothing" : Listed({was.begin(), was.end()})) + " in the base");
    }
  }

  static std::set<std::string> ShownIds(const ExposureAudience& audience) {
    std::set<std::string> out;
    for (const manifest::Source* source : audience.sources) out.insert(source->unique_id);
    for (const manifest::Node* model : audience.models) out.insert(model->unique_id);
    return out;
  }

  static std::set<std::string> ShownNames(const ExposureAudience& audience) {
    std::set<std::string> out;
    for (const manifest::Source* source : audience.sources) out.insert(source->source_name + "." + source->name);
    for (const manifest::Node* model : audience.models) out.insert(model->name);
    return out;
  }

  void NoLongerSelected(const SyncSpec& sync, const SyncSpec& before) {
    const std::set<std::string> now = selected_now_.Of(sync);
    for (const std::string& id : selected_before_.Of(before)) {
      if (now.contains(id)) continue;
      Finding finding = Begin("gate-weakened", sync, positions_.Of(sync));
      finding.detail = id;
      finding.message = "requirement `" + id + "` no longer selects it: the gate of `" + sync.name + "` weakens";
      out_.push_back(std::move(finding));
    }
    const auto sources_now = selected_now_.OfSources(*head_.project, sync);
    for (const auto& [id, source_id] : selected_before_.OfSources(*base_.project, before)) {
      const manifest::Source* const source = head_.project->FindSource(source_id);
      if (source == nullptr || sources_now.contains({id, source_id})) continue;
      Finding finding = Begin("gate-weakened", sync, positions_.Of(source_id, positions_.Of(sync)));
      finding.detail = id + "/" + source_id;
      finding.message = "requirement `" + id + "` no longer selects source `" + source->source_name + "." + source->name +
                        "` above it: the gate of `" + sync.name + "` weakens";
      out_.push_back(std::move(finding));
    }
  }

  // `dim_customers.*` opens columns that nobody had thought of: each that is new is told to the policy's owners.
  void OpenedByWildcard() {
    for (const ClassDefinition& defined : head_.policy->classes) {
      if (!defined.permissive) continue;
      for (const std::string& address : defined.columns) {
        if (!address.ends_with(".*")) continue;
        const std::string name = address.substr(0, address.size() - 2);
        const manifest::Node* const model = head_.project->FindModel(name);
        const manifest::Node* const before = base_.project->FindModel(name);
        if (model == nullptr) continue;
        for (const manifest::Column& column : model->columns) {
          if (before != nullptr && before->FindColumn(column.name) != nullptr) continue;
          Finding finding;
          finding.rule = "permissive-wildcard";
          finding.level = FindingLevel::kWarning;
          finding.target = "policy";
          finding.column = model->name + "." + column.name;
          finding.detail = defined.name;
          finding.SetPlace(positions_.OfColumn(model->unique_id, column.name, {defined.at.file, defined.at.position.line, defined.at.position.column}));
          finding.message = "column `" + column.name + "` is new, and class `" + defined.name + "` takes it by `" + address +
                            "`, so that what is given of that class goes with it; make sure that it may, or list the " +
                            "columns of `" + name + "` one by one";
          out_.push_back(std::move(finding));
        }
      }
    }
  }

  const CheckSide& head_;
  const CheckSide& base_;
  Positions positions_;
  Selections selected_now_, selected_before_;
  std::map<std::string_view, const SyncSpec*> before_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindChanges(const CheckSide& head, const CheckSide& base) { return Comparison(head, base).Run(); }

}  // namespace weir::policies
