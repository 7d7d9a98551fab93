#include <algorithm>
#include <charconv>

#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Value;

constexpr std::string_view kShape = "W-POL-010";
constexpr std::int64_t kMaxWaitSeconds = 7 * 24 * 3600;
constexpr std::int64_t kMaxK = 1'000'000;

WhenEvidence ReadWhen(Fields* fields, std::string_view key, WhenEvidence otherwise) {
  const auto written = fields->Choice(key, {"hold", "send"});
  if (!written) return otherwise;
  return *written == "send" ? WhenEvidence::kSend : WhenEvidence::kHold;
}

void ReadTests(const Value& tests, const std::string& what, const std::string& file,
               manifest::Diagnostics* diagnostics, Requirement* out) {
  Fields fields(tests, "`tests` of " + what, file, std::string(kShape), diagnostics, "{primary_key: true}");
  out->tests = true;
  out->primary_key = fields.Bool("primary_key").value_or(false);
  if (const Value* by_class = fields.Any("by_class")) {
    Fields inner(*by_class, "`by_class` of " + what, file, std::string(kShape), diagnostics, "{pii: [not_null]}");
    for (const Value::Member& member : by_class->members()) {
      const std::vector<std::string> names = inner.Strings(member.key);
      if (names.empty())
        inner.Error(member.key_position,
                    "`" + member.key + "` under `by_class` of " + what + " lists no test");
      out->by_class[member.key] = names;
    }
  }
  out->on_fail = ReadWhen(&fields, "fail", out->on_fail);
  out->on_warn = ReadWhen(&fields, "warn", out->on_warn);
  out->on_missing = ReadWhen(&fields, "missing", out->on_missing);
  if (const auto within = fields.String("within"); within && *within != "since_last_build") {
    out->within_seconds = manifest::ParseDurationSeconds(*within);
    if (!out->within_seconds) {
      fields.Error(*fields.Any("within"),
                   "`within` of `tests` of " + what + " must be `since_last_build` or a time such as 6h");
    }
  }
  fields.Finish();
}

void ReadFresh(const Value& fresh, const std::string& what, const std::string& file,
               manifest::Diagnostics* diagnostics, Requirement* out) {
  Fields fields(fresh, "`fresh` of " + what, file, std::string(kShape), diagnostics, "{max_age: 6h}");
  out->fresh = true;
  if (const auto age = fields.RequiredString("max_age")) {
    out->fresh_max_age_seconds = manifest::ParseDurationSeconds(*age);
    if (!out->fresh_max_age_seconds) {
      fields.Error(*fields.Any("max_age"), "`max_age` of `fresh` of " + what + " must be a time such as 6h");
    }
  }
  if (const auto wait = fields.String("wait")) {
    out->fresh_wait_seconds = manifest::ParseDurationSeconds(*wait);
    if (!out->fresh_wait_seconds || *out->fresh_wait_seconds > kMaxWaitSeconds) {
      fields.Error(*fields.Any("wait"), "`wait` of `fresh` of " + what + " must be a time such as 2h, at most 7d");
    }
  }
  fields.Finish();
}

void ReadGuards(const Value& guards, const std::string& what, const std::string& file,
                manifest::Diagnostics* diagnostics, Requirement* out) {
  Fields fields(guards, "`guards` of " + what, file, std::string(kShape), diagnostics, "{max_deletes: 2%}");
  out->guards.max_deletes = ReadLimit(&fields, "max_deletes", "`guards` of " + what);
  out->guards.max_changes = ReadLimit(&fields, "max_changes", "`guards` of " + what);
  out->guards.min_rows = fields.Integer("min_rows", 0, std::int64_t{1} << 53);
  fields.Finish();
}

// Reports a list that is written and says nothing, which would ask for nothing in silence.
std::vector<std::string> ReadNames(Fields* fields, std::string_view key, const std::string& where) {
  std::vector<std::string> out = fields->Strings(key);
  const Value* const written = fields->Any(key);
  if (written != nullptr && written->kind() == Value::Kind::kList && written->items().empty()) {
    fields->Error(*written, "`" + std::string(key) + "` of " + where + " is empty");
  }
  return out;
}

void ReadAccess(Fields* fields, const std::string& what, Requirement* out) {
  out->access = ReadNames(fields, "access", what);
  static const std::vector<std::string> kKnown = {"public", "protected", "private"};
  for (const std::string& access : out->access) {
    if (std::find(kKnown.begin(), kKnown.end(), access) != kKnown.end()) continue;
    fields->Error(*fields->Any("access"), "`access` of " + what + " must be of `public`, `protected`, `private`, not `" +
                                              access + "`" + manifest::DidYouMean(access, kKnown));
  }
}

void ReadGroups(Fields* fields, const std::string& what, Requirement* out) {
  if (fields->Any("groups") == nullptr) return;
  out->groups.emplace();
  out->groups->names = ReadNames(fields, "groups", what);
  if (out->groups->names == std::vector<std::string>{"any"}) out->groups->names.clear();
}

void ReadVersions(const Value& versions, const std::string& what, const std::string& file,
                  manifest::Diagnostics* diagnostics, Requirement* out) {
  Fields fields(versions, "`versions` of " + what, file, std::string(kShape), diagnostics, "{latest_only: true}");
  out->versions.emplace();
  out->versions->latest_only = fields.Bool("latest_only").value_or(false);
  out->versions->deprecated = ReadWhen(&fields, "deprecated", out->versions->deprecated);
  out->versions->max_active = fields.Integer("max_active", 1, 1000);
  fields.Finish();
}

void ReadKAnonymity(const Value& value, const std::string& what, const std::string& file,
                    manifest::Diagnostics* diagnostics, Requirement* out) {
  Fields fields(value, "`k_anonymity` of " + what, file, std::string(kShape), diagnostics,
                "{columns: [zip, birth_year], k: 5}");
  out->k_anonymity.emplace();
  if (fields.Required("columns") != nullptr) {
    out->k_anonymity->columns = ReadNames(&fields, "columns", "`k_anonymity` of " + what);
  }
  if (fields.Required("k") != nullptr) out->k_anonymity->k = fields.Integer("k", 2, kMaxK).value_or(kMaxK);
  fields.Finish();
}

// What `for` does not speak of, refused: it would be asked of nothing.
void RefuseMisplaced(const Requirement& requirement, const std::string& what, Fields* fields) {
  const std::string& kind = requirement.for_what;
  const bool of_exposure = kind == "sync" || kind == "exposure";
  const auto refuse = [&](std::string_view key, bool fits) {
    if (fits || fields->value().Find(key) == nullptr) return;
    fields->Error(*fields->Any(key),
                  "`" + std::string(key) + "` cannot be required `for: " + kind + "` in " + what);
  };
  for (const std::string_view key : {"tests", "guards", "access", "contract", "versions", "groups", "k_anonymity"}) {
    refuse(key, kind != "source");
  }
  refuse("maturity", of_exposure);
}

}  // namespace

std::string ToText(const Limit& limit) {
  std::string out = std::to_string(limit.value);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out + (limit.percent ? "%" : "");
}

std::optional<Limit> ReadLimit(Fields* fields, std::string_view key, const std::string& where) {
  const Value* written = fields->Any(key);
  if (written == nullptr) return std::nullopt;
  std::string_view text = written->text();
  Limit out;
  out.percent = text.ends_with('%');
  if (out.percent) text.remove_suffix(1);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), out.value, std::chars_format::fixed);
  const bool number = error == std::errc() && end == text.data() + text.size() && !text.empty() &&
                      text.front() >= '0' && text.front() <= '9';
  const bool whole =
      out.value == static_cast<double>(static_cast<std::int64_t>(out.value < 1e15 ? out.value : 0));
  if (number && (out.percent ? out.value <= 100 : whole)) return out;
  fields->Error(*written, "`" + std::string(key) + "` of " + where +
                              " must be a count such as 1000 or a share such as 2%");
  return std::nullopt;
}

std::optional<Requirement> ReadRequirement(const Value& value, const std::string& file,
                                           manifest::Diagnostics* diagnostics) {
  Requirement out;
  out.at = {file, value.position()};
  const Value* written_id = value.Find("id");
  const bool has_id = written_id != nullptr && written_id->AsString().has_value();
  const std::string what = has_id ? "requirement `" + *written_id->AsString() + "`" : "a requirement";
  Fields fields(value, what, file, std::string(kShape), diagnostics,
                "{id: Q001, select: 'exposure:*', tests: {primary_key: true}}");
  if (value.kind() != Value::Kind::kMap) return std::nullopt;
  out.id = fields.RequiredString("id").value_or("");
  if (!out.id.empty() && !IsName(out.id, true)) {
    fields.Error(*fields.Any("id"),
                 "`" + out.id + "` is no id: letters, digits, `_`, `-` and dots between them");
  }
  out.select = fields.RequiredString("select").value_or("");
  out.for_what = fields.Choice("for", {"sync", "exposure", "model", "source"}).value_or("sync");
  if (const Value* tests = fields.Any("tests")) ReadTests(*tests, what, file, diagnostics, &out);
  if (const Value* fresh = fields.Any("fresh")) ReadFresh(*fresh, what, file, diagnostics, &out);
  if (const Value* owner = fields.Any("owner")) {
    Fields inner(*owner, "`owner` of " + what, file, std::string(kShape), diagnostics, "{email: '@acme\\.com$'}");
    out.owner_email_pattern = inner.RequiredString("email").value_or("");
    inner.Finish();
  }
  const Value* guards = fields.Any("guards");
  if (guards != nullptr) ReadGuards(*guards, what, file, diagnostics, &out);
  ReadAccess(&fields, what, &out);
  out.contract = fields.Choice("contract", {"enforced"}).has_value();
  if (const Value* versions = fields.Any("versions")) ReadVersions(*versions, what, file, diagnostics, &out);
  ReadGroups(&fields, what, &out);
  out.maturity = fields.Choice("maturity", {"low", "medium", "high"}).value_or("");
  if (const Value* anonymity = fields.Any("k_anonymity")) ReadKAnonymity(*anonymity, what, file, diagnostics, &out);
  out.warn_only = fields.Choice("severity", {"error", "warn"}) == std::string("warn");
  out.observe = fields.Choice("mode", {"enforce", "observe"}) == std::string("observe");
  const auto report = fields.Choice("report", {"all", "new", "changed"}).value_or("all");
  out.report = report == "new" ? Reported::kNew : report == "changed" ? Reported::kChanged : Reported::kAll;
  out.why = fields.String("why").value_or("");
  fields.Finish();
  static constexpr std::string_view kAsks[] = {"tests",    "fresh",  "owner",    "guards",     "access",
                                               "contract", "versions", "groups", "maturity", "k_anonymity"};
  if (std::none_of(std::begin(kAsks), std::end(kAsks), [&](auto key) { return value.Find(key) != nullptr; })) {
    fields.Error(value, what + " requires nothing; it takes `tests`, `fresh`, `owner`, `access`, `contract`, `versions`, "
                               "`groups`, `maturity`, `guards` or `k_anonymity`");
  }
  RefuseMisplaced(out, what, &fields);
  if (out.id.empty() || out.select.empty()) return std::nullopt;
  return out;
}

}  // namespace weir::policies
