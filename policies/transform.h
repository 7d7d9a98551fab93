#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifest/fields.h"
#include "policies/batch.h"

namespace weir::policies {

// What becomes of a value on its way out, from the least to the most restrictive; policies/README.md has the lattice.
// kSha256, kGeneralize, kTokenize and kScrub keep their places in the order; this version refuses them by name.
enum class TransformKind : std::uint8_t {
  kUnchanged, kSha256, kGeneralize, kMask, kTokenize, kHash, kScrub, kRedact, kBlank, kDrop, kDeny
};
std::string_view Name(TransformKind kind);  // "unchanged", "mask", …

struct Transform {
  TransformKind kind = TransformKind::kDeny;
  // mask: exactly one way of keeping. The rest becomes `*`, one for each code point.
  std::uint32_t keep_first = 0, keep_last = 0;
  bool keep_domain = false;   // of an e-mail address: `***@acme.com`
  // hash: HMAC-SHA-256 under the destination's key, lower-case hexadecimal; normalization profile, pinned by version.
  std::string normalize;      // "email@1", "phone@1", "text@1"; empty: the bytes as they are
  // redact: the constant.
  std::string constant = "[redacted]";

  friend bool operator==(const Transform&, const Transform&) = default;
  std::string ToText() const;  // as a policy writes it: `hash: {normalize: email@1}`
};

// The join of the lattice: the stricter of the two; incomparable ones give `redact` and set *conflict. Commutative,
// associative, idempotent.
Transform Join(const Transform& a, const Transform& b, bool* conflict);

// `a` is `b` or above it in the lattice, whatever the parameters: what `except:` of a `never` lets through.
bool AtLeastAsStrict(TransformKind a, TransformKind b);

// The transform itself when it fits the type, else the next stricter that does (*changed is set): `mask` and `hash` give
// text, so a consumer's typed field changes; what fits what stands in policies/README.md.
Transform FitTo(ColumnType type, const Transform& transform, bool* changed);

// Reads the value of `as:`: `unchanged` or `{hash: {normalize: email@1}}`. Reports what is wrong; nullopt then.
std::optional<Transform> ReadTransform(const manifest::Value& value, const std::string& file,
                                       manifest::Diagnostics* diagnostics);
// The kind alone, as `except:` lists it; `at` is where it stands.
std::optional<TransformKind> ReadTransformKind(const manifest::Value& at, std::string_view name,
                                               const std::string& file, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
