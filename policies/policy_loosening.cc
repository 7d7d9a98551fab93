#include "policies/policy_loosening.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policies/policy_document.h"

namespace weir::policies {
namespace {

std::string Ticked(const std::string& text) { return "`" + text + "`"; }
std::string OrNone(const std::string& text) { return text.empty() ? "nothing" : Ticked(text); }

std::vector<std::string> Lacking(const std::vector<std::string>& many, const std::vector<std::string>& few) {
  std::vector<std::string> out;
  for (const std::string& name : few) {
    if (std::find(many.begin(), many.end(), name) == many.end()) out.push_back(name);
  }
  return out;
}

// What is at least as strict as a condition: it, and more.
bool IsAsStrict(const RowPredicate& before, const RowPredicate& now) {
  if (before.ToText() == now.ToText()) return true;
  return now.kind == RowPredicate::Kind::kAll &&
         std::any_of(now.children.begin(), now.children.end(), [&](const RowPredicate& child) { return IsAsStrict(before, child); });
}

bool SameMarkers(const Markers& a, const Markers& b) {
  return a.meta == b.meta && a.tags == b.tags && a.classifiers == b.classifiers && a.not_classifiers == b.not_classifiers &&
         a.tags_of_model == b.tags_of_model && a.preset == b.preset;
}

class Comparer {
 public:
  Comparer(const Policy& base, const Policy& proposed) : base_(base), proposed_(proposed) {}

  std::vector<Loosening> Run() {
    WholePolicy();
    for (const ClassDefinition& before : base_.classes) Class(before);
    for (const ClassDefinition& now : proposed_.classes) NewClass(now);
    for (const Subject& now : proposed_.subjects) OneSubject(now);
    for (const DestinationFacts& before : base_.destinations) Destination(before);
    for (const DestinationFacts& now : proposed_.destinations) NewDestination(now);
    for (const Purpose& before : base_.purposes) OnePurpose(before);
    for (const Purpose& now : proposed_.purposes) NewPurpose(now);
    for (const Rule& before : base_.rules) OneRule(before);
    for (Loosening& one : FindLoosenedRequirements(base_, proposed_)) out_.push_back(std::move(one));
    for (const Waiver& now : proposed_.waivers) OneWaiver(now);
    for (const Declassification& now : proposed_.declassified) Declassified(now);
    ApprovalRights();
    return std::move(out_);
  }

 private:
  void Say(std::string id, std::string text, const Located& at) { out_.push_back({std::move(id), std::move(text), at}); }

  void WholePolicy() {
    if (base_.inherit_lineage && !proposed_.inherit_lineage) Say("inherit", "no column would have the classes of what it is made of (`inherit: none`)", {});
    const auto rank = [](Unclassified one) { return one == Unclassified::kDeny ? 2 : one == Unclassified::kBlank ? 1 : 0; };
    if (rank(proposed_.unclassified) < rank(base_.unclassified)) {
      Say("unclassified", std::string("columns without a class would leave ") +
                              (proposed_.unclassified == Unclassified::kBlank ? "as null" : "unchanged"), {});
    }
    for (const Policy::Preset& preset : base_.presets) {
      const bool there = std::any_of(proposed_.presets.begin(), proposed_.presets.end(),
                                     [&](const Policy::Preset& one) { return one.name == preset.name; });
      if (!there) Say("preset:" + preset.name, "preset `" + preset.name + "` would mark nothing", preset.at);
    }
  }

  // A restrictive class by less evidence, a permissive one by more.
  void Class(const ClassDefinition& before) {
    const ClassDefinition* const now = proposed_.FindClass(before.name);
    const std::string id = "class:" + before.name;
    if (now == nullptr) {
      if (!before.permissive) Say(id, "class `" + before.name + "` would be gone, and nothing marked with it", before.at);
      return;
    }
    if (!before.permissive && now->permissive) return Say(id, "class `" + before.name + "` would be permissive", now->at);
    if (before.permissive) {
      const std::vector<std::string> more = Lacking(before.columns, now->columns);
      if (!more.empty()) Say(id + "/columns", "class `" + before.name + "` would permit " + Listed(more) + ", too", now->at);
      return;
    }
    const std::vector<std::string> gone = Lacking(now->columns, before.columns);
    if (!gone.empty()) Say(id + "/columns", "class `" + before.name + "` would not take " + Listed(gone), now->at);
    if (!SameMarkers(before.markers, now->markers)) Say(id + "/markers", "class `" + before.name + "` would be known by other meta, tags or classifiers", now->at);
    if (!before.name_pattern.empty() && before.name_pattern != now->name_pattern) {
      Say(id + "/name", "class `" + before.name + "` would be known by the name " + OrNone(now->name_pattern) + "; it is " + Ticked(before.name_pattern), now->at);
    }
    if (!before.value) return;
    const auto same = [](const ValueCriterion& a, const ValueCriterion& b) {
      return a.detector == b.detector && a.pattern == b.pattern && a.check == b.check && b.share <= a.share;
    };
    if (!now->value || !same(*before.value, *now->value)) {
      Say(id + "/value", "class `" + before.name + "` would look for other values, or for more of them", now->at);
    } else if (const auto more = Lacking(before.value->except, now->value->except); !more.empty()) {
      Say(id + "/except", "class `" + before.name + "` would not look at the values of " + Listed(more), now->at);
    }
  }

  // A rule that gives the class above gives it, too.
  void NewClass(const ClassDefinition& now) {
    if (!now.permissive || base_.FindClass(now.name) != nullptr) return;
    Say("class:" + now.name, "class `" + now.name + "` would permit " + Listed(now.columns), now.at);
  }

  // Classified columns of rows that are nobody's do not leave.
  void OneSubject(const Subject& now) {
    const auto before = std::find_if(base_.subjects.begin(), base_.subjects.end(), [&](const Subject& one) { return one.name == now.name; });
    for (const auto& [model, column] : now.key_columns) {
      const std::string* was = nullptr;
      if (before != base_.subjects.end()) {
        const auto found = before->key_columns.find(model);
        if (found != before->key_columns.end()) was = &found->second;
      }
      if (was != nullptr && *was == column) continue;
      Say("subject:" + now.name + "/" + model, "rows of `" + model + "` would be about the `" + now.name + "` of column `" + column + "`" +
                                                   (was == nullptr ? "" : "; it is of `" + *was + "`"), now.at);
    }
  }

  // What is given to any destination, to a trust or to a role is given to it.
  void NewDestination(const DestinationFacts& now) {
    if (base_.FindDestination(now.name) != nullptr) return;
    Say("destination:" + now.name, "destination `" + now.name + "` would be known, read by " + Listed(now.readers) + ", of trust " + OrNone(now.trust),
        now.at);
  }

  void NewPurpose(const Purpose& now) {
    if (base_.FindPurpose(now.name) != nullptr || now.syncs.empty()) return;
    Say("purpose:" + now.name, "purpose `" + now.name + "` would be open to " + Listed(now.syncs), now.at);
  }

  void Destination(const DestinationFacts& before) {
    const DestinationFacts* const now = proposed_.FindDestination(before.name);
    if (now == nullptr) return;  // nothing goes there
    const auto differs = [&](const char* what, const std::string& old, const std::string& text) {
      if (old == text) return;
      Say("destination:" + before.name + "/" + what, std::string("the ") + what + " of destination `" + before.name + "` would be " + OrNone(text) +
                                                         "; it is " + OrNone(old), now->at);
    };
    differs("trust", before.trust, now->trust);
    differs("origin", before.origin, now->origin);
    if (before.readers != now->readers) {
      Say("destination:" + before.name + "/readers", "destination `" + before.name + "` would be read by " + Listed(now->readers) + "; it is by " +
                                                         Listed(before.readers), now->at);
    }
    const bool had = !before.transfer_mechanism.empty();
    if (had && before.transfer_mechanism != now->transfer_mechanism) differs("transfer mechanism", before.transfer_mechanism, now->transfer_mechanism);
    if (!before.transfer_until.empty() && (now->transfer_until.empty() || now->transfer_until > before.transfer_until)) {
      differs("last day of transfer", before.transfer_until, now->transfer_until);
    }
    const auto leave = [&](const char* what, LeaveAction old, LeaveAction action) {
      if (old == action || action == LeaveAction::kDelete) return;
      Say("destination:" + before.name + "/on_leave/" + what, "what is " + std::string(what) + " would be left as `" + std::string(Name(action)) +
                                                                  "` at destination `" + before.name + "`; it is `" + std::string(Name(old)) + "`", now->at);
    };
    leave("deleted", before.on_deleted, now->on_deleted);
    leave("withheld", before.on_withheld, now->on_withheld);
    leave("denied", before.on_denied, now->on_denied);
  }

  void OnePurpose(const Purpose& before) {
    const Purpose* const now = proposed_.FindPurpose(before.name);
    if (now == nullptr) return;
    const std::vector<std::string> more = Lacking(before.syncs, now->syncs);
    if (!more.empty()) Say("purpose:" + before.name, "purpose `" + before.name + "` would be open to " + Listed(more) + ", too", now->at);
  }

  void OneRule(const Rule& before) {
    const auto now = std::find_if(proposed_.rules.begin(), proposed_.rules.end(), [&](const Rule& one) { return one.id == before.id; });
    if (before.kind == Rule::Kind::kGive) {
      const bool gives = now != proposed_.rules.end() && now->kind == Rule::Kind::kGive;
      if (!gives || (now->subject == before.subject && (now->to == before.to || before.to == Audience{}))) return;
      return Say(before.id, "rule `" + before.id + "` would give `" + now->subject + "` to " + now->to.ToText() + "; it gives `" + before.subject + "` to " +
                                before.to.ToText(), now->at);
    }
    const std::string what = before.kind == Rule::Kind::kNever ? "never" : "rows";
    if (now == proposed_.rules.end() || now->kind != before.kind) {
      return Say(before.id, "rule `" + before.id + "` (`" + what + ": " + before.subject + "`) would be gone", now == proposed_.rules.end() ? before.at : now->at);
    }
    const bool covers = before.kind == Rule::Kind::kNever ? Covers(now->subject, before.subject) : now->subject == before.subject;
    if (!covers) Say(before.id + "/" + what, "rule `" + before.id + "` would be about `" + now->subject + "`; it is about `" + before.subject + "`", now->at);
    if (!(now->to == before.to) && !(now->to == Audience{})) {
      Say(before.id + "/to", "rule `" + before.id + "` would hold for " + now->to.ToText() + "; it holds for " + before.to.ToText(), now->at);
    }
    if (before.kind == Rule::Kind::kRows) {
      if (!IsAsStrict(before.send_if, now->send_if)) {
        Say(before.id + "/send_if", "rule `" + before.id + "` would let rows go by " + Ticked(now->send_if.ToYaml()) + "; it is by " +
                                        Ticked(before.send_if.ToYaml()), now->at);
      }
      return;
    }
    std::vector<std::string> more;
    for (const TransformKind form : now->except) {
      if (std::find(before.except.begin(), before.except.end(), form) == before.except.end()) more.emplace_back(Name(form));
    }
    if (!more.empty()) Say(before.id + "/except", "rule `" + before.id + "` would let " + Listed(more) + " through", now->at);
  }

  void OneWaiver(const Waiver& now) {
    const auto before = std::find_if(base_.waivers.begin(), base_.waivers.end(), [&](const Waiver& one) { return one.id == now.id; });
    const std::string lifts = "waiver `" + now.id + "` would lift `" + now.rule + "` of `" + now.target + "` until " + now.expires;
    if (before == base_.waivers.end()) return Say(now.id, lifts, now.at);
    const bool same = before->rule == now.rule && before->target == now.target && before->models == now.models && before->destination == now.destination;
    if (!same || now.expires > before->expires) {
      Say(now.id, lifts + (same ? "; it is until " + before->expires : "; it is bound to something else"), now.at);
    }
  }

  void Declassified(const Declassification& now) {
    const auto before = std::find_if(base_.declassified.begin(), base_.declassified.end(), [&](const Declassification& one) {
      return one.of_class == now.of_class && one.code == now.code && one.expires >= now.expires && Lacking(one.columns, now.columns).empty();
    });
    if (before != base_.declassified.end()) return;
    Say("declassify:" + now.of_class + "/" + Listed(now.columns), Listed(now.columns) + " would be declassified as `" + now.of_class + "` until " + now.expires, now.at);
  }

  void ApprovalRights() {
    if (!proposed_.approvals) return;
    const Approvals& now = *proposed_.approvals;
    if (!base_.approvals) return Say("approvals", "persons could sign for what guards and the gate hold", now.at);
    const Approvals& before = *base_.approvals;
    if (before.signers_text != now.signers_text) Say("approvals/signers", "other persons could sign for what guards and the gate hold", now.signers_at);
    if (now.max_days > before.max_days) {
      Say("approvals/max_days", "an approval could hold " + std::to_string(now.max_days) + " days; it is " + std::to_string(before.max_days), now.at);
    }
    if ((before.two_persons_for_guards && !now.two_persons_for_guards) || (before.two_persons_for_override && !now.two_persons_for_override)) {
      Say("approvals/two_persons", "one person alone could sign", now.at);
    }
    const std::vector<std::string> gone = Lacking(now.never_waivable, before.never_waivable);
    if (!gone.empty()) Say("approvals/never_waivable", Listed(gone) + " could be waived or overridden", now.at);
  }

  const Policy& base_;
  const Policy& proposed_;
  std::vector<Loosening> out_;
};

}  // namespace

std::vector<Loosening> FindLoosenings(const Policy& base, const Policy& proposed) { return Comparer(base, proposed).Run(); }

}  // namespace weir::policies
