#include "policies/decide_column.h"

#include <algorithm>
#include <optional>
#include <set>

namespace weir::policies {
namespace {

// What one rule gives one class, for one reader.
struct Gift {
  const Rule* rule = nullptr;
  Transform transform;
};

struct ClassOutcome {
  bool denied = false;
  Transform transform;
  std::string verdict;             // of the denial: "no rule gives it"
  std::vector<std::string> rules;  // ids that decided
  std::vector<Gift> gifts;
};

std::string Shown(const ClassEvidence& evidence) { return "`" + evidence.name + "` (" + evidence.how + ")"; }

void SortUnique(std::vector<std::string>* items) {
  std::sort(items->begin(), items->end());
  items->erase(std::unique(items->begin(), items->end()), items->end());
}

std::string Join(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) out.append(out.empty() ? "" : between).append(part);
  return out;
}

// "P001 never lets", "P001 and P002 never let"
std::string NeverLets(const std::vector<std::string>& rules) {
  return Join(rules, " and ") + (rules.size() == 1 ? " never lets" : " never let");
}

bool CoveredByExcept(const Rule& never, TransformKind kind) {
  return std::any_of(never.except.begin(), never.except.end(),
                     [&](TransformKind form) { return AtLeastAsStrict(kind, form); });
}

// Forms as they fit a column; remembers what did not.
class Fitting {
 public:
  explicit Fitting(const std::vector<ColumnType>& types) : types_(types) {}

  Transform Fit(const Transform& transform) {
    Transform out = transform;
    for (const ColumnType type : types_) {
      bool changed = false;
      Transform fitted = FitTo(type, out, &changed);
      if (changed) {
        unfit_.insert("`" + out.ToText() + "` does not fit a column of type " + std::string(Name(type)) + ": `" + fitted.ToText() +
                      "` in its place");
      }
      out = std::move(fitted);
    }
    return out;
  }

  std::string ToText() const { return Join(std::vector<std::string>(unfit_.begin(), unfit_.end()), "; "); }

 private:
  const std::vector<ColumnType>& types_;
  std::set<std::string> unfit_;
};

// What the rules make of a class for one reader.
struct Given {
  Transform as;  // as the rules have it: what a `never` is asked of, whatever the type
  // Each rule's form is fit before they are joined: were it after, one class or rule more could make of a form that does not
  // fit, and is blanked, one that does.
  Transform fitted;
};

// nullopt: no rule gives it.
std::optional<Given> GivenTo(const std::string& reader, const Policy& policy, const Recipient& recipient,
                             const ClassEvidence& evidence, Fitting* fitting, ClassOutcome* out) {
  std::optional<Given> given;
  for (const Rule& rule : policy.rules) {
    if (rule.kind != Rule::Kind::kGive || rule.as_filter || !Covers(rule.subject, evidence.name)) continue;
    if (!rule.to.role.empty() && rule.to.role != reader) continue;
    if (!AudienceMismatch(rule, recipient).empty()) continue;
    Transform fitted = fitting->Fit(rule.as);
    out->gifts.push_back({&rule, fitted});
    given = given ? Given{Join(given->as, rule.as, nullptr), Join(given->fitted, fitted, nullptr)} : Given{rule.as, std::move(fitted)};
    out->rules.push_back(rule.id);
  }
  return given;
}

ClassOutcome DecideClass(const Policy& policy, const Recipient& recipient, const ClassEvidence& evidence, Fitting* fitting) {
  const std::vector<std::string>& readers = recipient.destination->readers;
  ClassOutcome out;
  std::vector<Transform> given;      // one for each reader, while there is one for each
  std::vector<std::string> without;  // roles that nothing gives it to
  for (const std::string& reader : readers) {
    if (auto to_reader = GivenTo(reader, policy, recipient, evidence, fitting, &out)) {
      out.transform = given.empty() ? to_reader->fitted : Join(out.transform, to_reader->fitted, nullptr);
      given.push_back(std::move(to_reader->as));
    } else {
      without.push_back("`" + reader + "`");
    }
  }
  if (!without.empty() || readers.empty()) {
    out.denied = true;
    out.verdict = "no rule gives it";
    if (without.size() < readers.size()) out.verdict += " to role " + Join(without, ", ");
  }
  // A `never` is asked of each class and each reader by itself: a second class, or a second reader, whose
  // rule redacts must not excuse the first.
  std::vector<std::string> never;
  std::size_t shown =
      readers.size();  // whose form the reason shows: the first reader's, whatever the order of rules
  for (const Rule& rule : policy.rules) {
    if (rule.kind != Rule::Kind::kNever || !Covers(rule.subject, evidence.name)) continue;
    if (!AudienceMismatch(rule, recipient).empty()) continue;
    if (out.denied && !rule.except.empty()) continue;  // denied for want of a rule, which is what to say
    bool breached = out.denied;
    for (std::size_t i = 0; i < readers.size() && !out.denied; ++i) {
      const bool meant = rule.to.role.empty() || rule.to.role == readers[i];
      if (!meant || CoveredByExcept(rule, given[i].kind)) continue;
      breached = true;
      if (!rule.except.empty()) shown = std::min(shown, i);
    }
    if (breached) never.push_back(rule.id);
  }
  if (!never.empty()) {
    SortUnique(&never);
    out.verdict = NeverLets(never) + " it leave";
    if (shown < readers.size()) out.verdict += " as `" + given[shown].ToText() + "`";
    out.denied = true;
    out.rules = std::move(never);
  } else if (out.denied) {
    out.rules.clear();
  }
  if (out.denied) out.transform = Transform{};
  SortUnique(&out.rules);
  return out;
}

// What a declassification has lifted needs no rule that gives it. A `never` holds all the same, and none of its exceptions
// applies: no rule gives the class a form.
ClassOutcome DecideLifted(const Policy& policy, const Recipient& recipient, const ClassEvidence& evidence) {
  ClassOutcome out;
  for (const Rule& rule : policy.rules) {
    if (rule.kind != Rule::Kind::kNever || !Covers(rule.subject, evidence.name)) continue;
    if (AudienceMismatch(rule, recipient).empty()) out.rules.push_back(rule.id);
  }
  if (out.rules.empty()) return out;
  SortUnique(&out.rules);
  out.denied = true;
  out.verdict = NeverLets(out.rules) + " it leave, although it is " + evidence.lifted;
  return out;
}

struct Denial {
  const ClassEvidence* evidence = nullptr;  // null: of the column as a whole
  std::string verdict;
};

// What nobody can prove may be all that stands above: classes of one doubt and one verdict are named together.
std::string ToText(const std::vector<Denial>& denials) {
  std::vector<std::string> parts;
  std::set<std::size_t> told;
  for (std::size_t i = 0; i < denials.size(); ++i) {
    const Denial& one = denials[i];
    if (one.evidence == nullptr) parts.push_back(one.verdict);
    if (one.evidence == nullptr || told.contains(i)) continue;
    std::vector<std::string> names;
    for (std::size_t k = i; k < denials.size() && !one.evidence->doubt.empty(); ++k) {
      const Denial& other = denials[k];
      if (other.evidence == nullptr || other.evidence->doubt != one.evidence->doubt || other.verdict != one.verdict) continue;
      names.push_back("`" + other.evidence->name + "`");
      told.insert(k);
    }
    parts.push_back((names.size() < 2 ? Shown(*one.evidence)
                                      : Join(names, ", ") + " (each by lineage, not proven at " + one.evidence->doubt + ")") +
                    ", " + one.verdict);
  }
  return Join(parts, "; ");
}

// Every pair is looked at, so that the order of rules does not show in what is reported.
std::string Conflicts(std::vector<Gift> gifts) {
  std::sort(gifts.begin(), gifts.end(), [](const Gift& a, const Gift& b) { return a.rule->id < b.rule->id; });
  std::set<std::string> found;
  for (std::size_t i = 0; i < gifts.size(); ++i) {
    for (std::size_t j = i + 1; j < gifts.size(); ++j) {
      bool conflict = false;
      Join(gifts[i].transform, gifts[j].transform, &conflict);
      if (conflict) found.insert(gifts[i].rule->id + " and " + gifts[j].rule->id);
    }
  }
  if (found.empty()) return {};
  return "conflicting rules " + Join(std::vector<std::string>(found.begin(), found.end()), "; ");
}

// Whose key a hash or a token uses: two columns of one class then join at the destination. Restrictive before
// permissive, declared before inferred, deeper before shallower, then by name.
std::string EntityOf(const std::vector<const ClassEvidence*>& classes) {
  const auto better = [](const ClassEvidence* a, const ClassEvidence* b) {
    if (a->permissive != b->permissive) return b->permissive;
    if (a->declared != b->declared) return a->declared;
    const auto depth = [](const std::string& name) { return std::count(name.begin(), name.end(), '.'); };
    if (depth(a->name) != depth(b->name)) return depth(a->name) > depth(b->name);
    return a->name < b->name;
  };
  const auto best = std::min_element(classes.begin(), classes.end(), better);
  return best == classes.end() ? "column" : (*best)->name;
}

std::string ClassesOf(const ColumnDecision& decision) {
  std::vector<std::string> names;
  for (const ClassEvidence& evidence : decision.classes) names.push_back("`" + evidence.name + "`");
  return Join(names, ", ");
}

void Trace(const Policy& policy, const Recipient& recipient, ColumnDecision* decision) {
  for (const Rule& rule : policy.rules) {
    if (rule.kind == Rule::Kind::kRows) continue;
    RuleTrace trace;
    trace.rule = &rule;
    const auto covered = [&](const ClassEvidence& evidence) { return Covers(rule.subject, evidence.name); };
    const auto gives = [&](const ClassEvidence& evidence) { return covered(evidence) && evidence.lifted.empty(); };
    const bool about = std::any_of(decision->classes.begin(), decision->classes.end(), covered);
    if (about && rule.kind == Rule::Kind::kGive && !rule.as_filter &&
        std::none_of(decision->classes.begin(), decision->classes.end(), gives)) {
      trace.reason = "is about `" + rule.subject + "`, of which the column is declassified";
    } else if (!about) {
      trace.reason = "is about `" + rule.subject + "`; the column " +
                     (decision->classes.empty() ? "has no class" : "is " + ClassesOf(*decision));
    } else if (std::string mismatch = AudienceMismatch(rule, recipient); !mismatch.empty()) {
      trace.reason = std::move(mismatch);
    } else {
      trace.matched = true;
      if (rule.kind == Rule::Kind::kNever) {
        trace.reason = "never lets `" + rule.subject + "` leave";
        std::vector<std::string> forms;
        for (const TransformKind form : rule.except) forms.push_back("`" + std::string(Name(form)) + "`");
        if (!forms.empty()) trace.reason += ", except as " + Join(forms, ", ") + " or stricter";
      } else if (rule.as_filter) {
        trace.reason = "lets `" + rule.subject + "` be filtered by; sends nothing";
      } else {
        trace.reason = "gives `" + rule.subject + "` as `" + rule.as.ToText() + "`";
        if (!rule.to.role.empty()) trace.reason += ", to role `" + rule.to.role + "`";
      }
    }
    decision->traces.push_back(std::move(trace));
  }
  std::sort(decision->traces.begin(), decision->traces.end(),
            [](const RuleTrace& a, const RuleTrace& b) { return a.rule->id < b.rule->id; });
}

void DecideUnclassified(Unclassified unclassified, ColumnDecision* decision) {
  decision->entity = "column";
  decision->transform = Transform{};
  switch (unclassified) {
    case Unclassified::kDeny:
      decision->reason =
          "no class, and unclassified columns are denied; give it one, or list it under a permissive class";
      return;
    case Unclassified::kBlank:
      decision->transform.kind = TransformKind::kBlank;
      decision->reason = "no class, and unclassified columns are blanked";
      return;
    case Unclassified::kWarn:
      decision->transform.kind = TransformKind::kUnchanged;
      decision->reason = "no class: sent unchanged because of `unclassified: warn`";
      return;
  }
}

}  // namespace

std::string AudienceMismatch(const Rule& rule, const Recipient& recipient) {
  const DestinationFacts& destination = *recipient.destination;
  const auto differs = [](std::string_view what, const std::string& wanted, const std::string& actual) {
    return "is for " + std::string(what) + " `" + wanted + "`, not " +
           (actual.empty() ? "for none" : "`" + actual + "`");
  };
  if (!rule.to.destination.empty() && rule.to.destination != destination.name) {
    return differs("destination", rule.to.destination, destination.name);
  }
  if (!rule.to.trust.empty() && rule.to.trust != destination.trust) {
    return differs("trust", rule.to.trust, destination.trust);
  }
  const std::string& purpose =
      rule.kind == Rule::Kind::kGive ? recipient.granted_purpose : recipient.claimed_purpose;
  if (!rule.to.purpose.empty() && rule.to.purpose != purpose)
    return differs("purpose", rule.to.purpose, purpose);
  if (!rule.to.role.empty() && std::find(destination.readers.begin(), destination.readers.end(),
                                         rule.to.role) == destination.readers.end()) {
    return "is for role `" + rule.to.role + "`, which no reader of `" + destination.name + "` has";
  }
  return {};
}

void DecideSent(const Policy& policy, const Recipient& recipient, bool has_subject,
                ColumnDecision* decision) {
  Trace(policy, recipient, decision);
  if (decision->classes.empty()) return DecideUnclassified(policy.unclassified, decision);
  std::vector<Denial> denials;
  std::vector<std::string> denying, giving;
  std::vector<Gift> gifts;
  std::vector<const ClassEvidence*> hashed, all;
  std::string lifted;
  Fitting fitting(decision->types);
  bool first = true, denied = false;
  for (const ClassEvidence& evidence : decision->classes) {
    const bool counts = evidence.lifted.empty();
    if (counts) {
      all.push_back(&evidence);
    } else {
      lifted += "; " + Shown(evidence) + " is " + evidence.lifted;
    }
    ClassOutcome outcome = counts ? DecideClass(policy, recipient, evidence, &fitting) : DecideLifted(policy, recipient, evidence);
    if (outcome.denied) {
      denied = true;
      denials.push_back({&evidence, std::move(outcome.verdict)});
      denying.insert(denying.end(), outcome.rules.begin(), outcome.rules.end());
      continue;
    }
    if (!counts) continue;
    const TransformKind kind = outcome.transform.kind;
    if (kind == TransformKind::kHash || kind == TransformKind::kTokenize) hashed.push_back(&evidence);
    decision->transform = first ? outcome.transform : Join(decision->transform, outcome.transform, nullptr);
    first = false;
    giving.insert(giving.end(), outcome.rules.begin(), outcome.rules.end());
    gifts.insert(gifts.end(), outcome.gifts.begin(), outcome.gifts.end());
  }
  if (!denied && all.empty()) {
    DecideUnclassified(policy.unclassified, decision);
    decision->reason += lifted;
    return;
  }
  const bool restrictive =
      std::any_of(all.begin(), all.end(), [](const ClassEvidence* one) { return !one->permissive; });
  if (restrictive && !has_subject) {
    denied = true;
    denials.push_back({nullptr,
                       "the column is classified, and no subject says whose data the rows are; name the model under `subjects`"});
  }
  decision->entity = EntityOf(hashed.empty() ? all : hashed);
  if (denied) {
    decision->transform = Transform{};
    decision->reason = ToText(denials);
    decision->rules = std::move(denying);
  } else {
    decision->rules = std::move(giving);
    decision->transform = fitting.Fit(decision->transform);  // two that fit may join to `redact`, which does not
    decision->unfit = fitting.ToText();
    if (decision->transform.kind <= TransformKind::kRedact) decision->conflict = Conflicts(std::move(gifts));
  }
  SortUnique(&decision->rules);
  if (denied) return;
  std::vector<std::string> shown;
  for (const ClassEvidence* evidence : all) shown.push_back(Shown(*evidence));
  decision->reason = Join(shown, ", ") + ", given by " + Join(decision->rules, ", ") + lifted;
}

void DecideRead(const Policy& policy, const Recipient& recipient, ColumnDecision* decision) {
  Trace(policy, recipient, decision);
  decision->entity = "column";
  decision->transform = Transform{};
  decision->transform.kind = TransformKind::kDrop;
  if (decision->use == Use::kSubject) {
    decision->reason = "says whose data the row is; read here, not sent";
    return;
  }
  decision->reason = "read here by a rule about rows, not sent";
  std::vector<std::string> never;
  for (const RuleTrace& trace : decision->traces) {
    if (trace.matched && trace.rule->kind == Rule::Kind::kNever) never.push_back(trace.rule->id);
  }
  if (never.empty()) return;
  decision->transform = Transform{};
  decision->reason = ClassesOf(*decision) + ", " + NeverLets(never) +
                     " it leave, and which rows are absent would tell its value";
  decision->rules = std::move(never);
}

}  // namespace weir::policies
