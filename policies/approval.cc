#include "policies/approval.h"

#include <algorithm>
#include <charconv>

#include "audit/utf8.h"
#include "manifest/fields.h"
#include "manifest/timestamp.h"

namespace weir::policies {
namespace {

constexpr std::string_view kFirstLine = "weir approval v1";
constexpr std::size_t kMaxTextBytes = 500;
constexpr std::size_t kMaxLifts = 50;
constexpr std::string_view kNone = "none";

bool IsHex(std::string_view text, std::size_t size) {
  return text.size() == size && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool IsCode(std::string_view text) {
  return text.starts_with("W-") && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<audit::Time> ParseTime(std::string_view text) {
  const auto time = manifest::ParseTimestamp(text);
  if (!time) return std::nullopt;
  return std::chrono::time_point_cast<std::chrono::microseconds>(*time);
}

std::string Joined(const std::vector<std::string>& codes) {
  std::string out;
  for (const std::string& code : codes) out += (out.empty() ? "" : ",") + code;
  return out;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    out.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

// Lines in their order, each asked for by its key.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool Is(std::string_view line) {
    if (!rest_.starts_with(line) || !rest_.substr(line.size()).starts_with('\n')) return false;
    rest_.remove_prefix(line.size() + 1);
    return true;
  }
  // nullopt: the next line has another key.
  std::optional<std::string> Take(std::string_view key) {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos || !rest_.starts_with(key) || !rest_.substr(key.size()).starts_with(": ")) {
      return std::nullopt;
    }
    std::string value(rest_.substr(key.size() + 2, end - key.size() - 2));
    rest_.remove_prefix(end + 1);
    return value;
  }
  bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// One reading of a document; the first thing that is wrong is told.
class ApprovalParser {
 public:
  ApprovalParser(std::string_view text, std::string* problem) : text_(text), lines_(text), problem_(*problem) {}

  std::optional<Approval> Parse() {
    if (!lines_.Is(kFirstLine)) return Fail("does not begin with `" + std::string(kFirstLine) + "`");
    if (!ReadScope() || !ReadGrant() || !ReadPersons() || !ReadTimes()) return std::nullopt;
    // One document, one text: what reads alike but is written otherwise is not what a person signed.
    if (!lines_.AtEnd() || out_.ToText() != text_) return Fail("is not written as `weir approve` writes it");
    return std::move(out_);
  }

 private:
  std::nullopt_t Fail(std::string problem) {
    problem_ = std::move(problem);
    return std::nullopt;
  }

  bool Text(std::string_view key, std::string* into) {
    const std::optional<std::string> value = lines_.Take(key);
    if (!value || !IsApprovalText(*value)) {
      Fail("has no good `" + std::string(key) + "`");
      return false;
    }
    *into = *value;
    return true;
  }

  bool Time(std::string_view key, audit::Time* into) {
    std::string text;
    if (!Text(key, &text)) return false;
    const std::optional<audit::Time> time = ParseTime(text);
    if (!time) Fail("has no good `" + std::string(key) + "`");
    if (time) *into = *time;
    return time.has_value();
  }

  bool Count(std::string_view key, std::optional<std::uint64_t>* into) {
    const std::optional<std::string> text = lines_.Take(key);
    if (!text) return true;
    *into = ParseNumber(*text);
    if (!*into) Fail("has no good `" + std::string(key) + "`");
    return into->has_value();
  }

  bool ReadScope() {
    std::string kind;
    if (!Text("kind", &kind)) return false;
    if (kind != Name(Approval::Kind::kGuards) && kind != Name(Approval::Kind::kOverride)) {
      Fail("has no good `kind`");
      return false;
    }
    out_.kind = kind == Name(Approval::Kind::kGuards) ? Approval::Kind::kGuards : Approval::Kind::kOverride;
    if (!Text("tenant", &out_.tenant) || !Text("environment", &out_.environment) || !Text("sync", &out_.sync) ||
        !Text("plan", &out_.plan_digest)) {
      return false;
    }
    if (!IsHex(out_.plan_digest, 64)) Fail("has no good `plan`");
    return IsHex(out_.plan_digest, 64);
  }

  bool ReadGrant() {
    if (out_.kind == Approval::Kind::kOverride) {
      std::string lifts;
      if (!Text("lifts", &lifts)) return false;
      out_.lifts = Split(lifts);
      const bool good = out_.lifts.size() <= kMaxLifts && std::all_of(out_.lifts.begin(), out_.lifts.end(), IsCode) &&
                        std::adjacent_find(out_.lifts.begin(), out_.lifts.end(), std::greater_equal<>()) == out_.lifts.end();
      if (!good) Fail("has no good `lifts`");
      return good;
    }
    if (!Count("max_deletes", &out_.max_deletes) || !Count("max_changes", &out_.max_changes) ||
        !Count("min_rows", &out_.min_rows)) {
      return false;
    }
    const bool some = out_.max_deletes || out_.max_changes || out_.min_rows;
    if (!some) Fail("approves nothing");
    return some;
  }

  bool ReadPersons() {
    std::string run;
    if (!Text("run", &run)) return false;
    if (run != kNone) {
      out_.run = ParseNumber(run);
      if (!out_.run) Fail("has no good `run`");
      if (!out_.run) return false;
    }
    return Text("requested_by", &out_.requested_by) && Text("reason", &out_.reason);
  }

  bool ReadTimes() {
    if (!Time("created", &out_.created) || !Time("expires", &out_.expires) || !Text("nonce", &out_.nonce)) return false;
    if (out_.expires <= out_.created) Fail("ends before it begins");
    else if (!IsHex(out_.nonce, 32)) Fail("has no good `nonce`");
    return out_.expires > out_.created && IsHex(out_.nonce, 32);
  }

  std::string_view text_;
  Lines lines_;
  std::string& problem_;
  Approval out_;
};

void AppendLine(std::string* out, std::string_view key, std::string_view value) {
  out->append(key).append(": ").append(value).append("\n");
}

std::optional<ApprovalProblem> WhyNotHere(const Approval& approval, const ApprovalNeed& need) {
  const auto other = [](std::string_view what, const std::string& its, const std::string& ours) {
    return ApprovalProblem{"W-APR-012", "is for " + std::string(what) + " `" + its + "`, and this is `" + ours + "`"};
  };
  if (approval.tenant != need.tenant) return other("tenant", approval.tenant, need.tenant);
  if (approval.environment != need.environment) return other("environment", approval.environment, need.environment);
  if (approval.sync != need.sync) return other("sync", approval.sync, need.sync);
  if (approval.kind != need.kind) {
    return ApprovalProblem{"W-APR-012", approval.kind == Approval::Kind::kGuards ? "is about guards, and the gate holds"
                                                                                  : "is about the gate, and a guard holds"};
  }
  if (approval.plan_digest == need.plan_digest) return std::nullopt;
  return ApprovalProblem{"W-APR-013", "is for another plan (" + approval.plan_digest.substr(0, 12) +
                                          "…): policy, mapping, dbt's build or its evidence changed since; ask again"};
}

std::optional<ApprovalProblem> WhyNotNow(const Approval& approval, const Approvals& policy, audit::Time now) {
  if (approval.created > now) {
    return ApprovalProblem{"W-APR-014", "was made at " + audit::FormatTime(approval.created) +
                                            ", which has not come yet; the clock of one machine is wrong"};
  }
  if (approval.expires <= now) return ApprovalProblem{"W-APR-014", "expired at " + audit::FormatTime(approval.expires)};
  if (approval.expires - approval.created > std::chrono::days(policy.max_days)) {
    return ApprovalProblem{"W-APR-014", "holds for longer than the policy's `max_days: " + std::to_string(policy.max_days) + "`"};
  }
  return std::nullopt;
}

std::optional<ApprovalProblem> WhyNotSoMany(const Approval& approval, const ApprovalNeed& need) {
  const auto most = [](const std::optional<std::uint64_t>& ceiling, std::uint64_t count, std::string_view what) {
    const std::string there = ", and there are " + std::to_string(count);
    return ApprovalProblem{"W-APR-015", ceiling ? "allows at most " + std::to_string(*ceiling) + " " + std::string(what) + there
                                                : "says nothing about " + std::string(what) + there};
  };
  if (need.deletes && (!approval.max_deletes || *need.deletes > *approval.max_deletes)) {
    return most(approval.max_deletes, *need.deletes, "deletes");
  }
  if (need.changes && (!approval.max_changes || *need.changes > *approval.max_changes)) {
    return most(approval.max_changes, *need.changes, "changes");
  }
  if (need.rows && (!approval.min_rows || *need.rows < *approval.min_rows)) {
    const std::string there = ", and there are " + std::to_string(*need.rows);
    return ApprovalProblem{"W-APR-015", approval.min_rows ? "needs at least " + std::to_string(*approval.min_rows) + " rows" + there
                                                          : "says nothing about the number of rows" + there};
  }
  for (const std::string& code : need.lifts) {
    if (!std::binary_search(approval.lifts.begin(), approval.lifts.end(), code)) {
      return ApprovalProblem{"W-APR-015", "does not lift " + code};
    }
  }
  return std::nullopt;
}

std::string FoldedName(std::string_view person) {
  std::string name(person.substr(0, person.find('@')));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return name;
}

}  // namespace

std::string_view Name(Approval::Kind kind) { return kind == Approval::Kind::kGuards ? "guards" : "override"; }

std::string Approval::ToText() const {
  std::string out(kFirstLine);
  out += '\n';
  AppendLine(&out, "kind", Name(kind));
  AppendLine(&out, "tenant", tenant);
  AppendLine(&out, "environment", environment);
  AppendLine(&out, "sync", sync);
  AppendLine(&out, "plan", plan_digest);
  if (kind == Kind::kOverride) AppendLine(&out, "lifts", Joined(lifts));
  if (max_deletes) AppendLine(&out, "max_deletes", std::to_string(*max_deletes));
  if (max_changes) AppendLine(&out, "max_changes", std::to_string(*max_changes));
  if (min_rows) AppendLine(&out, "min_rows", std::to_string(*min_rows));
  AppendLine(&out, "run", run ? std::to_string(*run) : std::string(kNone));
  AppendLine(&out, "requested_by", requested_by);
  AppendLine(&out, "reason", reason);
  AppendLine(&out, "created", audit::FormatTime(created));
  AppendLine(&out, "expires", audit::FormatTime(expires));
  AppendLine(&out, "nonce", nonce);
  return out;
}

std::optional<Approval> Approval::Parse(std::string_view text, std::string* problem) {
  return ApprovalParser(text, problem).Parse();
}

bool IsApprovalText(std::string_view text) {
  if (text.empty() || text.size() > kMaxTextBytes || text.front() == ' ' || text.back() == ' ') return false;
  if (!audit::IsUtf8(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    const std::string_view rest = text.substr(i);
    // U+0080 to U+009F; U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F; U+061C; U+FEFF.
    const auto at = [&](std::size_t k) { return k < rest.size() ? static_cast<unsigned char>(rest[k]) : 0u; };
    if (byte == 0xc2 && at(1) < 0xa0) return false;
    if (byte == 0xd8 && at(1) == 0x9c) return false;
    if (byte == 0xe2 && at(1) == 0x80 && ((at(2) >= 0x8b && at(2) <= 0x8f) || (at(2) >= 0xa8 && at(2) <= 0xae))) return false;
    if (byte == 0xe2 && at(1) == 0x81 && at(2) >= 0xa0 && at(2) <= 0xaf) return false;
    if (byte == 0xef && at(1) == 0xbb && at(2) == 0xbf) return false;
  }
  return true;
}

std::optional<audit::Time> ParseExpiry(std::string_view text, audit::Time now) {
  const std::chrono::seconds whole = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  if (text.size() == 10) {
    const auto day = ParseTime(std::string(text) + "T23:59:59Z");
    if (!day || audit::FormatTime(*day).substr(0, 10) != text) return std::nullopt;
    return day;
  }
  const auto seconds = manifest::ParseDurationSeconds(text);
  // Ten years are no time for which anybody approves anything, and far from what a time can hold.
  if (!seconds || *seconds <= 0 || *seconds > 10 * 366 * 86'400) return std::nullopt;
  return audit::Time(whole + std::chrono::seconds(*seconds));
}

std::optional<ApprovalProblem> WhyNot(const Approval& approval, const ApprovalNeed& need, const Approvals& policy,
                                      audit::Time now) {
  if (auto problem = WhyNotHere(approval, need)) return problem;
  if (auto problem = WhyNotNow(approval, policy, now)) return problem;
  return WhyNotSoMany(approval, need);
}

bool MayBeSamePerson(std::string_view a, std::string_view b) { return FoldedName(a) == FoldedName(b); }

std::size_t PersonsNeeded(Approval::Kind kind, const Approvals& policy) {
  const bool two = kind == Approval::Kind::kGuards ? policy.two_persons_for_guards : policy.two_persons_for_override;
  return two ? 2 : 1;
}

}  // namespace weir::policies
