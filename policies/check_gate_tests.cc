#include "policies/check_gate_tests.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "manifest/sql_spacing.h"
#include "policies/check_positions.h"
#include "policies/test_code.h"

namespace weir::policies {
namespace {

using manifest::Change;
using manifest::ChangeKind;
using manifest::Test;
using manifest::Value;

// `unique_dim_customers_customer_id`: the test's own name, as dbt's output shows it.
std::string ShownName(const Test& test) {
  if (!test.generic && !test.name.empty()) return test.name;
  std::string_view id = test.unique_id;
  for (int i = 0; i < 2; ++i) id.remove_prefix(std::min(id.find('.'), id.size() - 1) + 1);
  return std::string(id.substr(0, id.find('.')));
}

std::set<std::string_view> KeysOf(const Value& before, const Value& after) {
  std::set<std::string_view> out;
  for (const Value* value : {&before, &after}) {
    for (const Value::Member& member : value->members()) out.insert(member.key);
  }
  return out;
}

std::string TextOf(const Value& map, std::string_view key) {
  const Value* const found = map.Find(key);
  return found == nullptr ? std::string() : manifest::WithoutSpacing(found->AsString().value_or(""));
}

// As many failing rows as before hold the gate: a row more than the limit is no other verdict where one is enough.
bool HidesFailures(const Test& test) {
  if (!test.limit) return false;
  const bool one_is_enough = (test.error_if.empty() || test.error_if == "!= 0") &&
                             (test.warn_if.empty() || test.warn_if == "!= 0") &&
                             (test.fail_calc.empty() || test.fail_calc == "count(*)");
  return *test.limit < 1 || !one_is_enough;
}

// What a changed test tests less, of the members that differ; empty: nothing.
std::string_view Weakness(const Change& change, const Test& after) {
  bool elsewhere = false, hidden = false;
  for (const std::string_view key : KeysOf(change.before, change.after)) {
    if (key == "stores_failures" || key == "store_failures_as") continue;
    if (key == "where" && TextOf(change.before, key) == TextOf(change.after, key)) continue;
    if (key == "definition" && !after.unit) continue;  // of its SQL: TestCode
    if (key == "limit") {
      hidden = hidden || HidesFailures(after);
    } else {
      elsewhere = true;
    }
  }
  if (elsewhere) return "tests something else (its rows or arguments changed)";
  return hidden ? "has another `limit`, which hides failures from its thresholds" : "";
}

class GateTests {
 public:
  GateTests(const CheckSide& head, const CheckSide& base)
      : head_(head),
        base_(base),
        positions_(*head.project, head.declarations, head.folder),
        code_(*base.project, *head.project) {
    std::set<std::string_view> before;
    for (const SyncSpec& sync : *base.syncs) before.insert(sync.id);
    for (const SyncSpec& sync : *head.syncs) {
      if (before.contains(sync.id)) syncs_[sync.model_id].push_back(&sync);
    }
  }

  void Run(const manifest::ProjectDiff& diff) {
    if (syncs_.empty()) return;
    for (const Change& change : diff.changes) Add(change);
    AddRun();
    for (const Test& test : head_.project->tests) AddOtherCode(test);
  }

  std::vector<Finding> Take() { return std::move(out_); }

 private:
  // The syncs that it guards.
  std::vector<const SyncSpec*> GuardedBy(const Test& test) const {
    std::set<std::string_view> models(test.depends_on.begin(), test.depends_on.end());
    if (!test.attached_node.empty()) models = {test.attached_node};
    std::vector<const SyncSpec*> out;
    for (const std::string_view model : models) {
      const auto found = syncs_.find(model);
      if (found != syncs_.end()) out.insert(out.end(), found->second.begin(), found->second.end());
    }
    return out;
  }

  // How the gate opens wider; empty: it does not.
  static std::string_view HowOf(const Change& change, const Test& test) {
    switch (change.kind) {
      case ChangeKind::kRemoved:
        return "is gone";
      case ChangeKind::kDisabled:
        return "is disabled";
      case ChangeKind::kTestDowngraded:
        return "is downgraded to warn";
      case ChangeKind::kTestThresholdChanged:
        return "has other thresholds";
      case ChangeKind::kTestChanged:
        return Weakness(change, test);
      default:
        return {};
    }
  }

  void Add(const Change& change) {
    if (!change.node.starts_with("test.") && !change.node.starts_with("unit_test.")) return;
    const Test* const before = base_.project->FindTest(change.node);
    const Test* const after = head_.project->FindTest(change.node);
    const Test* const test = before == nullptr ? after : before;
    if (test == nullptr) return;
    const std::string_view how = HowOf(change, after == nullptr ? *test : *after);
    if (how.empty()) return;
    if (change.kind == ChangeKind::kTestChanged) told_.insert(change.node);
    for (const SyncSpec* sync : GuardedBy(*test)) AddWeakened(*sync, *test, change.node, how);
  }

  void AddOtherCode(const Test& test) {
    if (told_.contains(test.unique_id)) return;
    const Test* const before = base_.project->FindTest(test.unique_id);
    if (before == nullptr) return;
    const std::vector<const SyncSpec*> syncs = GuardedBy(*before);
    if (syncs.empty()) return;
    const std::string difference = code_.Difference(*before, test);
    if (difference.empty()) return;
    for (const SyncSpec* sync : syncs) AddWeakened(*sync, *before, test.unique_id, "tests something else (" + difference + ")");
  }

  // A project's own materialization of tests may let all of them pass.
  void AddRun() {
    const std::string difference = code_.RunDifference();
    if (difference.empty()) return;
    for (const auto& [model, syncs] : syncs_) {
      for (const SyncSpec* sync : syncs) {
        Finding finding = Begin(*sync, positions_.Of(*sync));
        finding.detail = "run";
        finding.message = "tests are run in another way (" + difference + "): the gate of `" + sync->name + "` may weaken";
        out_.push_back(std::move(finding));
      }
    }
  }

  Finding Begin(const SyncSpec& sync, const Place& place) const {
    Finding finding;
    finding.rule = "gate-weakened";
    finding.level = FindingLevel::kWarning;
    finding.target = sync.id;
    finding.destination = sync.destination;
    finding.SetPlace(place);
    return finding;
  }

  void AddWeakened(const SyncSpec& sync, const Test& test, const std::string& id, std::string_view how) {
    const Place of_sync = positions_.Of(sync);
    const bool there = head_.project->FindTest(id) != nullptr;
    const Place place = there                      ? positions_.Of(id, of_sync)
                        : test.column_name.empty() ? positions_.Of(sync.model_id, of_sync)
                                                   : positions_.OfColumn(sync.model_id, test.column_name, of_sync);
    Finding finding = Begin(sync, place);
    const manifest::Node* const model = head_.project->FindNode(sync.model_id);
    if (!test.column_name.empty() && model != nullptr) finding.column = model->name + "." + test.column_name;
    finding.detail = id;
    finding.message = (test.unit ? "unit test `" : "test `") + ShownName(test) + "` " + std::string(how) + ": the gate of `" +
                      sync.name + "` weakens";
    out_.push_back(std::move(finding));
  }

  const CheckSide& head_;
  const CheckSide& base_;
  const Positions positions_;
  TestCode code_;
  std::map<std::string_view, std::vector<const SyncSpec*>> syncs_;  // that the base has as well; by the model's unique_id
  std::set<std::string> told_;  // tests
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> FindWeakenedTests(const CheckSide& head, const CheckSide& base, const manifest::ProjectDiff& diff) {
  GateTests tests(head, base);
  tests.Run(diff);
  return tests.Take();
}

}  // namespace weir::policies
