#include <algorithm>

#include "policies/transform.h"
#include "policies/transform_parameters.h"

namespace weir::policies {
namespace {

constexpr std::string_view kCode = "W-POL-018";

constexpr TransformKind kWritten[] = {TransformKind::kUnchanged, TransformKind::kSha256,    TransformKind::kGeneralize,
                                      TransformKind::kMask,      TransformKind::kTokenize,  TransformKind::kHash,
                                      TransformKind::kDateShift, TransformKind::kScrub,     TransformKind::kJson,
                                      TransformKind::kRedact,    TransformKind::kBlank,     TransformKind::kDrop};

const std::vector<std::string>& Known() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const TransformKind kind : kWritten) out.emplace_back(Name(kind));
    return out;
  }();
  return names;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "`" : ", `").append(name).append("`");
  return out;
}

Transform Begin(TransformKind kind) {
  Transform out;
  out.kind = kind;
  if (kind == TransformKind::kScrub) {
    for (std::size_t i = 0; i < kDetectors; ++i) out.scrub.push_back(static_cast<Detector>(i));
  }
  return out;
}

}  // namespace

std::optional<TransformKind> ReadTransformKind(const manifest::Value& at, std::string_view name,
                                               const std::string& file, manifest::Diagnostics* diagnostics) {
  for (const TransformKind kind : kWritten) {
    if (Name(kind) == name) return kind;
  }
  const std::string hint = manifest::DidYouMean(name, Known());
  diagnostics->Error(kCode, file, at.position(),
                     "unknown transform `" + std::string(name) + "`" +
                         (hint.empty() ? "; it is one of " + Listed(Known()) : hint));
  return std::nullopt;
}

std::optional<Transform> ReadTransform(const manifest::Value& value, const std::string& file,
                                       manifest::Diagnostics* diagnostics) {
  if (const auto name = value.AsString()) {
    const auto kind = ReadTransformKind(value, *name, file, diagnostics);
    if (!kind) return std::nullopt;
    if (const std::string missing = MissingParameters(*kind); !missing.empty()) {
      diagnostics->Error(kCode, file, value.position(), missing);
      return std::nullopt;
    }
    return Begin(*kind);
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
  if (*kind == TransformKind::kUnchanged || *kind == TransformKind::kBlank || *kind == TransformKind::kDrop) {
    diagnostics->Error(kCode, file, member.value.position(),
                       "`" + member.key + "` takes no parameters; write `as: " + member.key + "`");
    return std::nullopt;
  }
  Transform out = Begin(*kind);
  if (!ReadTransformParameters(member.value, file, diagnostics, &out)) return std::nullopt;
  return out;
}

}  // namespace weir::policies
