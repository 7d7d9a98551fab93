#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Value;

constexpr std::string_view kShape = "W-POL-010";

bool ReadExcept(Fields* fields, const std::string& file, manifest::Diagnostics* diagnostics, Rule* rule) {
  const Value* written = fields->Any("except");
  if (written == nullptr) return true;
  bool good = true;
  for (const std::string& name : fields->Strings("except")) {
    const auto kind = ReadTransformKind(*written, name, file, diagnostics);
    good = good && kind.has_value();
    if (kind == TransformKind::kUnchanged) {
      fields->Error(*written, "`except: [unchanged]` would let everything through; remove the rule instead");
      good = false;
    } else if (kind == TransformKind::kJson) {
      fields->Error(*written, "`except: [json]` would let through whatever the paths of a rule let through; `json` "
                              "cannot stand there");
      good = false;
    } else if (kind) {
      rule->except.push_back(*kind);
    }
  }
  return good;
}

// What was meant by what is no map: `crm`, `[crm, helpdesk]`.
std::string AudienceHint(const Value& to) {
  if (to.kind() == Value::Kind::kList) return "; recipients that differ need a rule each";
  const std::string word = to.AsString().value_or("");
  if (word == "internal" || word == "external") return "; write `{trust: " + word + "}`";
  if (word == "all" || word == "*" || word == "everyone") return "; write `any`";
  if (std::string hint = manifest::DidYouMean(word, {"any"}); !hint.empty()) return hint;
  return IsName(word, false) ? "; where `" + word + "` is a destination, write `{destination: " + word + "}`" : "";
}

bool ReadAs(Fields* fields, const std::string& file, manifest::Diagnostics* diagnostics, Rule* rule) {
  const Value* as = fields->Required("as");
  if (as == nullptr) return false;
  if (as->AsString() == std::string("filter")) {
    rule->as_filter = true;
    return true;
  }
  const auto transform = ReadTransform(*as, file, diagnostics);
  if (transform) rule->as = *transform;
  return transform.has_value();
}

}  // namespace

std::optional<Audience> ReadAudience(Fields* fields, const std::string& what, const std::string& file,
                                     manifest::Diagnostics* diagnostics) {
  const Value* to = fields->Required("to");
  if (to == nullptr) return std::nullopt;
  if (to->AsString() == std::string("any")) return Audience{};
  if (to->kind() != Value::Kind::kMap || to->members().empty()) {
    fields->Error(*to, "`to` of " + what + " must be `any` or a map of `destination`, `role`, `purpose`, `trust`" +
                           AudienceHint(*to));
    return std::nullopt;
  }
  Fields inner(*to, "`to` of " + what, file, std::string(kShape), diagnostics);
  const std::size_t asked = to->members().size();
  std::size_t good = 0;
  Audience out;
  const auto read = [&](std::string_view key, std::string* into) {
    const Value* written = inner.Any(key);
    if (written == nullptr) return;
    *into = inner.RequiredString(key).value_or("");
    if (!into->empty()) ++good;
  };
  read("destination", &out.destination);
  read("role", &out.role);
  read("purpose", &out.purpose);
  if (inner.Any("trust") != nullptr) {
    out.trust = inner.Choice("trust", {"internal", "external"}).value_or("");
    if (!out.trust.empty()) ++good;
  }
  inner.Finish();
  return good == asked ? std::optional<Audience>(out) : std::nullopt;
}

std::optional<Rule> ReadRule(const Value& value, const std::string& file,
                             manifest::Diagnostics* diagnostics) {
  Rule out;
  out.at = {file, value.position()};
  const Value* written_id = value.Find("id");
  const bool has_id = written_id != nullptr && written_id->AsString().has_value();
  const std::string what = has_id ? "rule `" + *written_id->AsString() + "`" : "a rule";
  Fields fields(value, what, file, std::string(kShape), diagnostics,
                "{id: P001, never: pii.ssn, to: any}");
  if (value.kind() != Value::Kind::kMap) return std::nullopt;
  bool good = true;
  out.id = fields.RequiredString("id").value_or("");
  if (!out.id.empty() && !IsName(out.id, true)) {
    fields.Error(*fields.Any("id"),
                 "`" + out.id + "` is no id: letters, digits, `_`, `-` and dots between them");
  }
  good = IsName(out.id, true);

  int kinds = 0;
  const auto subject = [&](std::string_view key, Rule::Kind kind) {
    if (fields.Any(key) == nullptr) return;
    ++kinds;
    out.kind = kind;
    out.subject = fields.RequiredString(key).value_or("");
    good = good && !out.subject.empty();
  };
  subject("never", Rule::Kind::kNever);
  subject("give", Rule::Kind::kGive);
  subject("rows", Rule::Kind::kRows);
  if (kinds != 1) {
    fields.Error(value,
                 what + " needs one of `never`, `give` and `rows`" + (kinds == 0 ? "" : ", not several"));
    for (const char* key : {"as", "except", "send_if"}) fields.Any(key);
    good = false;
  }
  const auto audience = ReadAudience(&fields, what, file, diagnostics);
  if (audience) out.to = *audience;
  good = good && audience;
  if (kinds == 1) {
    if (out.kind == Rule::Kind::kNever) good = ReadExcept(&fields, file, diagnostics, &out) && good;
    if (out.kind == Rule::Kind::kGive) good = ReadAs(&fields, file, diagnostics, &out) && good;
    if (out.kind == Rule::Kind::kRows) {
      const Value* send_if = fields.Required("send_if");
      auto predicate = send_if == nullptr ? std::nullopt : ReadRowPredicate(*send_if, file, diagnostics);
      good = good && predicate;
      if (predicate) out.send_if = std::move(*predicate);
    }
    // Keys of the other kinds: said as such, for they are no misspelling.
    for (const auto& [key, owner, name] :
         {std::tuple{"as", Rule::Kind::kGive, "give"}, std::tuple{"except", Rule::Kind::kNever, "never"},
          std::tuple{"send_if", Rule::Kind::kRows, "rows"}}) {
      if (out.kind == owner) continue;
      if (const Value* stray = fields.Any(key)) {
        fields.Error(*stray, "`" + std::string(key) + "` belongs to `" + name + "`; " + what + " has none");
        good = false;
      }
    }
  }
  out.why = fields.String("why").value_or("");
  fields.Finish();
  if (!good) return std::nullopt;
  return out;
}

}  // namespace weir::policies
