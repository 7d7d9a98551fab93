#include "policies/value_criterion.h"

#include <algorithm>

#include "policies/pattern.h"

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Value;

constexpr std::string_view kCode = "W-POL-052";
constexpr double kLeastShare = 0.01;

std::string KnownDetectors() {
  std::string out;
  for (const std::string& name : DetectorNames()) out.append(out.empty() ? "`" : ", `").append(name).append("`");
  return out;
}

std::optional<Detector> ReadDetector(Fields* fields, const Value& at, const std::string& name,
                                     const std::string& where) {
  const auto detector = FindDetector(name);
  if (detector) return detector;
  const std::string hint = manifest::DidYouMean(name, DetectorNames());
  fields->Error(at, "unknown detector `" + name + "` in " + where +
                        (hint.empty() ? "; it is one of " + KnownDetectors() + ", or `{re2: '…'}`" : hint));
  return std::nullopt;
}

bool ReadPattern(Fields* fields, const std::string& where, ValueCriterion* out) {
  const Value& written = *fields->Any("re2");
  out->pattern = fields->RequiredString("re2").value_or("");
  const auto check = fields->Choice("validate", {"luhn", "iban", "none"});
  if (check == std::string("luhn")) out->check = ValueCriterion::Check::kLuhn;
  if (check == std::string("iban")) out->check = ValueCriterion::Check::kIban;
  if (out->pattern.empty() || (fields->Any("validate") != nullptr && !check)) return false;
  if (const auto error = PatternError(out->pattern)) {
    fields->Error(written, "`re2` of " + where + " is no RE2 pattern: " + *error);
    return false;
  }
  if (PatternFound(out->pattern, "")) {
    fields->Error(written, "`re2` of " + where + " is found in an empty text, and so in every value");
    return false;
  }
  return true;
}

bool ReadExceptions(Fields* fields, const std::string& where, ValueCriterion* out) {
  const Value* written = fields->Any("except");
  if (written == nullptr) return true;
  out->except = fields->Strings("except");
  bool good = !out->except.empty();
  if (written->kind() == Value::Kind::kList && written->items().empty()) {
    fields->Error(*written, "`except` of " + where + " is empty");
  }
  for (const std::string& address : out->except) {
    const std::size_t dot = address.rfind('.');
    if (dot != std::string::npos && dot > 0 && dot + 1 < address.size() && address.find('*') == std::string::npos)
      continue;
    fields->Error(*written, "`" + address + "` in `except` of " + where + " is no address; write `model.column`");
    good = false;
  }
  return good;
}

}  // namespace

std::string ValueCriterion::ToText() const {
  return detector ? "`" + std::string(Name(*detector)) + "`" : "the pattern of `value`";
}

std::optional<ValueCriterion> ReadValueCriterion(const Value& value, const std::string& what, const std::string& file,
                                                 manifest::Diagnostics* diagnostics) {
  const std::string where = "`value` of " + what;
  ValueCriterion out;
  if (value.AsString()) {
    const Value empty = Value::Map({}, value.position());
    Fields none(empty, where, file, std::string(kCode), diagnostics);
    out.detector = ReadDetector(&none, value, *value.AsString(), where);
    return out.detector ? std::optional<ValueCriterion>(out) : std::nullopt;
  }
  Fields fields(value, where, file, std::string(kCode), diagnostics);
  if (value.kind() != Value::Kind::kMap) return std::nullopt;
  bool good = true;
  const Value *detect = fields.Any("detect"), *pattern = fields.Any("re2");
  if ((detect == nullptr) == (pattern == nullptr)) {
    fields.Error(value, where + " takes one of `detect` and `re2`");
    fields.Any("validate");
    good = false;
  } else if (pattern != nullptr) {
    good = ReadPattern(&fields, where, &out);
  } else {
    const auto name = fields.RequiredString("detect");
    if (name) out.detector = ReadDetector(&fields, *detect, *name, where);
    good = out.detector.has_value();
    if (const Value* stray = fields.Any("validate")) {
      fields.Error(*stray, "`validate` belongs to `re2`; a detector has its own checks");
      good = false;
    }
  }
  if (const Value* share = fields.Any("share")) {
    const auto written = share->AsNumber();
    if (!written || !(*written >= kLeastShare) || !(*written <= 1)) {
      fields.Error(*share, "`share` of " + where + " must be a number from 0.01 to 1");
      good = false;
    }
    out.share = written.value_or(out.share);
  }
  good = ReadExceptions(&fields, where, &out) && good;
  fields.Finish();
  return good ? std::optional<ValueCriterion>(std::move(out)) : std::nullopt;
}

}  // namespace weir::policies
