#include "policies/transform.h"

#include <algorithm>
#include <tuple>

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

std::string GeneralizationText(const Generalization& own) {
  switch (own.what) {
    case Generalization::What::kDate:
      return own.year ? "date: year" : "date: month";
    case Generalization::What::kNumber:
      return "number: {bucket: " + std::to_string(own.bucket) + "}";
    case Generalization::What::kIp:
      return "ip: {v4: " + std::to_string(own.v4_prefix) + ", v6: " + std::to_string(own.v6_prefix) + "}";
    case Generalization::What::kZip:
      return "zip: {digits: 3}";
    case Generalization::What::kAge:
      return "age: {cap: " + std::to_string(own.cap) + "}";
  }
  return {};
}

std::string TokenizationText(const Tokenization& own) {
  if (!own.format_preserving) return "tokenize: {method: siv}";
  return "tokenize: {method: fpe, alphabet: " + own.alphabet +
         ", least_values: " + std::to_string(own.least_values) + "}";
}

std::string ShiftText(const Transform& own) {
  std::string out = "date_shift: {days: " + std::to_string(own.shift_days);
  if (!own.shift_subject.empty()) out += ", subject: " + own.shift_subject;
  return out + "}";
}

std::string ScrubText(const std::vector<Detector>& detectors) {
  if (detectors.size() == kDetectors) return "scrub";
  std::string names;
  for (const Detector detector : detectors) names.append(names.empty() ? "" : ", ").append(Name(detector));
  return "scrub: {detect: [" + names + "]}";
}

std::string JsonText(const std::vector<Transform::AtPath>& paths) {
  std::string out;
  for (const Transform::AtPath& one : paths) {
    const std::string text = one.transform.ToText();
    const bool bare = text.find(':') == std::string::npos;
    out.append(out.empty() ? "" : ", ").append(Quoted(one.path)).append(bare ? ": " : ": {");
    out.append(text).append(bare ? "" : "}");
  }
  return "json: {paths: {" + out + "}}";
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
    case TransformKind::kDateShift:
      return "date_shift";
    case TransformKind::kScrub:
      return "scrub";
    case TransformKind::kJson:
      return "json";
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

bool operator==(const Transform& a, const Transform& b) {
  const auto parts = [](const Transform& t) {
    return std::tie(t.kind, t.keep_first, t.keep_last, t.keep_domain, t.normalize, t.generalize, t.tokenize,
                    t.shift_days, t.shift_subject, t.scrub, t.constant);
  };
  return parts(a) == parts(b) && std::equal(a.paths.begin(), a.paths.end(), b.paths.begin(), b.paths.end(),
                                            [](const Transform::AtPath& x, const Transform::AtPath& y) {
                                              return x.path == y.path && x.transform == y.transform;
                                            });
}

std::string Transform::ToText() const {
  const Transform own = Canonical(*this);
  switch (own.kind) {
    case TransformKind::kMask: {
      std::string keep;
      if (own.keep_domain) keep = "domain";
      if (own.keep_first > 0) keep = "{first: " + std::to_string(own.keep_first) + "}";
      if (own.keep_last > 0) keep = "{last: " + std::to_string(own.keep_last) + "}";
      return keep.empty() ? "mask" : "mask: {keep: " + keep + "}";
    }
    case TransformKind::kSha256:
    case TransformKind::kHash: {
      const std::string name(Name(own.kind));
      return own.normalize.empty() ? name : name + ": {normalize: " + own.normalize + "}";
    }
    case TransformKind::kGeneralize:
      return "generalize: {" + GeneralizationText(own.generalize) + "}";
    case TransformKind::kTokenize:
      return TokenizationText(own.tokenize);
    case TransformKind::kDateShift:
      return ShiftText(own);
    case TransformKind::kScrub:
      return ScrubText(own.scrub);
    case TransformKind::kJson:
      return JsonText(own.paths);
    case TransformKind::kRedact:
      if (own.constant != Transform().constant) return "redact: {constant: " + Quoted(own.constant) + "}";
      break;
    case TransformKind::kUnchanged:
    case TransformKind::kBlank:
    case TransformKind::kDrop:
    case TransformKind::kDeny:
      break;
  }
  return std::string(Name(own.kind));
}

Transform Canonical(const Transform& transform) {
  Transform out;
  out.kind = transform.kind;
  switch (transform.kind) {
    case TransformKind::kMask:
      out.keep_first = transform.keep_first;
      out.keep_last = transform.keep_last;
      out.keep_domain = transform.keep_domain;
      break;
    case TransformKind::kSha256:
    case TransformKind::kHash:
      out.normalize = transform.normalize;
      break;
    case TransformKind::kGeneralize:
      out.generalize = transform.generalize;
      break;
    case TransformKind::kTokenize:
      out.tokenize = transform.tokenize;
      break;
    case TransformKind::kDateShift:
      out.shift_days = transform.shift_days;
      out.shift_subject = transform.shift_subject;
      break;
    case TransformKind::kScrub:
      out.scrub = transform.scrub;
      break;
    case TransformKind::kJson:
      for (const Transform::AtPath& one : transform.paths)
        out.paths.push_back({one.path, Canonical(one.transform)});
      break;
    case TransformKind::kRedact:
      out.constant = transform.constant;
      break;
    case TransformKind::kUnchanged:
    case TransformKind::kBlank:
    case TransformKind::kDrop:
    case TransformKind::kDeny:
      break;
  }
  return out;
}

bool CanRun(const Transform& transform) {
  switch (transform.kind) {
    case TransformKind::kTokenize:
    case TransformKind::kDateShift:
    case TransformKind::kScrub:
    case TransformKind::kJson:
      return false;
    default:
      return true;
  }
}

}  // namespace weir::policies
