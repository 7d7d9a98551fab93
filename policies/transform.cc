#include "policies/transform.h"

#include <algorithm>

namespace weir::policies {
namespace {

// Each transform with a scalar that a policy writes: plain where YAML reads it back as the same text.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back('\'');
    out.push_back(c);
  }
  return out + "'";
}

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
    case TransformKind::kScrub:
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

// Only the parameters of its own kind, so that equal transforms compare equal.
Transform Canonical(const Transform& transform) {
  Transform out;
  out.kind = transform.kind;
  if (transform.kind == TransformKind::kMask) {
    out.keep_first = transform.keep_first;
    out.keep_last = transform.keep_last;
    out.keep_domain = transform.keep_domain;
  }
  if (transform.kind == TransformKind::kHash) out.normalize = transform.normalize;
  if (transform.kind == TransformKind::kRedact) out.constant = transform.constant;
  return out;
}

// The least of all that are stricter than two which cannot be compared.
Transform Redacted() {
  Transform out;
  out.kind = TransformKind::kRedact;
  return out;
}

Transform Incomparable(bool* conflict) {
  if (conflict != nullptr) *conflict = true;
  return Redacted();
}

Transform JoinMasks(const Transform& a, const Transform& b, bool* conflict) {
  const bool first = a.keep_first > 0 && b.keep_first > 0 && a.keep_last == 0 && b.keep_last == 0;
  const bool last = a.keep_last > 0 && b.keep_last > 0 && a.keep_first == 0 && b.keep_first == 0;
  if (a.keep_domain || b.keep_domain || !(first || last)) return Incomparable(conflict);
  return (first ? a.keep_first < b.keep_first : a.keep_last < b.keep_last) ? a : b;
}

// INVARIANT: a total order with the default least, so that `mask` and `hash` still have one least upper
// bound. Which of two written constants stands does not matter to anyone's privacy; that it is always the
// same one does.
Transform JoinRedactions(const Transform& a, const Transform& b) {
  const std::string& least = Redacted().constant;
  if (a.constant == least) return b;
  if (b.constant == least) return a;
  return a.constant < b.constant ? b : a;
}

bool Fits(ColumnType type, const Transform& transform) {
  switch (transform.kind) {
    case TransformKind::kMask:
      return type == ColumnType::kText ||
             (!transform.keep_domain && (type == ColumnType::kInteger || type == ColumnType::kUuid));
    case TransformKind::kHash:
      if (type == ColumnType::kText) return true;
      if (type == ColumnType::kInteger)
        return transform.normalize.empty() || transform.normalize.starts_with("phone@");
      // A boolean's two hashes show what they hide; the text of decimals and floats differs where the numbers
      // do not.
      return transform.normalize.empty() &&
             (type == ColumnType::kUuid || type == ColumnType::kDate || type == ColumnType::kTime ||
              type == ColumnType::kTimestamp || type == ColumnType::kTimestampTz);
    case TransformKind::kRedact:
      return type == ColumnType::kText || type == ColumnType::kJson || type == ColumnType::kOther;
    case TransformKind::kUnchanged:
    case TransformKind::kBlank:
    case TransformKind::kDrop:
    case TransformKind::kDeny:
      return true;
    case TransformKind::kSha256:
    case TransformKind::kGeneralize:
    case TransformKind::kTokenize:
    case TransformKind::kScrub:
      return false;  // not known to this version
  }
  return false;
}

}  // namespace

std::string_view Name(TransformKind kind) {
  switch (kind) {
    case TransformKind::kUnchanged:
      return "unchanged";
    case TransformKind::kSha256:
      return "sha256";
    case TransformKind::kGeneralize:
      return "generalize";
    case TransformKind::kMask:
      return "mask";
    case TransformKind::kTokenize:
      return "tokenize";
    case TransformKind::kHash:
      return "hash";
    case TransformKind::kScrub:
      return "scrub";
    case TransformKind::kRedact:
      return "redact";
    case TransformKind::kBlank:
      return "blank";
    case TransformKind::kDrop:
      return "drop";
    case TransformKind::kDeny:
      return "deny";
  }
  return "deny";
}

std::string Transform::ToText() const {
  const Transform own = Canonical(*this);
  if (own.kind == TransformKind::kMask) {
    std::string keep;
    if (own.keep_domain) keep = "domain";
    if (own.keep_first > 0) keep = "{first: " + std::to_string(own.keep_first) + "}";
    if (own.keep_last > 0) keep = "{last: " + std::to_string(own.keep_last) + "}";
    return keep.empty() ? "mask" : "mask: {keep: " + keep + "}";
  }
  if (own.kind == TransformKind::kHash && !own.normalize.empty())
    return "hash: {normalize: " + own.normalize + "}";
  if (own.kind == TransformKind::kRedact && own.constant != Redacted().constant) {
    return "redact: {constant: " + Quoted(own.constant) + "}";
  }
  return std::string(Name(own.kind));
}

bool AtLeastAsStrict(TransformKind a, TransformKind b) { return a == b || Level(a) > Level(b); }

Transform Join(const Transform& a, const Transform& b, bool* conflict) {
  const Transform left = Canonical(a), right = Canonical(b);
  if (left == right) return left;
  const int left_level = Level(left.kind), right_level = Level(right.kind);
  if (left_level != right_level) return left_level > right_level ? left : right;
  if (left.kind != right.kind) return Incomparable(conflict);
  if (left.kind == TransformKind::kMask) return JoinMasks(left, right, conflict);
  if (left.kind == TransformKind::kRedact) return JoinRedactions(left, right);
  return Incomparable(conflict);  // two profiles are two hash keys
}

Transform FitTo(ColumnType type, const Transform& transform, bool* changed) {
  Transform out = Canonical(transform);
  while (!Fits(type, out)) {
    if (changed != nullptr) *changed = true;
    const TransformKind next =
        Level(out.kind) < Level(TransformKind::kRedact) ? TransformKind::kRedact : TransformKind::kBlank;
    out = Transform();
    out.kind = next;
  }
  return out;
}

}  // namespace weir::policies
