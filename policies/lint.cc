#include "policies/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "manifest/selector.h"
#include "policies/classify.h"
#include "policies/policy_document.h"
#include "policies/recipients.h"
#include "policies/unmatched.h"

namespace weir::policies {
namespace {

using manifest::Node;

class Linter {
 public:
  Linter(const Policy& policy, const manifest::Project& project, const std::vector<SyncSpec>& syncs,
         audit::Time now)
      : policy_(policy), project_(project), syncs_(syncs), now_(now), classifier_(policy, project) {
    for (const Node& node : project.nodes) {
      for (const manifest::Column& column : node.columns) {
        std::set<std::string> classes;
        for (const ClassEvidence& evidence : classifier_.Of(node, column.name)) classes.insert(evidence.name);
        if (!classes.empty()) together_.insert(std::move(classes));
      }
    }
    for (const auto& classes : together_) present_.insert(classes.begin(), classes.end());
    for (const Rule& rule : policy.rules) recipients_[&rule] = PossibleRecipients(policy, rule.to);
  }

  std::vector<LintFinding> Run() {
    LintRules();
    LintRequirements();
    LintConflicts();
    LintClasses();
    LintRecipients();
    LintAddresses(policy_, project_, &out_);
    LintWaivers(policy_, project_, syncs_, classifier_, now_, &out_);
    LintDeclassified(policy_, project_, classifier_, &out_);
    std::sort(out_.begin(), out_.end(), [](const LintFinding& a, const LintFinding& b) {
      return std::tie(a.at.file, a.at.position.line, a.at.position.column, a.id, a.message) <
             std::tie(b.at.file, b.at.position.line, b.at.position.column, b.id, b.message);
    });
    return std::move(out_);
  }

 private:
  void Add(std::string_view id, const Located& at, std::string message, bool note = false) {
    out_.push_back({id, at, std::move(message), note});
  }

  bool Present(const std::string& rule_class) const {
    return std::any_of(present_.begin(), present_.end(),
                       [&](const std::string& name) { return Covers(rule_class, name); });
  }

  void LintRules() {
    for (const Rule& rule : policy_.rules) {
      const std::string what = "rule `" + rule.id + "`";
      if (recipients_[&rule].empty()) {
        Add("audience-empty", rule.at, what + " is for " + rule.to.ToText() + ", which is no destination of the policy");
        continue;
      }
      if (rule.kind == Rule::Kind::kRows) {
        const bool known = std::any_of(project_.nodes.begin(), project_.nodes.end(),
                                       [&](const Node& node) { return MayName(rule.subject, node); });
        if (!known) {
          std::vector<std::string> names;
          for (const Node& node : project_.nodes) names.push_back(node.name);
          Add("rule-unmatched", rule.at, what + " is about rows of `" + rule.subject + "`, which is no model of the project" +
                                             manifest::DidYouMean(rule.subject, names));
        }
        continue;
      }
      if (!Present(rule.subject)) {
        Add("rule-unmatched", rule.at, what + " is about `" + rule.subject + "`, which no column of the project is",
            rule.kind == Rule::Kind::kNever);  // it is there for the day on which one is
      }
      if (rule.kind == Rule::Kind::kGive) LintReach(rule, what);
    }
  }

  void LintRequirements() {
    const std::vector<Selection> selections = SelectionsOf(policy_, project_);
    for (std::size_t i = 0; i < selections.size(); ++i) {
      const Requirement& requirement = policy_.requirements[i];
      for (Unmatched& unmatched : UnmatchedNames(requirement, selections[i], project_)) {
        Add("requirement-unmatched", requirement.at, std::move(unmatched.text));
      }
    }
  }

  // A gift that one `never` forbids to everybody whom it is for.
  void LintReach(const Rule& give, const std::string& what) {
    for (const Rule& never : policy_.rules) {
      if (never.kind != Rule::Kind::kNever || !Covers(never.subject, give.subject)) continue;
      const bool excepted = std::any_of(never.except.begin(), never.except.end(), [&](TransformKind form) {
        return AtLeastAsStrict(give.as.kind, form);
      });
      if (excepted && !give.as_filter) continue;
      const auto& recipients = recipients_[&give];
      const bool all = std::all_of(recipients.begin(), recipients.end(), [&](const Recipient& recipient) {
        // A `never` for one role says nothing of the other readers.
        const bool meant = never.to.role.empty() || never.to.role == give.to.role;
        return meant && AudienceMismatch(never, recipient).empty();
      });
      if (!all) continue;
      Add("rule-unreachable", give.at, what + " gives `" + give.subject + "`, which `" + never.id +
                                           "` never lets leave to any of its recipients; remove one of the two");
      return;
    }
  }

  // Whether some column may be of both: one class below the other, or both found on one column of the project.
  bool MayMeet(const Rule& a, const Rule& b) const {
    if (Covers(a.subject, b.subject) || Covers(b.subject, a.subject)) return true;
    return std::any_of(together_.begin(), together_.end(), [&](const std::set<std::string>& classes) {
      const auto covered = [&](const Rule& rule) {
        return std::any_of(classes.begin(), classes.end(),
                           [&](const std::string& name) { return Covers(rule.subject, name); });
      };
      return covered(a) && covered(b);
    });
  }

  void LintConflicts() {
    for (const Rule& a : policy_.rules) {
      for (const Rule& b : policy_.rules) {
        const bool gifts = a.kind == Rule::Kind::kGive && b.kind == Rule::Kind::kGive && !a.as_filter && !b.as_filter;
        if (!gifts || a.id >= b.id || !MayMeet(a, b)) continue;
        bool conflict = false;
        Join(a.as, b.as, &conflict);
        if (!conflict) continue;
        const auto& of_a = recipients_[&a];
        const auto both = std::find_if(of_a.begin(), of_a.end(), [&](const Recipient& recipient) {
          return AudienceMismatch(b, recipient).empty();
        });
        if (both == of_a.end()) continue;
        // Located at the later of the two, where whoever wrote it looks.
        const bool later = std::tie(a.at.file, a.at.position.line) > std::tie(b.at.file, b.at.position.line);
        Add("rules-conflict", later ? a.at : b.at,
            "rules `" + a.id + "` (" + a.as.ToText() + ") and `" + b.id + "` (" + b.as.ToText() +
                ") cannot be combined: to " + Shown(*both) + " the column is redacted");
      }
    }
  }

  void LintClasses() {
    for (const ClassDefinition& defined : policy_.classes) {
      const bool ruled = std::any_of(policy_.rules.begin(), policy_.rules.end(), [&](const Rule& rule) {
        return rule.kind != Rule::Kind::kRows && (Covers(rule.subject, defined.name) || Covers(defined.name, rule.subject));
      });
      // A test that expects its denial says so, too.
      const bool expected = std::any_of(policy_.tests.begin(), policy_.tests.end(), [&](const TestCase& test) {
        return test.expect_denied && !test.filter && test.to == Audience{} && !test.of_class.empty() &&
               Covers(test.of_class, defined.name);
      });
      if (!ruled && !expected) {
        Add("class-without-rule", defined.at,
            "no rule is about class `" + defined.name + "`, so its columns never leave; say so with a `never` or a test, or give it",
            true);
      }
    }
  }

  void LintRecipients() {
    std::set<std::string> destinations, purposes, readers;
    for (const SyncSpec& sync : syncs_) {
      destinations.insert(sync.destination);
      purposes.insert(sync.purpose);
    }
    // A dashboard's audience is a destination as well.
    for (const manifest::Exposure& exposure : project_.exposures) {
      const manifest::Value* weir = exposure.meta.Find("weir");
      if (weir == nullptr) continue;
      if (const manifest::Value* audience = weir->Find("audience")) destinations.insert(audience->text());
      if (const manifest::Value* purpose = weir->Find("purpose")) purposes.insert(purpose->text());
    }
    for (const manifest::Exposure& exposure : project_.exposures) {
      for (const DestinationFacts& facts : policy_.destinations) {
        const bool there = !exposure.url.empty() && exposure.url.starts_with(facts.origin) &&
                           (exposure.url.size() == facts.origin.size() || exposure.url[facts.origin.size()] == '/');
        if (there) destinations.insert(facts.name);
      }
    }
    for (const DestinationFacts& facts : policy_.destinations) {
      readers.insert(facts.readers.begin(), facts.readers.end());
      if (!destinations.contains(facts.name)) {
        Add("destination-unused", facts.at, "no sync and no dashboard of the project sends to destination `" + facts.name + "`");
      }
    }
    for (const Purpose& purpose : policy_.purposes) {
      if (!purposes.contains(purpose.name)) {
        Add("purpose-unused", purpose.at, "no sync and no dashboard of the project has purpose `" + purpose.name + "`");
      }
    }
    for (const Role& role : policy_.roles) {
      if (!readers.contains(role.name)) {
        Add("role-unused", role.at, "no destination has role `" + role.name + "` among its `readers`");
      }
    }
  }

  const Policy& policy_;
  const manifest::Project& project_;
  const std::vector<SyncSpec>& syncs_;
  audit::Time now_;
  const Classifier classifier_;
  std::set<std::set<std::string>> together_;  // classes that a column of the project has
  std::set<std::string> present_;
  std::map<const Rule*, std::vector<Recipient>> recipients_;
  std::vector<LintFinding> out_;
};

}  // namespace

std::vector<LintFinding> LintPolicy(const Policy& policy, const manifest::Project& project,
                                    const std::vector<SyncSpec>& syncs, audit::Time now) {
  return Linter(policy, project, syncs, now).Run();
}

}  // namespace weir::policies
