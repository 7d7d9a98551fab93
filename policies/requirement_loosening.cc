#include <algorithm>
#include <array>
#include <string_view>

#include "policies/policy_document.h"
#include "policies/policy_loosening.h"

namespace weir::policies {
namespace {

std::string Ticked(const std::string& text) { return "`" + text + "`"; }
std::string OrNone(const std::string& text) { return text.empty() ? "nothing" : Ticked(text); }

std::string OrNothing(const std::optional<Limit>& limit) { return limit ? Ticked(ToText(*limit)) : "nothing"; }
std::string OrNothing(const std::optional<std::int64_t>& count) { return count ? Ticked(std::to_string(*count)) : "nothing"; }

std::string Seconds(const std::optional<std::int64_t>& seconds, std::string_view without) {
  return seconds ? Ticked(std::to_string(*seconds) + "s") : std::string(without);
}

// Names of `few` that `many` lacks.
std::vector<std::string> Lacking(const std::vector<std::string>& many, const std::vector<std::string>& few) {
  std::vector<std::string> out;
  for (const std::string& name : few) {
    if (std::find(many.begin(), many.end(), name) == many.end()) out.push_back(name);
  }
  return out;
}

// `now` allows what `before` did not; an absent limit allows everything. Of a count and a share neither is the lower.
bool IsWider(const std::optional<Limit>& before, const std::optional<Limit>& now) {
  if (!before) return false;
  return !now || now->percent != before->percent || now->value > before->value;
}

bool IsWider(const std::optional<std::int64_t>& before, const std::optional<std::int64_t>& now) {
  return before && (!now || *now > *before);
}

std::size_t Rank(std::string_view maturity) {
  static constexpr auto kOrder = std::to_array<std::string_view>({"", "low", "medium", "high"});
  return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), maturity) - kOrder.begin());
}

class Comparer {
 public:
  Comparer(const Requirement& before, const Requirement& now, std::vector<Loosening>* out)
      : before_(before), now_(now), out_(out) {}

  void Run() {
    if (before_.Enforced() && !now_.Enforced()) {
      Say("enforced", std::string("would hold nothing (`") + (now_.observe ? "mode: observe" : "severity: warn") + "`)");
    }
    if (before_.select != now_.select) Say("select", "would select " + Ticked(now_.select) + "; it is " + Ticked(before_.select));
    if (before_.for_what != now_.for_what) Say("for", "would be for " + Ticked(now_.for_what) + "; it is for " + Ticked(before_.for_what));
    Tests();
    Facts();
    Guards();
    KAnonymity();
  }

  // What is asked of tests alone.
  void Tests() {
    if (before_.tests && !now_.tests) return Say("tests", "would ask for no tests");
    if (!before_.tests) return;
    if (before_.primary_key && !now_.primary_key) Say("primary_key", "would not ask for a tested key");
    for (const auto& [of_class, tests] : before_.by_class) {
      const auto found = now_.by_class.find(of_class);
      const std::vector<std::string> gone = Lacking(found == now_.by_class.end() ? std::vector<std::string>() : found->second, tests);
      if (!gone.empty()) Say(("by_class/" + of_class).c_str(), "would not ask for " + Listed(gone) + " of `" + of_class + "`");
    }
    const auto opened = [&](const char* what, WhenEvidence before, WhenEvidence now) {
      if (before == WhenEvidence::kHold && now == WhenEvidence::kSend) Say(what, "would send when a test is `" + std::string(what) + "`");
    };
    opened("fail", before_.on_fail, now_.on_fail);
    opened("warn", before_.on_warn, now_.on_warn);
    opened("missing", before_.on_missing, now_.on_missing);
    // A test since the last build may be older than any time, and younger.
    if (before_.within_seconds != now_.within_seconds && (!before_.within_seconds || !now_.within_seconds || *now_.within_seconds > *before_.within_seconds)) {
      Say("within", "would take tests within " + Seconds(now_.within_seconds, "`since_last_build`") + "; it is " +
                        Seconds(before_.within_seconds, "`since_last_build`"));
    }
  }

 private:
  void Say(const char* what, const std::string& text) {
    out_->push_back({before_.id + "/" + what, "requirement `" + before_.id + "` " + text, now_.at});
  }

  void Facts() {
    if (before_.fresh && (!now_.fresh || IsWider(before_.fresh_max_age_seconds, now_.fresh_max_age_seconds))) {
      Say("fresh", "would take sources as old as " + Seconds(now_.fresh_max_age_seconds, "they are") + "; it is " +
                       Seconds(before_.fresh_max_age_seconds, "as dbt says"));
    }
    if (!before_.owner_email_pattern.empty() && before_.owner_email_pattern != now_.owner_email_pattern) {
      Say("owner", "would ask for an owner of " + OrNone(now_.owner_email_pattern) + "; it is " + Ticked(before_.owner_email_pattern));
    }
    const auto widened = [&](const char* what, const std::vector<std::string>& before, const std::vector<std::string>& now) {
      if (before.empty()) return;
      if (now.empty()) return Say(what, std::string("would not ask for `") + what + "`");
      const std::vector<std::string> more = Lacking(before, now);
      if (!more.empty()) Say(what, std::string("would take ") + Listed(more) + " as `" + what + "`, too");
    };
    widened("access", before_.access, now_.access);
    if (before_.groups && !now_.groups) {
      Say("groups", "would not ask for `groups`");
    } else if (before_.groups && !before_.groups->names.empty() && now_.groups->names.empty()) {
      Say("groups", "would take any group");
    } else if (before_.groups) {
      widened("groups", before_.groups->names, now_.groups->names);
    }
    if (before_.contract && !now_.contract) Say("contract", "would not ask for an enforced contract");
    if (Rank(before_.maturity) > Rank(now_.maturity)) {
      Say("maturity", "would ask for a maturity of " + OrNone(now_.maturity) + "; it is " + Ticked(before_.maturity));
    }
    if (!before_.versions) return;
    const RequiredVersions now = now_.versions.value_or(RequiredVersions{false, WhenEvidence::kSend, std::nullopt});
    const RequiredVersions& before = *before_.versions;
    if ((before.latest_only && !now.latest_only) || (before.deprecated == WhenEvidence::kHold && now.deprecated == WhenEvidence::kSend) ||
        IsWider(before.max_active, now.max_active)) {
      Say("versions", "would take more versions of a model");
    }
  }

  void Guards() {
    const auto wider = [&](const char* what, const std::optional<Limit>& before, const std::optional<Limit>& now) {
      if (IsWider(before, now)) Say(what, std::string("would have `") + what + "` of " + OrNothing(now) + "; it is " + OrNothing(before));
    };
    wider("max_deletes", before_.guards.max_deletes, now_.guards.max_deletes);
    wider("max_changes", before_.guards.max_changes, now_.guards.max_changes);
    const auto &before = before_.guards.min_rows, &now = now_.guards.min_rows;
    if (before && (!now || *now < *before)) Say("min_rows", "would have `min_rows` of " + OrNothing(now) + "; it is " + OrNothing(before));
  }

  void KAnonymity() {
    if (!before_.k_anonymity) return;
    if (!now_.k_anonymity) return Say("k_anonymity", "would count no groups (`k_anonymity` is gone)");
    if (now_.k_anonymity->k < before_.k_anonymity->k) {
      Say("k_anonymity/k", "would ask for groups of " + std::to_string(now_.k_anonymity->k) + " rows; it is " +
                               std::to_string(before_.k_anonymity->k));
    }
    const std::vector<std::string> gone = Lacking(now_.k_anonymity->columns, before_.k_anonymity->columns);
    if (!gone.empty()) Say("k_anonymity/columns", "would not count groups by " + Listed(gone));
  }

  const Requirement& before_;
  const Requirement& now_;
  std::vector<Loosening>* out_;
};

// What asks for tests takes the place of what is asked where nothing does.
void InPlaceOfTheDefault(const Requirement& now, std::vector<Loosening>* out) {
  if (!now.tests || !now.Enforced()) return;
  Requirement by_default;
  by_default.id = now.id;
  by_default.tests = true;
  Comparer(by_default, now, out).Tests();
}

}  // namespace

std::vector<Loosening> FindLoosenedRequirements(const Policy& base, const Policy& proposed) {
  std::vector<Loosening> out;
  for (const Requirement& before : base.requirements) {
    const auto now = std::find_if(proposed.requirements.begin(), proposed.requirements.end(),
                                  [&](const Requirement& one) { return one.id == before.id; });
    if (now == proposed.requirements.end()) {
      out.push_back({before.id, "requirement `" + before.id + "` would be gone", before.at});
    } else {
      Comparer(before, *now, &out).Run();
      if (!before.tests) InPlaceOfTheDefault(*now, &out);
    }
  }
  for (const Requirement& now : proposed.requirements) {
    const bool known = std::any_of(base.requirements.begin(), base.requirements.end(),
                                   [&](const Requirement& one) { return one.id == now.id; });
    if (!known) InPlaceOfTheDefault(now, &out);
  }
  return out;
}

}  // namespace weir::policies
