#include "policies/check_changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "manifest/project_diff.h"
#include "manifest/selectable.h"
#include "manifest/selector.h"
#include "policies/check_positions.h"
#include "policies/classify.h"

namespace weir::policies {
namespace {

using manifest::Change;
using manifest::ChangeKind;
using manifest::Project;
using manifest::Test;

// `unique_dim_customers_customer_id`: the test's own name, as dbt's output shows it.
std::string ShownName(std::string_view unique_id) {
  for (int i = 0; i < 2; ++i) unique_id.remove_prefix(std::min(unique_id.find('.'), unique_id.size() - 1) + 1);
  return std::string(unique_id.substr(0, unique_id.find('.')));
}

// How the gate opens wider; empty: it does not.
std::string_view Weakness(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kRemoved:
      return "is gone";
    case ChangeKind::kDisabled:
      return "is disabled";
    case ChangeKind::kTestDowngraded:
      return "is downgraded to warn";
    case ChangeKind::kTestThresholdChanged:
      return "has other thresholds";
    case ChangeKind::kTestChanged:
      return "tests something else (its rows, arguments or limit changed)";
    default:
      return {};
  }
}

// Which requirements select a sync: asked once for each, since a selection walks the whole project.
class Selections {
 public:
  explicit Selections(const CheckSide& side) {
    const manifest::SelectableGraph graph(*side.project);
    for (const Requirement& requirement : side.policy->requirements) {
      if (requirement.for_what == "source") continue;
      std::string error;
      const auto selector = manifest::Selector::Parse(requirement.select, &error);
      if (selector) selected_.push_back({&requirement, selector->Select(*side.project, graph)});
    }
  }

  // Ids of the requirements.
  std::set<std::string> Of(const SyncSpec& sync) const {
    std::set<std::string> out;
    for (const auto& [requirement, ids] : selected_) {
      const std::string& asked = requirement->for_what == "model" ? sync.model_id : sync.exposure_id;
      if (std::binary_search(ids.begin(), ids.end(), asked)) out.insert(requirement->id);
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
        classes_now_(*head.policy, *head.project),
        classes_before_(*base.policy, *base.project),
        positions_(*head.project, head.declarations, head.folder),
        selected_now_(head),
        selected_before_(base) {
    for (const SyncSpec& sync : *base.syncs) before_[sync.id] = &sync;
  }

  std::vector<Finding> Run() {
    const manifest::ProjectDiff diff = manifest::DiffProjects({base_.project, nullptr}, {head_.project, nullptr});
    WeakenedGates(diff);
    UnmarkedOnDashboards(diff);
    OpenedByWildcard();
    for (const SyncSpec& sync : *head_.syncs) {
      const auto before = before_.find(sync.id);
      if (before == before_.end()) continue;
      Redirected(sync, *before->second);
      NoLongerSelected(sync, *before->second);
      LostClasses(sync, *before->second);
    }
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

  void WeakenedGates(const manifest::ProjectDiff& diff) {
    std::map<std::string_view, std::vector<const SyncSpec*>> syncs;  // by the model's unique_id
    for (const SyncSpec& sync : *head_.syncs) {
      if (before_.contains(sync.id)) syncs[sync.model_id].push_back(&sync);
    }
    if (syncs.empty()) return;
    for (const Change& change : diff.changes) {
      const std::string_view how = Weakness(change.kind);
      if (how.empty() || !(change.node.starts_with("test.") || change.node.starts_with("unit_test."))) continue;
      const Test* before = base_.project->FindTest(change.node);
      const Test* after = head_.project->FindTest(change.node);
      const Test* test = before == nullptr ? after : before;
      if (test == nullptr) continue;
      std::set<std::string_view> models(test->depends_on.begin(), test->depends_on.end());
      if (!test->attached_node.empty()) models = {test->attached_node};
      for (const std::string_view model : models) {
        const auto found = syncs.find(model);
        if (found == syncs.end()) continue;
        for (const SyncSpec* sync : found->second) AddWeakened(*sync, *test, change, how);
      }
    }
  }

  void AddWeakened(const SyncSpec& sync, const Test& test, const Change& change, std::string_view how) {
    const Place of_sync = positions_.Of(sync);
    const bool there = head_.project->FindTest(change.node) != nullptr;
    const Place place = there                      ? positions_.Of(change.node, of_sync)
                        : test.column_name.empty() ? positions_.Of(sync.model_id, of_sync)
                                                   : positions_.OfColumn(sync.model_id, test.column_name, of_sync);
    Finding finding = Begin("gate-weakened", sync, place);
    const manifest::Node* const model = head_.project->FindNode(sync.model_id);
    if (!test.column_name.empty() && model != nullptr) finding.column = model->name + "." + test.column_name;
    finding.detail = change.node;
    finding.message = "test `" + ShownName(change.node) + "` " + std::string(how) + ": the gate of `" + sync.name +
                      "` weakens";
    out_.push_back(std::move(finding));
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
  }

  enum class Which { kAll, kKnown };

  // Of a column that the base does not have, or whose SQL nobody could follow, no class is known that it could lose.
  std::set<std::string> ClassesOf(const Classifier& classes, const std::string& model_id, const std::string& column,
                                  Which which) const {
    std::set<std::string> out;
    const manifest::Node* const model = classes.project().FindNode(model_id);
    if (model == nullptr) return out;
    for (const ClassEvidence& evidence : classes.Of(*model, column)) {
      if (!evidence.permissive && (which == Which::kAll || !evidence.unbounded)) out.insert(evidence.name);
    }
    return out;
  }

  void AddLost(Finding finding, const std::string& model, const std::string& column, const std::string& name,
               const std::string& was) {
    finding.rule = "class-lost";
    finding.level = FindingLevel::kWarning;
    finding.column = model + "." + column;
    finding.detail = name;
    finding.message = was.empty() ? "column `" + column + "` is no longer `" + name + "`"
                                  : "column `" + column + "` takes the place of `" + was + "`, which is `" + name +
                                        "`, and is not";
    finding.message += "; make sure that its meta, tags or name did not change to get past a rule";
    out_.push_back(std::move(finding));
  }

  // Evidence that a pull request takes away: each restrictive class that a sent column had, or the column that filled the
  // field before.
  void LostClasses(const SyncSpec& sync, const SyncSpec& before) {
    const manifest::Node* const model = head_.project->FindNode(sync.model_id);
    if (model == nullptr) return;
    std::map<std::string_view, std::string> filled;  // field -> column of the base
    for (const auto* list : {&before.match, &before.columns}) {
      for (const SyncSpec::Mapped& mapped : *list) filled.emplace(mapped.field, mapped.column);
    }
    for (const auto* list : {&sync.match, &sync.columns}) {
      for (const SyncSpec::Mapped& mapped : *list) {
        if (mapped.column.empty()) continue;
        const std::set<std::string> now = ClassesOf(classes_now_, sync.model_id, mapped.column, Which::kAll);
        std::set<std::string> told;
        const auto tell = [&](const std::string& was, const std::string& shown) {
          for (const std::string& name : ClassesOf(classes_before_, before.model_id, was, Which::kKnown)) {
            if (now.contains(name) || !told.insert(name).second) continue;
            AddLost(Begin("class-lost", sync, positions_.OfColumn(sync.model_id, mapped.column, positions_.Of(sync))),
                    model->name, mapped.column, name, shown);
          }
        };
        if (sync.model_id == before.model_id) tell(mapped.column, "");
        const auto place = filled.find(mapped.field);
        if (place != filled.end() && !place->second.empty() && place->second != mapped.column) {
          tell(place->second, place->second);
        }
      }
    }
  }

  // The same for what a dashboard shows as it is: of columns whose marks changed.
  void UnmarkedOnDashboards(const manifest::ProjectDiff& diff) {
    std::map<std::string_view, std::vector<const manifest::Exposure*>> shown;  // by the model's unique_id
    for (const manifest::Exposure& exposure : head_.project->exposures) {
      const bool syncs = std::any_of(head_.syncs->begin(), head_.syncs->end(), [&](const SyncSpec& sync) {
        return sync.exposure_id == exposure.unique_id;
      });
      if (syncs || exposure.package != head_.project->metadata.project_name) continue;
      for (const std::string& model : exposure.depends_on) shown[model].push_back(&exposure);
    }
    std::set<std::pair<std::string_view, std::string_view>> done;  // meta and tags may both have changed
    for (const Change& change : diff.changes) {
      const bool marks = change.kind == ChangeKind::kColumnMetaChanged || change.kind == ChangeKind::kColumnTagsChanged ||
                         change.kind == ChangeKind::kColumnClassifiersChanged;
      const auto found = shown.find(change.node);
      if (!marks || found == shown.end() || !done.emplace(change.node, change.column).second) continue;
      const manifest::Node* const model = head_.project->FindNode(change.node);
      if (model == nullptr) continue;
      const std::set<std::string> now = ClassesOf(classes_now_, change.node, change.column, Which::kAll);
      for (const std::string& name : ClassesOf(classes_before_, change.node, change.column, Which::kKnown)) {
        if (now.contains(name)) continue;
        for (const manifest::Exposure* exposure : found->second) {
          Finding finding;
          finding.target = "exposure:" + exposure->name;
          finding.SetPlace(positions_.OfColumn(change.node, change.column, positions_.Of(*exposure)));
          AddLost(std::move(finding), model->name, change.column, name, "");
        }
      }
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
  const Classifier classes_now_, classes_before_;
  Positions positions_;
  Selections selected_now_, selected_before_;
  std::map<std::string_view, const SyncSpec*> before_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindChanges(const CheckSide& head, const CheckSide& base) { return Comparison(head, base).Run(); }

}  // namespace weir::policies
