#include "policies/validate.h"

#include <algorithm>

#include "manifest/selector.h"
#include "policies/pattern.h"
#include "policies/policy_document.h"
#include "policies/unmatched.h"

namespace weir::policies {
namespace {

using manifest::Diagnostics;

constexpr std::string_view kUnknown = "W-POL-012";
constexpr std::string_view kPattern = "W-POL-014";
constexpr std::string_view kPermissive = "W-POL-016";
constexpr std::string_view kWaivesRule = "W-POL-041";
constexpr std::string_view kDeclassify = "W-POL-062";
constexpr std::string_view kNeverWaivable = "W-POL-044";

template <typename T>
std::vector<std::string> NamesOf(const std::vector<T>& items) {
  std::vector<std::string> out;
  for (const T& item : items) out.push_back(item.name);
  return out;
}

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Validator {
 public:
  Validator(const Policy& policy, Diagnostics* diagnostics)
      : policy_(policy),
        diagnostics_(diagnostics),
        roles_(NamesOf(policy.roles)),
        destinations_(NamesOf(policy.destinations)),
        purposes_(NamesOf(policy.purposes)),
        subjects_(NamesOf(policy.subjects)) {
    // A parent of a class is one too: a rule about `pii` is about whatever stands below it.
    for (const ClassDefinition& defined : policy.classes) {
      for (std::size_t end = defined.name.find('.');; end = defined.name.find('.', end + 1)) {
        const std::string name = defined.name.substr(0, end);
        if (!Holds(classes_, name)) classes_.push_back(name);
        if (end == std::string::npos) break;
      }
    }
  }

  void Run() {
    for (const ClassDefinition& defined : policy_.classes) CheckClass(defined);
    for (const DestinationFacts& destination : policy_.destinations) {
      for (const std::string& role : destination.readers) {
        Known("role", role, roles_, destination.at, "`readers` of destination `" + destination.name + "`");
      }
    }
    for (const Rule& rule : policy_.rules) CheckRule(rule);
    for (const Requirement& requirement : policy_.requirements) CheckRequirement(requirement);
    for (const Waiver& waiver : policy_.waivers) CheckWaiver(waiver);
    for (const Declassification& one : policy_.declassified) CheckDeclassification(one);
    if (policy_.approvals) CheckApprovals(*policy_.approvals);
    for (const TestCase& test : policy_.tests) CheckTest(test);
  }

 private:
  void Error(std::string_view code, const Located& at, std::string message) {
    diagnostics_->Error(code, at.file, at.position, std::move(message));
  }

  void Known(std::string_view what, const std::string& name, const std::vector<std::string>& known,
             const Located& at, const std::string& where) {
    if (name.empty() || Holds(known, name)) return;
    const std::string message = "unknown " + std::string(what) + " `" + name + "` in " + where;
    if (std::string hint = manifest::DidYouMean(name, known); !hint.empty()) return Error(kUnknown, at, message + hint);
    // Under the key of another: said as such, for it is no misspelling.
    for (const auto& [other, names] : {std::pair{"destination", &destinations_}, std::pair{"role", &roles_},
                                       std::pair{"purpose", &purposes_}, std::pair{"class", &classes_}}) {
      if (Holds(*names, name) && other != what) return Error(kUnknown, at, message + "; it is the name of a " + other);
    }
    static constexpr std::size_t kMostListed = 20;
    Error(kUnknown, at, message + (known.empty()                  ? "; the policy has none"
                                   : known.size() <= kMostListed ? "; the policy has " + Listed(known)
                                                                 : ""));
  }

  void CheckPattern(const std::string& pattern, const Located& at, const std::string& where) {
    if (pattern.empty()) return;
    if (const auto error = PatternError(pattern))
      Error(kPattern, at, where + " is no RE2 pattern: " + *error);
  }

  void CheckClass(const ClassDefinition& defined) {
    const std::string what = "class `" + defined.name + "`";
    CheckPattern(defined.name_pattern, defined.at, "`name` of " + what);
    if (defined.permissive) {
      const Markers& markers = defined.markers;
      if (!markers.meta.empty() || !markers.tags.empty() || !markers.classifiers.empty() ||
          !defined.name_pattern.empty() || defined.value) {
        Error(kPermissive, defined.at,
              what +
                  " is permissive: only `columns` may assign it, never `meta`, `tags`, `classifiers`, `name` "
                  "or `value`, which a model's author writes");
      }
      if (defined.columns.empty())
        Error(kPermissive, defined.at, what + " is permissive and lists no `columns`");
    }
    for (const std::string& address : defined.columns) {
      const std::size_t dot = address.rfind('.');
      const bool good =
          dot != std::string::npos && dot > 0 && dot + 1 < address.size() &&
          address.find('*') == (address.ends_with(".*") ? address.size() - 1 : std::string::npos);
      if (!good) {
        Error("W-POL-010", defined.at,
              "`" + address + "` in `columns` of " + what +
                  " is no address; write `model.column` or `model.*`");
      }
    }
    for (const ClassDefinition& above : policy_.classes) {
      if (above.name == defined.name || !Covers(above.name, defined.name) ||
          above.permissive == defined.permissive)
        continue;
      Error(kPermissive, defined.at,
            what + (defined.permissive ? " is permissive, but `" : " is not permissive, but `") + above.name +
                "` above it is" + (defined.permissive ? " not" : "") +
                "; a rule about one would be about both");
    }
  }

  void CheckRule(const Rule& rule) {
    const std::string what = "rule `" + rule.id + "`";
    if (rule.kind != Rule::Kind::kRows) Known("class", rule.subject, classes_, rule.at, what);
    Known("destination", rule.to.destination, destinations_, rule.at, what);
    Known("role", rule.to.role, roles_, rule.at, what);
    Known("purpose", rule.to.purpose, purposes_, rule.at, what);
    if (rule.as.kind == TransformKind::kDateShift) {
      Known("subject", rule.as.shift_subject, subjects_, rule.at, "`date_shift` of " + what);
    }
  }

  void CheckRequirement(const Requirement& requirement) {
    const std::string what = "requirement `" + requirement.id + "`";
    std::string error;
    if (!manifest::Selector::Parse(requirement.select, &error)) {
      Error("W-POL-020", requirement.at, "`select` of " + what + ": " + error);
    }
    CheckPattern(requirement.owner_email_pattern, requirement.at, "`email` of `owner` of " + what);
    for (const auto& [name, tests] : requirement.by_class) {
      Known("class", name, classes_, requirement.at, "`by_class` of " + what);
    }
  }

  void CheckDeclassification(const Declassification& one) {
    const std::string where = "`class` of a declassification";
    std::vector<std::string> classes;
    for (const ClassDefinition& defined : policy_.classes) classes.push_back(defined.name);
    Known("class", one.of_class, classes, one.at, where);
    const ClassDefinition* const defined = policy_.FindClass(one.of_class);
    if (defined != nullptr && defined->permissive) {
      Error(kDeclassify, one.at, "class `" + one.of_class + "` is permissive: nothing inherits it, and nothing is to be lifted");
    }
    if (!policy_.inherit_lineage) {
      Error(kDeclassify, one.at, "`declassify` lifts what columns inherit, and this policy inherits nothing; write `inherit: lineage`");
    }
  }

  void CheckWaiver(const Waiver& waiver) {
    const auto is = [&](const auto& one) { return one.id == waiver.rule; };
    if (std::any_of(policy_.rules.begin(), policy_.rules.end(), is)) {
      return Error(kWaivesRule, waiver.at,
                   "waiver `" + waiver.id + "` names `" + waiver.rule +
                       "`, which stands under `rules:`; a waiver lifts requirements (`require:`) alone, never a rule");
    }
    std::vector<std::string> requirements;
    for (const Requirement& requirement : policy_.requirements) requirements.push_back(requirement.id);
    Known("requirement", waiver.rule, requirements, waiver.at, "`rule` of waiver `" + waiver.id + "`");
    Known("destination", waiver.destination, destinations_, waiver.at, "waiver `" + waiver.id + "`");
    if (policy_.approvals && Holds(policy_.approvals->never_waivable, waiver.rule)) {
      Error(kNeverWaivable, waiver.at,
            "waiver `" + waiver.id + "` names `" + waiver.rule + "`, which is `never_waivable` of `approvals`");
    }
  }

  // A misspelt id would protect nothing.
  void CheckApprovals(const Approvals& approvals) {
    std::vector<std::string> ids;
    for (const Rule& rule : policy_.rules) ids.push_back(rule.id);
    for (const Requirement& requirement : policy_.requirements) ids.push_back(requirement.id);
    for (const std::string& id : approvals.never_waivable) {
      Known("rule or requirement", id, ids, approvals.at, "`never_waivable` of `approvals`");
    }
  }

  void CheckTest(const TestCase& test) {
    const std::string what = "test `" + test.name + "`";
    Known("class", test.of_class, classes_, test.at, what);
    Known("destination", test.to.destination, destinations_, test.at, what);
    Known("role", test.to.role, roles_, test.at, what);
    Known("purpose", test.to.purpose, purposes_, test.at, what);
    std::vector<std::string> sent, rows, required;
    for (const Rule& rule : policy_.rules) (rule.kind == Rule::Kind::kRows ? rows : sent).push_back(rule.id);
    for (const Requirement& requirement : policy_.requirements) required.push_back(requirement.id);
    for (const std::string& id : test.by) Known("rule", id, sent, test.at, "`by` of " + what);
    for (const std::string& id : test.rows.value_or(std::vector<std::string>())) {
      Known("rule about rows", id, rows, test.at, "`rows` of " + what);
    }
    for (const std::string& id : test.require.value_or(std::vector<std::string>())) {
      Known("requirement", id, required, test.at, "`require` of " + what);
    }
  }

  const Policy& policy_;
  Diagnostics* diagnostics_;
  std::vector<std::string> classes_, roles_, destinations_, purposes_, subjects_;
};

// A name that nothing has would be asked of nothing in silence (a column), or never hold (a group).
void ValidateRequirements(const Policy& policy, const manifest::Project& project, Diagnostics* diagnostics) {
  std::vector<std::string> groups;
  for (const manifest::Group& group : project.groups) groups.push_back(group.name);
  const std::vector<Selection> selections = SelectionsOf(policy, project);
  for (std::size_t i = 0; i < selections.size(); ++i) {
    const Requirement& requirement = policy.requirements[i];
    const std::string what = "requirement `" + requirement.id + "`";
    const auto warn = [&](std::string_view code, std::string message) {
      diagnostics->Warning(code, requirement.at.file, requirement.at.position, std::move(message));
    };
    for (const std::string& name : requirement.groups ? requirement.groups->names : std::vector<std::string>{}) {
      if (!Holds(groups, name)) {
        warn("W-POL-042",
             what + " names group `" + name + "`, which the project does not have" + manifest::DidYouMean(name, groups));
      }
    }
    for (Unmatched& unmatched : UnmatchedNames(requirement, selections[i], project)) {
      const bool holds = requirement.Enforced() && !unmatched.gate_code.empty();
      diagnostics->Add({holds ? manifest::Severity::kError : manifest::Severity::kWarning, std::string(unmatched.code), requirement.at.file, requirement.at.position, std::move(unmatched.text)});
    }
  }
}

}  // namespace

void ValidatePolicy(const Policy& policy, Diagnostics* diagnostics) { Validator(policy, diagnostics).Run(); }

void ValidateAgainst(const Policy& policy, const manifest::Project& project, Diagnostics* diagnostics) {
  std::vector<std::string> models;
  for (const manifest::Node& node : project.nodes) models.push_back(node.name);
  const auto find = [&](const std::string& name, const Located& at,
                        const std::string& what) -> const manifest::Node* {
    std::vector<std::string> ambiguous;
    if (const manifest::Node* model = project.FindModel(name, &ambiguous)) return model;
    diagnostics->Warning(
        "W-POL-030", at.file, at.position,
        what + (ambiguous.empty() ? " names model `" + name + "`, which the project does not have" +
                                        manifest::DidYouMean(name, models)
                                  : " names model `" + name + "`, which is one of " + Listed(ambiguous)));
    return nullptr;
  };
  const auto column = [&](const manifest::Node* model, const std::string& name, const Located& at,
                          const std::string& what) {
    if (model == nullptr || name == "*" || model->FindColumn(name) != nullptr) return;
    std::vector<std::string> columns;
    for (const manifest::Column& documented : model->columns) columns.push_back(documented.name);
    diagnostics->Warning("W-POL-031", at.file, at.position,
                         what + " names column `" + name + "`, which model `" + model->name +
                             "` does not document" + manifest::DidYouMean(name, columns));
  };
  for (const ClassDefinition& defined : policy.classes) {
    const std::string what = "class `" + defined.name + "`";
    for (const std::string& address : defined.columns) {
      const std::size_t dot = address.rfind('.');
      column(find(address.substr(0, dot), defined.at, what), address.substr(dot + 1), defined.at, what);
    }
  }
  for (const Subject& subject : policy.subjects) {
    const std::string what = "subject `" + subject.name + "`";
    for (const auto& [model, key] : subject.key_columns)
      column(find(model, subject.at, what), key, subject.at, what);
  }
  for (const Rule& rule : policy.rules) {
    if (rule.kind != Rule::Kind::kRows) continue;
    const std::string what = "rule `" + rule.id + "`";
    const manifest::Node* model = find(rule.subject, rule.at, what);
    for (const std::string& name : rule.send_if.Columns()) column(model, name, rule.at, what);
  }
  ValidateRequirements(policy, project, diagnostics);
}

}  // namespace weir::policies
