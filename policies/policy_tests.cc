#include "policies/policy_tests.h"

#include <algorithm>
#include <set>

#include "policies/decision.h"
#include "policies/gate.h"
#include "policies/policy_document.h"
#include "policies/recipients.h"

namespace weir::policies {
namespace {

using manifest::Node;

std::string ListedOrNone(const std::vector<std::string>& ids) { return ids.empty() ? "none" : Listed(ids); }

bool HasData(const Node& node) {
  return node.type == manifest::ResourceType::kModel || node.type == manifest::ResourceType::kSeed ||
         node.type == manifest::ResourceType::kSnapshot;
}

// The rules that a decision rests on. A filter rests on the rules that let the column be filtered by.
std::vector<std::string> DecidedBy(const ColumnDecision& decision) {
  std::vector<std::string> ids = decision.rules;
  if (decision.use == Use::kFilter && !decision.denied()) {
    for (const RuleTrace& trace : decision.traces) {
      if (trace.matched && trace.rule->as_filter) ids.push_back(trace.rule->id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::string FormOf(const ColumnDecision& decision) {
  if (decision.denied()) return "deny";
  return decision.use == Use::kFilter ? "filter" : decision.transform.ToText();
}

class Runner {
 public:
  Runner(const Policy& policy, const manifest::Project& project, const std::vector<SyncSpec>& syncs)
      : policy_(policy), project_(project), classes_(policy, project), syncs_(syncs) {}

  PolicyTestReport Run() {
    PolicyTestReport out;
    for (const TestCase& test : policy_.tests) {
      result_ = TestResult{};
      result_.test = &test;
      if (!test.sync.empty()) {
        RunSyncTest(test);
      } else if (!test.column.empty()) {
        RunColumnTest(test);
      } else {
        RunClassTest(test);
      }
      out.results.push_back(std::move(result_));
    }
    for (const Rule& rule : policy_.rules) {
      const char* what = rule.kind == Rule::Kind::kNever ? "never" : rule.kind == Rule::Kind::kGive ? "give" : "rows";
      Cover(rule.id, what, rule.at, &out);
    }
    for (const Requirement& requirement : policy_.requirements) Cover(requirement.id, "require", requirement.at, &out);
    std::sort(out.uncovered.begin(), out.uncovered.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return out;
  }

 private:
  void Fail(std::string text) { result_.failures.push_back(std::move(text)); }

  void Cover(const std::string& id, const char* what, const Located& at, PolicyTestReport* out) const {
    ++out->rules;
    if (!exercised_.contains(id)) out->uncovered.push_back({id, what, at});
  }

  void RunColumnTest(const TestCase& test) {
    const std::size_t dot = test.column.rfind('.');
    const std::string name = test.column.substr(0, dot);
    std::vector<std::string> ambiguous;
    const Node* const model = project_.FindModel(name, &ambiguous);
    if (model == nullptr) {
      std::vector<std::string> names;
      for (const Node& node : project_.nodes) names.push_back(node.name);
      return Fail(ambiguous.empty() ? "the project has no model `" + name + "`" + manifest::DidYouMean(name, names)
                                    : "model `" + name + "` is one of " + Listed(ambiguous));
    }
    const manifest::Column* const documented = model->FindColumn(test.column.substr(dot + 1));
    if (documented == nullptr) {
      std::vector<std::string> names;
      for (const manifest::Column& column : model->columns) names.push_back(column.name);
      const std::string written = test.column.substr(dot + 1);
      return Fail("model `" + model->name + "` documents no column `" + written + "`" +
                  manifest::DidYouMean(written, names));
    }
    AskForAll(test, *model, documented->name);
    if (result_.cases == 0) Fail("no destination and purpose of the policy are " + test.to.ToText());
  }

  void RunClassTest(const TestCase& test) {
    bool any = false;
    for (const Node& node : project_.nodes) {
      if (!HasData(node)) continue;
      for (const manifest::Column& column : node.columns) {
        const std::vector<ClassEvidence> classes = classes_.Of(node, column.name);
        const bool has = std::any_of(classes.begin(), classes.end(), [&](const ClassEvidence& one) {
          return Covers(test.of_class, one.name);
        });
        if (!has) continue;
        any = true;
        AskForAll(test, node, column.name);
      }
    }
    if (!any) return Fail("no column of the project has class `" + test.of_class + "`");
    if (result_.cases == 0) Fail("no destination and purpose of the policy are " + test.to.ToText());
  }

  void AskForAll(const TestCase& test, const Node& model, const std::string& column) {
    for (const Recipient& recipient : PossibleRecipients(policy_, test.to)) {
      const auto decide = test.filter ? DecideFilterColumn : DecideColumn;
      Compare(test, decide(policy_, project_, model, column, *recipient.destination, recipient.claimed_purpose, &classes_),
              "`" + model.name + "." + column + "` to " + Shown(recipient));
    }
  }

  void Compare(const TestCase& test, const ColumnDecision& decision, const std::string& about) {
    ++result_.cases;
    const std::vector<std::string> by = DecidedBy(decision);
    exercised_.insert(by.begin(), by.end());
    const bool as_expected = test.expect_denied ? decision.denied()
                             : test.filter      ? !decision.denied()
                                                : !decision.denied() && decision.transform == test.expect;
    const bool by_all = std::all_of(test.by.begin(), test.by.end(), [&](const std::string& id) {
      return std::binary_search(by.begin(), by.end(), id);
    });
    if (as_expected && by_all) return;
    const std::string expected = test.expect_denied ? "deny" : test.filter ? "filter" : test.expect.ToText();
    Fail(about + ": expected `" + expected + "`" + (test.by.empty() ? "" : " by " + Listed(test.by)) + "; decided `" +
         FormOf(decision) + "` by " + (by.empty() ? "no rule" : Listed(by)) + ": " + decision.reason +
         (decision.unfit.empty() ? "" : "; " + decision.unfit));
  }

  void RunSyncTest(const TestCase& test) {
    const auto found = std::find_if(syncs_.begin(), syncs_.end(), [&](const SyncSpec& sync) {
      return sync.id == test.sync || sync.name == test.sync;
    });
    if (found == syncs_.end()) {
      std::vector<std::string> names;
      for (const SyncSpec& sync : syncs_) names.push_back(sync.id);
      return Fail("there is no sync `" + test.sync + "`" + manifest::DidYouMean(test.sync, names));
    }
    const SyncDecision decision = Decide(policy_, project_, *found, &classes_);
    if (test.rows) {
      CompareIds("rows of", *found, *test.rows, decision.row_rules);
      for (const ColumnDecision& column : decision.columns) {
        if (column.use != Use::kFilter) continue;
        const std::vector<std::string> by = DecidedBy(column);
        exercised_.insert(by.begin(), by.end());
      }
    }
    if (test.require) {
      CompareIds("requirements of", *found, *test.require, RequirementsOf(policy_, project_, decision));
    }
    if (!test.refused) return;
    ++result_.cases;
    if (*test.refused == !decision.refusals.empty()) return;
    Fail(*test.refused ? "expected `" + found->id + "` to be refused; it may run"
                       : "expected `" + found->id + "` to run; it is refused: " + decision.refusals.front());
  }

  void CompareIds(const char* what, const SyncSpec& sync, std::vector<std::string> expected,
                  std::vector<std::string> actual) {
    ++result_.cases;
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
    exercised_.insert(actual.begin(), actual.end());
    if (expected == actual) return;
    Fail(std::string(what) + " `" + sync.id + "`: expected " + ListedOrNone(expected) + "; decided by " +
         ListedOrNone(actual));
  }

  const Policy& policy_;
  const manifest::Project& project_;
  const Classifier classes_;
  const std::vector<SyncSpec>& syncs_;
  TestResult result_;
  std::set<std::string> exercised_;
};

}  // namespace

std::size_t PolicyTestReport::failed() const {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const TestResult& one) { return !one.passed(); }));
}

double PolicyTestReport::percent() const {
  if (rules == 0) return 100;
  return 100.0 * static_cast<double>(rules - uncovered.size()) / static_cast<double>(rules);
}

PolicyTestReport RunPolicyTests(const Policy& policy, const manifest::Project& project,
                                const std::vector<SyncSpec>& syncs) {
  return Runner(policy, project, syncs).Run();
}

}  // namespace weir::policies
