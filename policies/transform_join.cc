#include <algorithm>
#include <numeric>

#include "policies/transform.h"

namespace weir::policies {
namespace {

constexpr std::uint64_t kMaxBucket = 1'000'000'000'000'000;  // as the reader's

// The order's levels. Kinds of one level cannot be compared with each other.
int Level(TransformKind kind) {
  switch (kind) {
    case TransformKind::kUnchanged:
      return 0;
    case TransformKind::kSha256:
      return 1;
    case TransformKind::kGeneralize:
    case TransformKind::kMask:
    case TransformKind::kTokenize:
    case TransformKind::kHash:
    case TransformKind::kDateShift:
    case TransformKind::kScrub:
    case TransformKind::kJson:
      return 2;
    case TransformKind::kRedact:
      return 3;
    case TransformKind::kBlank:
      return 4;
    case TransformKind::kDrop:
      return 5;
    case TransformKind::kDeny:
      return 6;
  }
  return 6;
}

// A part of a JSON document that leaves as it is shows more than the digest of the whole, so `json` stands above
// `unchanged` alone.
bool Comparable(TransformKind a, TransformKind b) {
  const bool json_and_digest = (a == TransformKind::kJson && b == TransformKind::kSha256) ||
                               (a == TransformKind::kSha256 && b == TransformKind::kJson);
  return !json_and_digest && (a == b || Level(a) != Level(b));
}

// The least of all that are stricter than two which cannot be compared.
Transform Incomparable(bool* conflict) {
  if (conflict != nullptr) *conflict = true;
  Transform out;
  out.kind = TransformKind::kRedact;
  return out;
}

Transform JoinMasks(const Transform& a, const Transform& b, bool* conflict) {
  const bool first = a.keep_first > 0 && b.keep_first > 0 && a.keep_last == 0 && b.keep_last == 0;
  const bool last = a.keep_last > 0 && b.keep_last > 0 && a.keep_first == 0 && b.keep_first == 0;
  if (a.keep_domain || b.keep_domain || !(first || last)) return Incomparable(conflict);
  return (first ? a.keep_first < b.keep_first : a.keep_last < b.keep_last) ? a : b;
}

// Neither of two digests without a key hides more than the other, and between `unchanged` and the next level there must
// be one least upper bound: the later profile in byte order. The recipient of the other finds no match, hence the
// conflict.
Transform JoinDigests(const Transform& a, const Transform& b, bool* conflict) {
  if (conflict != nullptr) *conflict = true;
  return a.normalize < b.normalize ? b : a;
}

Transform JoinGeneralizations(const Transform& a, const Transform& b, bool* conflict) {
  const Generalization &left = a.generalize, &right = b.generalize;
  if (left.what != right.what) return Incomparable(conflict);
  Transform out = a;
  switch (left.what) {
    case Generalization::What::kDate:
      out.generalize.year = left.year || right.year;
      return out;
    case Generalization::What::kNumber: {
      // Buckets begin at 0, so the least one that is as coarse as both is their least common multiple; `redact` where
      // neither is a multiple of the other would make the result depend on the order of three.
      const std::uint64_t factor = right.bucket / std::gcd(left.bucket, right.bucket);
      if (factor > kMaxBucket / left.bucket) return Incomparable(conflict);
      out.generalize.bucket = left.bucket * factor;
      return out;
    }
    case Generalization::What::kIp:
      out.generalize.v4_prefix = std::min(left.v4_prefix, right.v4_prefix);
      out.generalize.v6_prefix = std::min(left.v6_prefix, right.v6_prefix);
      return out;
    case Generalization::What::kZip:
      return out;
    case Generalization::What::kAge:
      out.generalize.cap = std::min(left.cap, right.cap);
      return out;
  }
  return Incomparable(conflict);
}

Transform JoinTokenizations(const Transform& a, const Transform& b, bool* conflict) {
  const Tokenization &left = a.tokenize, &right = b.tokenize;
  if (left.format_preserving != right.format_preserving || left.alphabet != right.alphabet)
    return Incomparable(conflict);
  return left.least_values < right.least_values ? b : a;
}

Transform JoinShifts(const Transform& a, const Transform& b, bool* conflict) {
  if (a.shift_subject != b.shift_subject) return Incomparable(conflict);
  return a.shift_days < b.shift_days ? b : a;
}

Transform JoinScrubs(const Transform& a, const Transform& b) {
  Transform out = a;
  out.scrub.clear();
  std::set_union(a.scrub.begin(), a.scrub.end(), b.scrub.begin(), b.scrub.end(), std::back_inserter(out.scrub));
  return out;
}

// Path by path; a path that one of them does not name is dropped. With none left, nothing of the two can be combined.
Transform JoinJson(const Transform& a, const Transform& b, bool* conflict) {
  Transform out = a;
  out.paths.clear();
  for (const Transform::AtPath& left : a.paths) {
    for (const Transform::AtPath& right : b.paths) {
      if (left.path == right.path) {
        out.paths.push_back({left.path, Join(left.transform, right.transform, conflict)});
      }
    }
  }
  return out.paths.empty() ? Incomparable(conflict) : out;
}

// INVARIANT: a total order with the default least, so that `mask` and `hash` still have one least upper
// bound. Which of two written constants stands does not matter to anyone's privacy; that it is always the
// same one does.
Transform JoinRedactions(const Transform& a, const Transform& b) {
  const std::string least = Transform().constant;
  if (a.constant == least) return b;
  if (b.constant == least) return a;
  return a.constant < b.constant ? b : a;
}

}  // namespace

bool AtLeastAsStrict(TransformKind a, TransformKind b) {
  return a == b || (Comparable(a, b) && Level(a) > Level(b));
}

Transform Join(const Transform& a, const Transform& b, bool* conflict) {
  const Transform left = Canonical(a), right = Canonical(b);
  if (left == right) return left;
  if (!Comparable(left.kind, right.kind)) return Incomparable(conflict);
  if (left.kind != right.kind) return Level(left.kind) > Level(right.kind) ? left : right;
  switch (left.kind) {
    case TransformKind::kSha256:
      return JoinDigests(left, right, conflict);
    case TransformKind::kGeneralize:
      return JoinGeneralizations(left, right, conflict);
    case TransformKind::kMask:
      return JoinMasks(left, right, conflict);
    case TransformKind::kTokenize:
      return JoinTokenizations(left, right, conflict);
    case TransformKind::kDateShift:
      return JoinShifts(left, right, conflict);
    case TransformKind::kScrub:
      return JoinScrubs(left, right);
    case TransformKind::kJson:
      return JoinJson(left, right, conflict);
    case TransformKind::kRedact:
      return JoinRedactions(left, right);
    default:
      return Incomparable(conflict);  // two profiles are two hash keys
  }
}

}  // namespace weir::policies
