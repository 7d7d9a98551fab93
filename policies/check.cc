#include "policies/check.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "audit/digest.h"
#include "manifest/project_diff.h"
#include "policies/audience.h"
#include "policies/check_changes.h"
#include "policies/check_escapes.h"
#include "policies/check_hooks.h"
#include "policies/check_lineage.h"
#include "policies/check_made_of.h"
#include "policies/check_policies.h"
#include "policies/check_requirements.h"
#include "policies/pattern.h"
#include "policies/policy_document.h"
#include "policies/shared_object.h"
#include "policies/validate.h"

namespace weir::policies {
namespace {

using manifest::Project;

std::string Fingerprint(const Finding& finding) {
  std::string text;
  for (const std::string* field : {&finding.rule, &finding.target, &finding.column, &finding.destination}) {
    audit::AppendField(&text, *field);
  }
  if (!finding.detail.empty()) audit::AppendField(&text, finding.detail);
  return audit::Hex(audit::Sha256(text)).substr(0, 16);
}

// An address, a telephone or card number, an SSN: written by hand into a sync, it passes by every class.
bool LooksPersonal(const std::string& constant) {
  static const std::string kPersonal = R"([^@\s]+@[^@\s]+\.[A-Za-z]{2,}|\+[0-9][0-9 ()./-]{6,}[0-9]|\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b|\b[0-9](?:[ -]?[0-9]){12,18}\b)";
  return PatternFound(kPersonal, constant);
}

// One side alone: its findings by fingerprint, its egress by sync and field.
class Side {
 public:
  explicit Side(const CheckSide& side)
      : policy_(*side.policy), project_(*side.project), classes_(policy_, project_), positions_(*side.project, side.declarations, side.folder) {
    for (const SyncSpec& sync : *side.syncs) {
      AddSync(sync);
      AddShared(sync, *side.syncs);
    }
    AddAll(FindUnmet(side, decisions_));
    AddAll(FindLineage(side, classes_));
    AddAll(FindShown(side));
    AddPolicy();
    AddOrigins(side);
  }

  std::map<std::string, Finding>& findings() { return findings_; }
  std::map<std::pair<std::string, std::string>, EgressRow>& egress() { return egress_; }

  const std::vector<SyncDecision>& decisions() const { return decisions_; }

  void AddAll(std::vector<Finding> findings) {
    for (Finding& finding : findings) Add(std::move(finding));
  }

 private:
  // Two things to say under one fingerprint become one finding: a platform drops the second.
  void Add(Finding finding) {
    finding.fingerprint = Fingerprint(finding);
    finding.why = WhyOf(finding.rule);
    const auto [found, first] = findings_.try_emplace(finding.fingerprint, finding);
    if (first) return;
    Finding& before = found->second;
    if (before.message.find(finding.message) == std::string::npos) before.message += "; " + finding.message;
    before.level = std::min(before.level, finding.level);
    before.covers.insert(before.covers.end(), finding.covers.begin(), finding.covers.end());
    std::sort(before.covers.begin(), before.covers.end());
    before.covers.erase(std::unique(before.covers.begin(), before.covers.end()), before.covers.end());
    before.about.insert(before.about.end(), finding.about.begin(), finding.about.end());
    // A waiver for a part of it excuses no more than that part.
    if (!finding.suppressed_by.empty()) return;
    before.suppressed_by.clear();
    before.suppression.clear();
  }

  std::string WhyOf(const std::string& id) const {
    for (const Rule& rule : policy_.rules) {
      if (rule.id == id) return rule.why;
    }
    for (const Requirement& requirement : policy_.requirements) {
      if (requirement.id == id) return requirement.why;
    }
    return {};
  }

  void AddSync(const SyncSpec& sync) {
    SyncDecision decision = Decide(policy_, project_, sync, &classes_);
    Finding base;
    base.target = sync.id;
    base.destination = sync.destination;
    base.SetPlace(positions_.Of(sync));
    for (const std::string& refusal : decision.refusals) {
      Finding finding = base;
      finding.rule = "sync-refused";
      finding.message = refusal;
      Add(std::move(finding));
    }
    if (decision.model != nullptr && decision.model->relation_name.empty() && decision.model->materialized == "ephemeral") {
      Finding finding = base;
      finding.rule = "sync-refused";
      finding.message = "model `" + decision.model->name + "` is ephemeral, so that no table holds it; materialize it as a table or a view";
      Add(std::move(finding));
    }
    for (const ColumnDecision& column : decision.columns) {
      AddColumn(sync, decision, column, base);
      Finding finding = base;
      finding.rule = "sync-refused";
      finding.column = (decision.model == nullptr ? column.model : decision.model->name.str()) + "." + column.column;
      finding.message = column.CannotRun();
      if (!finding.message.empty()) Add(std::move(finding));
    }
    for (const SyncSpec::Mapped& mapped : sync.columns) {
      if (!mapped.column.empty()) continue;
      EgressRow row = RowOf(sync, base);
      row.column = "constant";
      row.field = mapped.field;
      row.transform = "constant";
      row.reason = "the same for every row";
      egress_[{sync.id, row.field}] = std::move(row);
      if (!LooksPersonal(mapped.constant)) continue;
      Finding finding = base;
      finding.rule = "constant-personal";
      finding.level = FindingLevel::kWarning;
      finding.detail = mapped.field;
      finding.message = "the constant of field `" + mapped.field + "` looks like somebody's data, which no rule decides; take it out";
      Add(std::move(finding));
    }
    decisions_.push_back(std::move(decision));
  }

  // Once for a pair: of the sync whose id is the later one.
  void AddShared(const SyncSpec& sync, const std::vector<SyncSpec>& syncs) {
    for (const SyncSpec* other : SharingObject(sync, syncs)) {
      if (other->id > sync.id) continue;
      Finding finding;
      finding.rule = "object-shared";
      finding.level = DeleteEachOther(sync, *other) ? FindingLevel::kError : FindingLevel::kWarning;
      finding.target = sync.id;
      finding.destination = sync.destination;
      finding.detail = other->id;
      finding.message = SharedObjectText(sync, *other);
      finding.SetPlace(positions_.Of(sync));
      Add(std::move(finding));
    }
  }

  static EgressRow RowOf(const SyncSpec& sync, const Finding& base) {
    EgressRow row;
    row.target = sync.id;
    row.destination = sync.destination;
    row.purpose = sync.purpose;
    row.path = base.path;
    row.line = base.line;
    return row;
  }

  void AddColumn(const SyncSpec& sync, const SyncDecision& decision, const ColumnDecision& column,
                 const Finding& base) {
    const std::string model = decision.model == nullptr ? column.model : decision.model->name.str();
    Finding finding = base;
    finding.column = model + "." + column.column;
    finding.SetPlace(positions_.OfColumn(column.model, column.column, positions_.Of(sync)));
    if (column.use == Use::kSend || column.use == Use::kMatch) {
      EgressRow row = RowOf(sync, finding);
      row.column = finding.column;
      row.field = column.field;
      row.transform = column.denied() ? "denied" : column.transform.ToText();
      row.rules = column.rules;
      row.reason = column.reason;
      row.denied = column.denied();
      if (decision.destination != nullptr) row.on_leave = std::string(Name(decision.destination->on_denied));
      egress_[{sync.id, row.field}] = std::move(row);
    }
    // Where the destination or the model is unknown, the refusal says it once for all columns.
    const bool decided = decision.destination != nullptr && decision.model != nullptr;
    if (decided && column.denied() && column.use == Use::kSend) {
      finding.rule = column.rules.size() == 1 ? column.rules.front() : "column-denied";
      finding.message =
          "column `" + column.column + "` may not leave to `" + sync.destination + "`: " + column.reason;
      Add(finding);
    }
    if (!column.denied() && column.classes.empty() &&
        (column.use == Use::kSend || column.use == Use::kMatch)) {
      finding.rule = "column-unclassified";
      finding.level = FindingLevel::kWarning;
      finding.message = "column `" + column.column + "`: " + column.reason;
      Add(finding);
    }
    if (!column.conflict.empty()) {
      finding.rule = "rules-conflict";
      finding.level = FindingLevel::kWarning;
      finding.message = "column `" + column.column + "`: " + column.conflict + "; it is sent as `" +
                        column.transform.ToText() + "`";
      Add(finding);
    }
    if (!column.unfit.empty()) {
      finding.rule = "transform-unfit";
      finding.level = FindingLevel::kWarning;
      finding.message = "column `" + column.column + "`: " + column.unfit + "; give a form that fits, or correct the type";
      Add(finding);
    }
  }

  void AddPolicy() {
    manifest::Diagnostics diagnostics;
    ValidateAgainst(policy_, project_, &diagnostics);
    for (const manifest::Diagnostic& diagnostic : diagnostics.Sorted()) {
      Finding finding;
      finding.rule = "policy-unmatched";
      finding.level = diagnostic.severity == manifest::Severity::kError ? FindingLevel::kError : FindingLevel::kWarning;
      finding.target = "policy";
      // The message is the only thing that tells two of them apart, and it is made of names alone.
      finding.column = diagnostic.message.substr(0, diagnostic.message.find(';'));
      finding.message = diagnostic.message;
      finding.path = diagnostic.file;
      finding.line = diagnostic.position.line;
      finding.line_column = diagnostic.position.column;
      Add(std::move(finding));
    }
  }

  // weir.yml may be changed with the models: where a destination is, the policy says. The sync refuses it as well.
  void AddOrigins(const CheckSide& side) {
    for (const auto& [name, origin] : side.origins) {
      const DestinationFacts* const facts = policy_.FindDestination(name);
      if (facts == nullptr || facts->origin == origin) continue;
      Finding finding;
      finding.rule = "origin-differs";
      finding.target = "destination:" + name;
      finding.destination = name;
      finding.detail = origin;
      finding.message = "destination `" + name + "` is at `" + origin + "` by " + side.config + ", and the policy pins it to `" +
                        facts->origin + "`; correct one of them";
      finding.path = side.config;
      Add(std::move(finding));
    }
  }

  const Policy& policy_;
  const Project& project_;
  const Classifier classes_;
  Positions positions_;
  std::vector<SyncDecision> decisions_;  // one for each sync
  std::map<std::string, Finding> findings_;
  std::map<std::pair<std::string, std::string>, EgressRow> egress_;
};

// Both sorted.
std::vector<std::string> Without(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  std::vector<std::string> out;
  std::set_difference(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(out));
  return out;
}

// Why two manifests cannot be base and head of one pull request; empty: they may be. That the base is the protected
// branch's is for whoever fetches it to see to.
std::string NoBase(const Project& head, const Project& base) {
  if (base.metadata.project_name != head.metadata.project_name) {
    return "the base is of project `" + base.metadata.project_name + "`, the head of `" + head.metadata.project_name + "`";
  }
  if (!head.digest.empty() && head.digest == base.digest) return "the base's manifest is the head's own";
  return {};
}

Finding UntrustedBase(const std::string& why, const Project& base) {
  Finding finding;
  finding.rule = "base-untrusted";
  finding.target = "base";
  finding.message = why + ", so nothing is compared and everything counts as new; give the artifacts of the protected "
                          "branch as `--base`";
  finding.path = base.path;
  return finding;
}

void Compare(Side* head, Side* base, CheckReport* report) {
  for (auto& [fingerprint, finding] : head->findings()) {
    const auto before = base->findings().find(fingerprint);
    if (before == base->findings().end()) continue;
    const std::vector<std::string> more = Without(finding.covers, before->second.covers);
    if (!more.empty()) {
      finding.message += "; not in the base: " + Listed(more);
    } else if (finding.level < before->second.level) {
      finding.message += "; in the base it is a warning";
    } else {
      finding.status = FindingStatus::kExisting;
    }
  }
  for (auto& [fingerprint, finding] : base->findings()) {
    if (head->findings().contains(fingerprint)) continue;
    finding.status = FindingStatus::kFixed;
    finding.suppressed_by.clear();
    finding.suppression.clear();
    report->findings.push_back(std::move(finding));
  }
  for (auto& [key, row] : head->egress()) {
    const auto before = base->egress().find(key);
    if (before == base->egress().end()) continue;
    const EgressRow& old = before->second;
    row.before = old.transform;
    const auto shape = [](const EgressRow& one) {
      return std::tie(one.transform, one.column, one.destination, one.purpose);
    };
    row.change = shape(row) == shape(old) ? EgressChange::kSame : EgressChange::kChanged;
    if (row.destination != old.destination || row.purpose != old.purpose) {
      row.reason = "went to `" + old.destination + "`" + (old.purpose.empty() ? "" : " (" + old.purpose + ")") +
                   " before; " + row.reason;
    }
    if (row.denied && !old.denied && !row.on_leave.empty()) row.reason += "; on_leave: " + row.on_leave;
  }
  for (auto& [key, row] : base->egress()) {
    if (head->egress().contains(key)) continue;
    row.change = EgressChange::kRemoved;
    row.before = std::move(row.transform);
    row.transform.clear();
    row.reason = "no longer sent; what was sent stays at `" + row.destination + "`";
    report->egress.push_back(std::move(row));
  }
}

// Which findings are about something that the pull request changes: asked only where a requirement wants to know.
void MarkTouched(const Project& head, const Project& base, std::map<std::string, Finding>* findings) {
  const bool asked = std::any_of(findings->begin(), findings->end(),
                                 [](const auto& one) { return one.second.reported == Reported::kChanged; });
  if (!asked) return;
  std::set<std::string> changed;
  for (const manifest::Change& change : manifest::DiffProjects({&base, nullptr}, {&head, nullptr}).changes) {
    changed.insert(change.node);
    if (const manifest::Test* test = head.FindTest(change.node)) changed.insert(test->attached_node);
  }
  for (auto& [fingerprint, finding] : *findings) {
    finding.touched = std::any_of(finding.about.begin(), finding.about.end(),
                                  [&](const std::string& id) { return changed.contains(id); });
  }
}

}  // namespace

std::string_view Name(FindingLevel level) { return level == FindingLevel::kError ? "error" : "warning"; }

std::string_view Name(FindingStatus status) {
  switch (status) {
    case FindingStatus::kNew:
      return "new";
    case FindingStatus::kExisting:
      return "existing";
    case FindingStatus::kFixed:
      return "fixed";
  }
  return "new";
}

std::string_view Name(EgressChange change) {
  switch (change) {
    case EgressChange::kAdded:
      return "added";
    case EgressChange::kChanged:
      return "changed";
    case EgressChange::kRemoved:
      return "removed";
    case EgressChange::kSame:
      return "same";
  }
  return "added";
}

std::size_t CheckReport::Count(FindingStatus status, FindingLevel level) const {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(),
      [&](const Finding& finding) {
        return finding.status == status && finding.level == level && finding.suppressed_by.empty();
      }));
}

std::size_t CheckReport::Suppressed() const {
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.status != FindingStatus::kFixed && !finding.suppressed_by.empty();
  }));
}

void LeaveOutUnreported(CheckReport* report) {
  std::erase_if(report->findings, [](const Finding& finding) {
    if (finding.reported == Reported::kNew) return finding.status != FindingStatus::kNew;
    return finding.reported == Reported::kChanged && finding.status == FindingStatus::kExisting && !finding.touched;
  });
}

CheckReport Check(const CheckSide& head, const CheckSide* base, const Policy* proposed) {
  CheckReport report;
  report.syncs = head.syncs->size();
  Side after(head);
  const std::string no_base = base == nullptr ? std::string() : NoBase(*head.project, *base->project);
  if (!no_base.empty()) after.AddAll({UntrustedBase(no_base, *base->project)});
  report.has_base = base != nullptr && no_base.empty();
  if (report.has_base) {
    Side before(*base);
    Compare(&after, &before, &report);
    after.AddAll(FindChanges(head, *base));
    after.AddAll(FindChangedConfig(head, *base));
    after.AddAll(FindRemade(head, *base, after.decisions()));
    after.AddAll(FindOtherHooks(head, *base));
    after.AddAll(FindEscapes(head, *base, after.decisions()));
  }
  if (report.has_base) MarkTouched(*head.project, *base->project, &after.findings());
  if (proposed != nullptr) after.AddAll(ComparePolicies(head, *proposed));
  for (auto& [fingerprint, finding] : after.findings()) report.findings.push_back(std::move(finding));
  for (auto& [key, row] : after.egress()) report.egress.push_back(std::move(row));
  if (report.has_base) LeaveOutUnreported(&report);
  std::sort(report.findings.begin(), report.findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.status, a.level, a.target, a.column, a.rule, a.fingerprint) <
           std::tie(b.status, b.level, b.target, b.column, b.rule, b.fingerprint);
  });
  std::sort(report.egress.begin(), report.egress.end(), [](const EgressRow& a, const EgressRow& b) {
    return std::tie(a.target, a.field, a.change) < std::tie(b.target, b.field, b.change);
  });
  return report;
}

}  // namespace weir::policies
