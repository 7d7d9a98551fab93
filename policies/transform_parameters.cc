#include "policies/transform_parameters.h"

#include <algorithm>

#include "policies/json_path.h"
#include "policies/policy_document.h"

namespace weir::policies {
namespace {

using manifest::Fields;
using manifest::Value;

constexpr std::string_view kCode = "W-POL-018";
constexpr std::int64_t kMostKept = 64;  // code points
constexpr std::size_t kMaxConstantBytes = 256;
constexpr std::int64_t kMaxBucket = 1'000'000'000'000'000;
constexpr std::int64_t kLeastValues = 1'000'000, kMostValues = 1'000'000'000'000'000;  // NIST SP 800-38G rev. 1
constexpr std::size_t kMaxPaths = 200;

const std::vector<std::string>& Profiles() {
  static const std::vector<std::string> names = {"email@1", "phone@1", "text@1"};
  return names;
}

const std::vector<std::string>& Alphabets() {
  static const std::vector<std::string> names = {"digits",       "lower",        "upper",
                                                 "digits_lower", "digits_upper", "alphanumeric"};
  return names;
}

// How a transform with parameters is written: "`{mask: {keep: domain}}` or …".
std::string WrittenForms(TransformKind kind) {
  switch (kind) {
    case TransformKind::kMask:
      return "`{mask: {keep: domain}}`, `{mask: {keep: {first: 3}}}` or `{mask: {keep: {last: 4}}}`";
    case TransformKind::kGeneralize:
      return "`{generalize: {date: month}}`, `{generalize: {date: year}}`, `{generalize: {number: {bucket: 10}}}`, "
             "`{generalize: {ip: {}}}`, `{generalize: {zip: {digits: 3}}}` or `{generalize: {age: {}}}`";
    case TransformKind::kTokenize:
      return "`{tokenize: {method: siv}}` or `{tokenize: {method: fpe, alphabet: digits}}`";
    case TransformKind::kJson:
      return "`{json: {paths: {'$.plan': unchanged}}}`";
    case TransformKind::kSha256:
      return "`sha256` or `{sha256: {normalize: email@1}}`";
    case TransformKind::kHash:
      return "`hash` or `{hash: {normalize: email@1}}`";
    case TransformKind::kDateShift:
      return "`date_shift` or `{date_shift: {days: 30}}`";
    case TransformKind::kScrub:
      return "`scrub` or `{scrub: {detect: [email, phone]}}`";
    case TransformKind::kRedact:
      return "`redact` or `{redact: {constant: '-'}}`";
    default:
      return {};
  }
}

// One reader a kind; `fields` has asked for all that it knows afterwards.
class ParameterReader {
 public:
  ParameterReader(Fields* fields, const std::string& file, manifest::Diagnostics* diagnostics, Transform* out)
      : fields_(*fields), file_(file), diagnostics_(diagnostics), out_(*out) {}

  bool Read() {
    switch (out_.kind) {
      case TransformKind::kMask: {
        const Value* keep = fields_.Required("keep");
        return keep != nullptr && ReadKeep(*keep);
      }
      case TransformKind::kSha256:
      case TransformKind::kHash: {
        const bool written = fields_.Any("normalize") != nullptr;
        out_.normalize = fields_.Choice("normalize", Profiles()).value_or("");
        return !written || !out_.normalize.empty();
      }
      case TransformKind::kGeneralize:
        return ReadGeneralization();
      case TransformKind::kTokenize:
        return ReadTokenization();
      case TransformKind::kDateShift:
        return ReadShift();
      case TransformKind::kScrub:
        return ReadScrub();
      case TransformKind::kJson:
        return ReadPaths();
      case TransformKind::kRedact:
        return ReadConstant();
      default:
        return true;
    }
  }

 private:
  bool ReadKeep(const Value& keep) {
    if (keep.AsString() == std::string("domain")) {
      out_.keep_domain = true;
      return true;
    }
    if (keep.kind() != Value::Kind::kMap) {
      fields_.Error(keep, "`keep` of `mask` must be `domain`, `{first: n}` or `{last: n}`");
      return false;
    }
    Fields inner(keep, "`keep` of `mask`", file_, std::string(kCode), diagnostics_);
    const bool has_first = inner.Any("first") != nullptr, has_last = inner.Any("last") != nullptr;
    const auto first = inner.Integer("first", 1, kMostKept);
    const auto last = inner.Integer("last", 1, kMostKept);
    if (has_first == has_last) inner.Error(keep, "`keep` of `mask` takes one of `first` and `last`");
    inner.Finish();
    out_.keep_first = static_cast<std::uint32_t>(first.value_or(0));
    out_.keep_last = static_cast<std::uint32_t>(last.value_or(0));
    return has_first != has_last && (first || last);
  }

  // The map under `key`, which the caller knows to be there.
  Fields Inner(std::string_view key, std::string_view example) {
    return Fields(*fields_.Any(key), "`" + std::string(key) + "` of `generalize`", file_, std::string(kCode),
                  diagnostics_, example);
  }

  bool ReadGeneralization() {
    const std::vector<std::string> kinds = {"date", "number", "ip", "zip", "age"};
    const auto written = std::count_if(kinds.begin(), kinds.end(),
                                       [&](const std::string& key) { return fields_.Any(key) != nullptr; });
    if (written != 1) {
      if (written > 1 || fields_.value().members().empty()) {
        fields_.Error(fields_.value(), "`generalize` takes one of `date`, `number`, `ip`, `zip` and `age`: " +
                                           WrittenForms(TransformKind::kGeneralize));
      }
      return false;
    }
    Generalization& out = out_.generalize;
    if (fields_.Any("date") != nullptr) {
      out.what = Generalization::What::kDate;
      const auto unit = fields_.Choice("date", {"month", "year"});
      out.year = unit == std::string("year");
      return unit.has_value();
    }
    bool good = true;
    const auto number = [&good](Fields* inner, std::string_view key, std::int64_t least, std::int64_t most,
                                auto otherwise) {
      if (inner->Any(key) == nullptr) return otherwise;
      const auto value = inner->Integer(key, least, most);
      good = good && value.has_value();
      return static_cast<decltype(otherwise)>(value.value_or(0));
    };
    if (fields_.Any("number") != nullptr) {
      out.what = Generalization::What::kNumber;
      Fields inner = Inner("number", "{bucket: 10}");
      good = inner.Required("bucket") != nullptr;
      out.bucket = number(&inner, "bucket", 2, kMaxBucket, out.bucket);
      inner.Finish();
    } else if (fields_.Any("ip") != nullptr) {
      out.what = Generalization::What::kIp;
      Fields inner = Inner("ip", "{v4: 24, v6: 48}");
      out.v4_prefix = number(&inner, "v4", 8, 24, out.v4_prefix);
      out.v6_prefix = number(&inner, "v6", 16, 48, out.v6_prefix);
      inner.Finish();
    } else if (fields_.Any("zip") != nullptr) {
      out.what = Generalization::What::kZip;
      Fields inner = Inner("zip", "{digits: 3}");
      good = inner.Required("digits") != nullptr;
      number(&inner, "digits", 3, 3, std::uint32_t{3});
      inner.Finish();
    } else {
      out.what = Generalization::What::kAge;
      Fields inner = Inner("age", "{cap: 90}");
      out.cap = number(&inner, "cap", 1, 90, out.cap);
      inner.Finish();
    }
    return good;
  }

  bool ReadTokenization() {
    Tokenization& out = out_.tokenize;
    if (fields_.Required("method") == nullptr) {
      fields_.Any("alphabet");
      fields_.Any("least_values");
      return false;
    }
    const auto method = fields_.Choice("method", {"siv", "fpe"});
    out.format_preserving = method == std::string("fpe");
    if (!out.format_preserving) {
      bool good = method.has_value();
      for (const char* key : {"alphabet", "least_values"}) {
        const Value* stray = fields_.Any(key);
        if (stray == nullptr || !method) continue;
        fields_.Error(*stray, "`" + std::string(key) + "` belongs to `method: fpe`");
        good = false;
      }
      return good;
    }
    const bool named = fields_.Required("alphabet") != nullptr;
    const auto alphabet = named ? fields_.Choice("alphabet", Alphabets()) : std::nullopt;
    out.alphabet = alphabet.value_or("");
    if (fields_.Any("least_values") == nullptr) return alphabet.has_value();
    const auto least = fields_.Integer("least_values", kLeastValues, kMostValues);
    out.least_values = static_cast<std::uint64_t>(least.value_or(0));
    return alphabet && least;
  }

  bool ReadShift() {
    bool good = true;
    if (fields_.Any("days") != nullptr) {
      const auto days = fields_.Integer("days", 1, 3650);
      good = days.has_value();
      out_.shift_days = static_cast<std::uint32_t>(days.value_or(0));
    }
    if (fields_.Any("subject") != nullptr) {
      out_.shift_subject = fields_.RequiredString("subject").value_or("");
      good = good && !out_.shift_subject.empty();
    }
    return good;
  }

  bool ReadScrub() {
    const Value* written = fields_.Any("detect");
    if (written == nullptr) return true;  // the caller has put all of them there
    bool good = true;
    out_.scrub.clear();
    for (const std::string& name : fields_.Strings("detect")) {
      if (const auto detector = FindDetector(name)) {
        out_.scrub.push_back(*detector);
        continue;
      }
      const std::string hint = manifest::DidYouMean(name, DetectorNames());
      fields_.Error(*written, "unknown detector `" + name + "` in `detect` of `scrub`" +
                                  (hint.empty() ? "; it is one of " + Listed(DetectorNames()) : hint));
      good = false;
    }
    std::sort(out_.scrub.begin(), out_.scrub.end());
    out_.scrub.erase(std::unique(out_.scrub.begin(), out_.scrub.end()), out_.scrub.end());
    if (good && out_.scrub.empty()) {
      if (written->kind() == Value::Kind::kList) fields_.Error(*written, "`detect` of `scrub` lists no detector");
      good = false;
    }
    return good;
  }

  bool ReadPaths() {
    const Value* paths = fields_.Required("paths");
    if (paths == nullptr) return false;
    if (paths->kind() != Value::Kind::kMap || paths->members().empty()) {
      fields_.Error(*paths, "`paths` of `json` must be a map of paths and transforms: `{'$.plan': unchanged}`");
      return false;
    }
    if (paths->members().size() > kMaxPaths) {
      fields_.Error(*paths, "`paths` of `json` has more than " + std::to_string(kMaxPaths) + " paths");
      return false;
    }
    bool good = true;
    for (const Value::Member& member : paths->members()) good = ReadPath(member) && good;
    std::sort(out_.paths.begin(), out_.paths.end(),
              [](const Transform::AtPath& a, const Transform::AtPath& b) { return a.path < b.path; });
    return good;
  }

  bool ReadPath(const Value::Member& member) {
    const auto path = CanonicalJsonPath(member.key);
    if (!path) {
      fields_.Error(member.key_position, "`" + member.key +
                                             "` is no path: `$`, then `.name`, `['a name']` or `[*]`, such as "
                                             "`$.address.city`");
      return false;
    }
    for (const Transform::AtPath& other : out_.paths) {
      if (!HoldsJsonPath(other.path, *path) && !HoldsJsonPath(*path, other.path)) continue;
      fields_.Error(member.key_position, "path `" + member.key + "` overlaps `" + other.path +
                                             "`; of one place there can be one decision");
      return false;
    }
    const auto inner = ReadTransform(member.value, file_, diagnostics_);
    if (!inner) return false;
    if (inner->kind == TransformKind::kDrop || inner->kind == TransformKind::kJson ||
        inner->kind == TransformKind::kDateShift) {
      fields_.Error(member.value, inner->kind == TransformKind::kDrop
                                      ? "paths that are not listed are dropped; leave `" + member.key + "` out"
                                      : "`" + std::string(Name(inner->kind)) + "` cannot stand under a path of `json`");
      return false;
    }
    out_.paths.push_back({*path, *inner});
    return true;
  }

  bool ReadConstant() {
    const Value* constant = fields_.Any("constant");
    if (constant == nullptr) return true;
    const auto text = fields_.String("constant");
    if (!text) return false;
    if (text->size() > kMaxConstantBytes) {
      fields_.Error(*constant,
                    "`constant` of `redact` takes at most " + std::to_string(kMaxConstantBytes) + " bytes");
      return false;
    }
    out_.constant = *text;
    return true;
  }

  Fields& fields_;
  const std::string& file_;
  manifest::Diagnostics* diagnostics_;
  Transform& out_;
};

}  // namespace

bool ReadTransformParameters(const Value& value, const std::string& file, manifest::Diagnostics* diagnostics,
                             Transform* out) {
  const std::string name(Name(out->kind));
  if (value.kind() != Value::Kind::kMap) {
    const std::string word = value.AsString().value_or("");
    diagnostics->Error(kCode, file, value.position(),
                       "`" + name + "` takes a map of parameters" + (IsName(word, false) ? ", not `" + word + "`" : "") +
                           "; write " + WrittenForms(out->kind));
    return false;
  }
  Fields fields(value, "`" + name + "`", file, std::string(kCode), diagnostics);
  const bool good = ParameterReader(&fields, file, diagnostics, out).Read();
  fields.Finish();
  return good;
}

std::string MissingParameters(TransformKind kind) {
  std::string_view what;
  switch (kind) {
    case TransformKind::kMask:
      what = "what it keeps";
      break;
    case TransformKind::kGeneralize:
      what = "what it makes coarser";
      break;
    case TransformKind::kTokenize:
      what = "its method";
      break;
    case TransformKind::kJson:
      what = "its paths";
      break;
    default:
      return {};
  }
  return "`" + std::string(Name(kind)) + "` needs " + std::string(what) + ": " + WrittenForms(kind);
}

}  // namespace weir::policies
