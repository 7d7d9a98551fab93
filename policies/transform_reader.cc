#include <algorithm>

#include "policies/transform.h"

namespace weir::policies {
namespace {

constexpr std::string_view kCode = "W-POL-018";
constexpr std::int64_t kMostKept = 64;  // code points
constexpr std::size_t kMaxConstantBytes = 256;

const std::vector<std::string>& Known() {
  static const std::vector<std::string> names = {"unchanged", "mask", "hash", "redact", "blank", "drop"};
  return names;
}
const std::vector<std::string>& Later() {
  static const std::vector<std::string> names = {"sha256", "generalize", "tokenize", "scrub", "date_shift"};
  return names;
}
const std::vector<std::string>& Profiles() {
  static const std::vector<std::string> names = {"email@1", "phone@1", "text@1"};
  return names;
}

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "`" : ", `").append(name).append("`");
  return out;
}

std::optional<TransformKind> KindOf(std::string_view name) {
  for (const TransformKind kind : {TransformKind::kUnchanged, TransformKind::kMask, TransformKind::kHash,
                                   TransformKind::kRedact, TransformKind::kBlank, TransformKind::kDrop}) {
    if (Name(kind) == name) return kind;
  }
  return std::nullopt;
}

// Each reads its parameters into *out; false when something was reported that leaves it without a meaning.
bool ReadKeep(const manifest::Value& keep, const std::string& file, manifest::Diagnostics* diagnostics,
              Transform* out) {
  if (keep.AsString() == std::string("domain")) {
    out->keep_domain = true;
    return true;
  }
  if (keep.kind() != manifest::Value::Kind::kMap) {
    diagnostics->Error(kCode, file, keep.position(),
                       "`keep` of `mask` must be `domain`, `{first: n}` or `{last: n}`");
    return false;
  }
  manifest::Fields fields(keep, "`keep` of `mask`", file, std::string(kCode), diagnostics);
  const bool has_first = fields.Any("first") != nullptr, has_last = fields.Any("last") != nullptr;
  const auto first = fields.Integer("first", 1, kMostKept);
  const auto last = fields.Integer("last", 1, kMostKept);
  if (has_first == has_last) fields.Error(keep, "`keep` of `mask` takes one of `first` and `last`");
  fields.Finish();
  out->keep_first = static_cast<std::uint32_t>(first.value_or(0));
  out->keep_last = static_cast<std::uint32_t>(last.value_or(0));
  return has_first != has_last && (first || last);
}

bool ReadParameters(const manifest::Value& value, const std::string& file, manifest::Diagnostics* diagnostics,
                    Transform* out) {
  const std::string name(Name(out->kind));
  manifest::Fields fields(value, "`" + name + "`", file, std::string(kCode), diagnostics);
  if (value.kind() != manifest::Value::Kind::kMap) return false;
  bool good = true;
  if (out->kind == TransformKind::kMask) {
    const manifest::Value* keep = fields.Required("keep");
    good = keep != nullptr && ReadKeep(*keep, file, diagnostics, out);
  } else if (out->kind == TransformKind::kHash) {
    const bool written = fields.Any("normalize") != nullptr;
    out->normalize = fields.Choice("normalize", Profiles()).value_or("");
    good = !written || !out->normalize.empty();
  } else if (out->kind == TransformKind::kRedact) {
    if (const manifest::Value* constant = fields.Any("constant")) {
      const auto text = fields.String("constant");
      good = text.has_value() && text->size() <= kMaxConstantBytes;
      if (text && !good) {
        fields.Error(*constant,
                     "`constant` of `redact` takes at most " + std::to_string(kMaxConstantBytes) + " bytes");
      }
      if (good) out->constant = *text;
    }
  }
  fields.Finish();
  return good;
}

}  // namespace

std::optional<TransformKind> ReadTransformKind(const manifest::Value& at, std::string_view name,
                                               const std::string& file, manifest::Diagnostics* diagnostics) {
  if (const auto kind = KindOf(name)) return kind;
  const std::string quoted = "`" + std::string(name) + "`";
  if (Holds(Later(), name)) {
    diagnostics->Error(
        "W-POL-011", file, at.position(),
        "transform " + quoted + " is not known to this version of weir; it knows " + Listed(Known()));
    return std::nullopt;
  }
  const std::string hint = manifest::DidYouMean(name, Known());
  diagnostics->Error(
      kCode, file, at.position(),
      "unknown transform " + quoted + (hint.empty() ? "; it is one of " + Listed(Known()) : hint));
  return std::nullopt;
}

std::optional<Transform> ReadTransform(const manifest::Value& value, const std::string& file,
                                       manifest::Diagnostics* diagnostics) {
  Transform out;
  if (const auto name = value.AsString()) {
    const auto kind = ReadTransformKind(value, *name, file, diagnostics);
    if (!kind) return std::nullopt;
    out.kind = *kind;
    if (out.kind == TransformKind::kMask) {
      diagnostics->Error(
          kCode, file, value.position(),
          "`mask` needs what it keeps: `{mask: {keep: domain}}`, `{mask: {keep: {first: 3}}}` or "
          "`{mask: {keep: {last: 4}}}`");
      return std::nullopt;
    }
    return out;
  }
  if (value.kind() != manifest::Value::Kind::kMap || value.members().size() != 1) {
    diagnostics->Error(
        kCode, file, value.position(),
        "a transform is a name, or one name with its parameters: `{hash: {normalize: email@1}}`");
    return std::nullopt;
  }
  const manifest::Value::Member& member = value.members().front();
  const manifest::Value named = manifest::Value::String(member.key, member.key_position);
  const auto kind = ReadTransformKind(named, member.key, file, diagnostics);
  if (!kind) return std::nullopt;
  out.kind = *kind;
  if (out.kind == TransformKind::kUnchanged || out.kind == TransformKind::kBlank ||
      out.kind == TransformKind::kDrop) {
    diagnostics->Error(kCode, file, member.value.position(),
                       "`" + member.key + "` takes no parameters; write `as: " + member.key + "`");
    return std::nullopt;
  }
  if (!ReadParameters(member.value, file, diagnostics, &out)) return std::nullopt;
  return out;
}

}  // namespace weir::policies
