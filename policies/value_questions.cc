#include "policies/value_questions.h"

#include <algorithm>

#include "policies/decide_column.h"

namespace weir::policies {
namespace {

// Of a permission the exact name counts, of exactly one model.
bool IsExcepted(const ValueCriterion& criterion, const manifest::Project& project, const manifest::Node& model,
                const std::string& column) {
  return std::any_of(criterion.except.begin(), criterion.except.end(), [&](const std::string& address) {
    const std::size_t dot = address.rfind('.');
    return address.substr(dot + 1) == column && project.FindModel(address.substr(0, dot)) == &model;
  });
}

bool Has(const ColumnDecision& decision, const std::string& name) {
  return std::any_of(decision.classes.begin(), decision.classes.end(),
                     [&](const ClassEvidence& evidence) { return evidence.name == name && evidence.lifted.empty(); });
}

}  // namespace

std::vector<ValueQuestion> ValueQuestions(const Policy& policy, const manifest::Project& project,
                                          const SyncDecision& decision) {
  std::vector<ValueQuestion> out;
  if (decision.model == nullptr || decision.destination == nullptr) return out;
  const Recipient recipient{decision.destination, decision.sync->purpose, decision.granted_purpose};
  for (std::size_t i = 0; i < decision.columns.size(); ++i) {
    const ColumnDecision& column = decision.columns[i];
    if (column.use != Use::kSend && column.use != Use::kMatch) continue;
    if (column.transform.kind >= TransformKind::kRedact) continue;  // no value leaves
    for (const ClassDefinition& defined : policy.classes) {
      if (!defined.value || Has(column, defined.name)) continue;
      if (IsExcepted(*defined.value, project, *decision.model, column.column)) continue;
      ValueQuestion question;
      question.defined = &defined;
      question.column = i;
      ColumnDecision& then = question.then;
      then.model = column.model;
      then.column = column.column;
      then.field = column.field;
      then.use = column.use;
      then.types = column.types;
      then.classes = column.classes;
      // What a value shows, nobody has declassified.
      std::erase_if(then.classes, [&](const ClassEvidence& evidence) { return evidence.name == defined.name; });
      then.classes.push_back({defined.name, false, false, "by value"});
      std::sort(then.classes.begin(), then.classes.end(),
                [](const ClassEvidence& a, const ClassEvidence& b) { return a.name < b.name; });
      DecideSent(policy, recipient, !decision.subjects.empty(), &then);
      then.traces.clear();
      if (!(then.transform == column.transform)) out.push_back(std::move(question));
    }
  }
  return out;
}

}  // namespace weir::policies
