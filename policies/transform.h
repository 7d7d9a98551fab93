#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/fields.h"
#include "policies/batch.h"
#include "policies/detector.h"

namespace weir::policies {

// What becomes of a value on its way out, from the least to the most restrictive; policies/README.md has the lattice.
enum class TransformKind : std::uint8_t {
  kUnchanged, kSha256, kGeneralize, kMask, kTokenize, kHash, kDateShift, kScrub, kJson, kRedact, kBlank, kDrop, kDeny
};
std::string_view Name(TransformKind kind);  // "unchanged", "mask", …

// What `generalize` makes coarser. Exactly one member has a meaning, by `what`.
struct Generalization {
  enum class What : std::uint8_t { kDate, kNumber, kIp, kZip, kAge };
  What what = What::kDate;
  bool year = false;                       // date: the first of the year, else of the month
  std::uint64_t bucket = 1;                // number: the multiple of it at or below the value
  std::uint32_t v4_prefix = 24, v6_prefix = 48;  // ip: the network, in CIDR notation
  std::uint32_t cap = 90;                  // age: that, when it is more
  // zip: three digits; `000` for the 17 areas of 20,000 people or fewer (45 CFR 164.514(b)(2)(i)(B), Census 2000).

  friend bool operator==(const Generalization&, const Generalization&) = default;
};

struct Tokenization {
  bool format_preserving = false;            // FF1 (NIST SP 800-38G), else AES-SIV (RFC 5297)
  std::string alphabet;                      // FF1: "digits", …
  std::uint64_t least_values = 10'000'000;   // FF1: shorter values, of fewer possible ones, are refused
  friend bool operator==(const Tokenization&, const Tokenization&) = default;
};

struct Transform {
  TransformKind kind = TransformKind::kDeny;
  // mask: exactly one way of keeping. The rest becomes `*`, one for each code point.
  std::uint32_t keep_first = 0, keep_last = 0;
  bool keep_domain = false;   // of an e-mail address: `***@acme.com`
  // hash (HMAC-SHA-256 under the destination's key) and sha256 (without a key), lower-case hexadecimal; normalization
  // profile, pinned by version.
  std::string normalize;      // "email@1", "phone@1", "text@1"; empty: the bytes as they are
  Generalization generalize;
  Tokenization tokenize;
  // date_shift: all dates of one subject by the same number of days, at most so many either way.
  std::uint32_t shift_days = 365;
  std::string shift_subject;  // whose; empty: the model's only one
  std::vector<Detector> scrub;  // sorted, distinct; what is taken out
  // json: what becomes of the value at each path (json_path.h), sorted; what no path names is dropped.
  struct AtPath;
  std::vector<AtPath> paths;
  // redact: the constant.
  std::string constant = "[redacted]";

  friend bool operator==(const Transform& a, const Transform& b);
  std::string ToText() const;  // as a policy writes it: `hash: {normalize: email@1}`
};
struct Transform::AtPath {
  std::string path;
  Transform transform;  // never json, date_shift, drop or deny
};

// Only the parameters of its own kind, so that equal transforms compare equal.
Transform Canonical(const Transform& transform);

// The join of the lattice: the stricter of the two; incomparable ones give `redact` and set *conflict. Commutative,
// associative, idempotent.
Transform Join(const Transform& a, const Transform& b, bool* conflict);

// `a` is `b` or above it in the lattice, whatever the parameters: what `except:` of a `never` lets through.
bool AtLeastAsStrict(TransformKind a, TransformKind b);

// The transform itself when it fits the type, else the next stricter that does (*changed is set): `mask` and `hash` give
// text, so a consumer's typed field changes; what fits what stands in policies/README.md.
Transform FitTo(ColumnType type, const Transform& transform, bool* changed);

// The type of the outgoing value of a column of `type` under a transform that fits it.
ColumnType OutputType(ColumnType type, const Transform& transform);

// Whether this version can carry it out. What it decides and cannot run refuses the sync: nothing stands in for it.
bool CanRun(const Transform& transform);

// Reads the value of `as:`: `unchanged` or `{hash: {normalize: email@1}}`. Reports what is wrong; nullopt then.
std::optional<Transform> ReadTransform(const manifest::Value& value, const std::string& file,
                                       manifest::Diagnostics* diagnostics);
// The kind alone, as `except:` lists it; `at` is where it stands.
std::optional<TransformKind> ReadTransformKind(const manifest::Value& at, std::string_view name,
                                               const std::string& file, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
