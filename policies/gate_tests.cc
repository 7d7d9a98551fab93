#include "policies/gate_tests.h"

#include <algorithm>
#include <array>

#include "manifest/timestamp.h"

namespace weir::policies {
namespace {

using manifest::Test;
using manifest::TestEvidence;
using manifest::TestVerdict;
using manifest::Value;

constexpr std::int64_t kMaxClockSkewSeconds = 300;

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// A test over a part of the rows, or one that tolerates some failures, proves nothing about all of them.
bool LooksAtEveryRow(const Test& test) {
  // dbt counts failures by `fail_calc`, and looks at no more of them than `limit`.
  return test.where.empty() && (test.fail_calc.empty() || test.fail_calc == "count(*)") && test.limit.value_or(1) > 0 &&
         (test.warn_if.empty() || test.warn_if == "!= 0" || test.warn_if == ">0" || test.warn_if == "> 0");
}

// Of a name that dbt has: that it is dbt's macro which runs, and not the project's own of that name. What the manifest does
// not say is taken for dbt's.
bool IsAsNamed(const Test& test) {
  static constexpr auto kOfDbt = std::to_array<std::string_view>({"unique", "not_null", "accepted_values", "relationships"});
  if (test.macros.empty() || std::find(kOfDbt.begin(), kOfDbt.end(), test.name) == kOfDbt.end()) return true;
  // dbt lists its own, by which it parsed the test, beside that of the project, by which it ran it.
  const std::string listed = "\n" + test.macros, name = ".test_" + test.name + "\n", of_dbt = "\nmacro.dbt" + name;
  const std::size_t first = listed.find(name);
  return listed.find(of_dbt) != listed.npos && first == listed.rfind(name);
}

bool IsOn(const Test& test, std::string_view name, std::string_view column) {
  return test.generic && test.name == name && SameName(test.column_name, column);
}

bool HasTest(const std::vector<TestEvidence>& evidence, std::string_view name, std::string_view column) {
  return std::any_of(evidence.begin(), evidence.end(), [&](const TestEvidence& one) {
    return IsOn(*one.test, name, column) && LooksAtEveryRow(*one.test) && IsAsNamed(*one.test);
  });
}

// Behind "has no `unique` test over all rows", where there seems to be one.
std::string WhyItIsNone(const std::vector<TestEvidence>& evidence, std::string_view name, std::string_view column) {
  const bool replaced = std::any_of(evidence.begin(), evidence.end(), [&](const TestEvidence& one) {
    return IsOn(*one.test, name, column) && !IsAsNamed(*one.test);
  });
  return replaced ? " by dbt's own macro `test_" + std::string(name) + "`" : "";
}

// Unique over a list of columns that are all among the match columns.
bool HasCombination(const std::vector<TestEvidence>& evidence, const std::vector<SyncSpec::Mapped>& match) {
  const auto matched = [&](const Value& item) {
    return std::any_of(match.begin(), match.end(),
                       [&](const SyncSpec::Mapped& mapped) { return SameName(mapped.column, item.text()); });
  };
  return std::any_of(evidence.begin(), evidence.end(), [&](const TestEvidence& one) {
    const char* key = one.test->name == "dbt_utils.unique_combination_of_columns" ? "combination_of_columns"
                      : one.test->name == "dbt_expectations.expect_compound_columns_to_be_unique"
                          ? "column_list"
                          : nullptr;
    const Value* columns = key == nullptr ? nullptr : one.test->kwargs.Find(key);
    return columns != nullptr && !columns->items().empty() && LooksAtEveryRow(*one.test) &&
           std::all_of(columns->items().begin(), columns->items().end(), matched);
  });
}

// Some column, or combination of columns, that tells all rows apart.
bool HasKey(const std::vector<TestEvidence>& evidence) {
  return std::any_of(evidence.begin(), evidence.end(), [&](const TestEvidence& one) {
    const Test& test = *one.test;
    if (!test.generic || !LooksAtEveryRow(test) || !IsAsNamed(test)) return false;
    if (test.name == "unique") return HasTest(evidence, "not_null", test.column_name);
    return test.name == "dbt_utils.unique_combination_of_columns" ||
           test.name == "dbt_expectations.expect_compound_columns_to_be_unique";
  });
}

class TestChecker {
 public:
  TestChecker(const Requirement& requirement, const SyncDecision& decision,
              const std::vector<TestEvidence>& evidence, audit::Time now, std::vector<GateReason>* reasons)
      : requirement_(requirement), decision_(decision), evidence_(evidence), now_(now), reasons_(reasons) {}

  void Run() {
    if (evidence_.empty()) {
      Add(kGateNoTest, requirement_.on_missing == WhenEvidence::kHold,
          "model `" + decision_.model->name +
              "` has no test, so nothing shows that its data is good; add `unique` and "
              "`not_null` to its key, run `dbt build`",
          "any test");
    }
    for (const TestEvidence& one : evidence_) CheckOne(one);
    if (requirement_.primary_key) CheckPrimaryKey();
    CheckClasses();
  }

 private:
  void Add(std::string_view code, bool holds, std::string text, std::string lacks = "") {
    GateReason reason;
    reason.code = code;
    reason.text = std::move(text);
    reason.holds = holds && !requirement_.warn_only;
    reason.requirement = requirement_.id;
    reason.subject = decision_.model->unique_id;
    reason.lacks = std::move(lacks);
    reasons_->push_back(std::move(reason));
  }

  void CheckOne(const TestEvidence& one) {
    const std::string text = "test `" + NameOf(*one.test) + "`: " + one.reason;
    switch (one.verdict) {
      case TestVerdict::kPassed:
        break;
      case TestVerdict::kWarned:
        Add(kGateWarned, requirement_.on_warn == WhenEvidence::kHold, text);
        break;
      case TestVerdict::kFailed:
      case TestVerdict::kErrored:
        return Add(kGateFailed, requirement_.on_fail == WhenEvidence::kHold,
                   text + "; mend the data or the model, run `dbt build`");
      case TestVerdict::kSkipped:
      case TestVerdict::kNotRun:
      case TestVerdict::kNoEvidence:
      case TestVerdict::kStale:
      case TestVerdict::kOtherEnvironment:
      case TestVerdict::kUnknown:
        // dbt itself advises against running unit tests in production: a unit test that did not run is told,
        // one that failed holds.
        return Add(kGateMissing, requirement_.on_missing == WhenEvidence::kHold && !one.test->unit, text);
    }
    if (!requirement_.within_seconds || one.test->unit) return;
    const auto age = AgeSeconds(one.completed_at, now_);
    if (age && *age <= *requirement_.within_seconds) return;
    Add(kGateOld, requirement_.on_missing == WhenEvidence::kHold,
        "test `" + NameOf(*one.test) + "`: " +
            (age ? "ran longer ago than " + std::to_string(*requirement_.within_seconds) + " seconds"
                 : "ran at an unknown time") +
            "; run `dbt build`");
  }

  static std::string NameOf(const Test& test) {
    // unique_ids of generic tests end in a hash, and singular tests have a name of their own.
    if (!test.generic) return test.name;
    return test.column_name.empty() ? test.name.str() : test.name + "(" + test.column_name + ")";
  }

  bool IsOfKey(const TestEvidence& one) const {
    const std::vector<SyncSpec::Mapped>& match = decision_.sync->match;
    const bool of_match = std::any_of(match.begin(), match.end(), [&](const SyncSpec::Mapped& mapped) {
      return SameName(mapped.column, one.test->column_name);
    });
    return HasCombination({one}, match) || (of_match && (one.test->name == "unique" || one.test->name == "not_null"));
  }

  // What `fail` and `missing` hold is told once, by the code of that.
  void CheckKeyPassed(const TestEvidence& one) {
    const std::string test = "test `" + NameOf(*one.test) + "` of the match columns ";
    const std::string then = ", so that two rows may share a key; mend the data or the model, run `dbt build`";
    if (one.verdict == TestVerdict::kWarned) return Add(kGatePrimaryKey, true, test + "warned" + then);
    const bool ran = one.verdict == TestVerdict::kFailed || one.verdict == TestVerdict::kErrored;
    if ((ran ? requirement_.on_fail : requirement_.on_missing) == WhenEvidence::kHold) return;
    Add(kGatePrimaryKey, true, test + (ran ? "did not pass" : "is not known to have passed") + then);
    reasons_->back().may_arrive = !ran;
  }

  void CheckPrimaryKey() {
    const std::vector<SyncSpec::Mapped>& match = decision_.sync->match;
    const auto unique = [&](const SyncSpec::Mapped& mapped) {
      return HasTest(evidence_, "unique", mapped.column);
    };
    // That some duplicates are borne is no key: two rows would share what identifies them at the destination.
    for (const TestEvidence& one : evidence_) {
      if (one.verdict != TestVerdict::kPassed && IsOfKey(one)) CheckKeyPassed(one);
    }
    const std::string then = "; add the test to model `" + decision_.model->name + "` and run `dbt build`";
    std::string columns, names;
    for (const SyncSpec::Mapped& mapped : match) {
      columns.append(columns.empty() ? "`" : ", `").append(mapped.column).append("`");
      names.append(names.empty() ? "" : ", ").append(mapped.column);
      if (HasTest(evidence_, "not_null", mapped.column)) continue;
      Add(kGatePrimaryKey, true,
          "match column `" + mapped.column + "` has no `not_null` test over all rows" +
              WhyItIsNone(evidence_, "not_null", mapped.column) + then,
          "not_null(" + mapped.column + ")");
    }
    // Unique in one column is unique in all of them together.
    if (match.empty() || std::any_of(match.begin(), match.end(), unique) || HasCombination(evidence_, match))
      return;
    Add(kGatePrimaryKey, true,
        match.size() == 1 ? "match column " + columns + " has no `unique` test over all rows" +
                                WhyItIsNone(evidence_, "unique", match.front().column) + then
                          : "match columns " + columns +
                                " have no test that they are unique together over all rows "
                                "(`dbt_utils.unique_combination_of_columns`)" +
                                then,
        "unique(" + names + ")");
  }

  void CheckClasses() {
    for (const auto& [of_class, tests] : requirement_.by_class) {
      const std::string& name = of_class;
      for (const ColumnDecision& column : decision_.columns) {
        if (column.denied() || (column.use != Use::kSend && column.use != Use::kMatch)) continue;
        const bool covered =
            std::any_of(column.classes.begin(), column.classes.end(),
                        [&](const ClassEvidence& evidence) { return Covers(name, evidence.name); });
        if (!covered) continue;
        for (const std::string& test : tests) {
          if (HasTest(evidence_, test, column.column)) continue;
          Add(kGateByClass, true,
              "column `" + column.column + "` is `" + name + "` and has no `" + test +
                  "` test over all rows" + WhyItIsNone(evidence_, test, column.column) + "; add it to model `" +
                  decision_.model->name + "` and run `dbt build`",
              test + "(" + column.column + ")");
        }
      }
    }
  }

  const Requirement& requirement_;
  const SyncDecision& decision_;
  const std::vector<TestEvidence>& evidence_;
  audit::Time now_;
  std::vector<GateReason>* reasons_;
};

}  // namespace

std::optional<std::int64_t> AgeSeconds(std::string_view written, audit::Time now) {
  const auto time = manifest::ParseTimestamp(written);
  if (!time) return std::nullopt;
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(
                       now - std::chrono::time_point_cast<std::chrono::microseconds>(*time))
                       .count();
  if (age < -kMaxClockSkewSeconds) return std::nullopt;
  return std::max<std::int64_t>(age, 0);
}

void CheckModelTests(const Requirement& requirement, const Policy& policy, const manifest::Project& project,
                     const manifest::Node& model, std::vector<GateReason>* reasons) {
  std::vector<TestEvidence> evidence;
  for (const Test* test : project.TestsOf(model.unique_id)) {
    evidence.push_back({test, TestVerdict::kPassed, "", "", ""});
  }
  SyncSpec nothing_is_matched;
  SyncDecision decision;
  decision.sync = &nothing_is_matched;
  decision.model = &model;
  const Classifier classifier(policy, project);
  for (const manifest::Column& column : model.columns) {
    ColumnDecision shown;
    shown.column = column.name;
    shown.transform.kind = TransformKind::kUnchanged;  // a dashboard shows it as it is
    shown.classes = classifier.Of(model, column.name);
    decision.columns.push_back(std::move(shown));
  }
  CheckTests(requirement, decision, evidence, {}, reasons);
  std::erase_if(*reasons, [](const GateReason& reason) { return reason.code == kGateOld; });
  if (!requirement.primary_key || HasKey(evidence)) return;
  GateReason reason;
  reason.code = kGatePrimaryKey;
  reason.text = "model `" + model.name + "` has no key: no column has `unique` and `not_null` tests over all rows; add them "
                "and run `dbt build`";
  reason.holds = !requirement.warn_only;
  reason.requirement = requirement.id;
  reason.subject = model.unique_id;
  reasons->push_back(std::move(reason));
}

void CheckTests(const Requirement& requirement, const SyncDecision& decision,
                const std::vector<TestEvidence>& evidence, audit::Time now,
                std::vector<GateReason>* reasons) {
  TestChecker(requirement, decision, evidence, now, reasons).Run();
}

}  // namespace weir::policies
