#include "policies/transform.h"

namespace weir::policies {
namespace {

bool IsCalendar(ColumnType type) {
  return type == ColumnType::kDate || type == ColumnType::kTimestamp || type == ColumnType::kTimestampTz;
}

// A boolean's two digests show what they hide; the text of decimals and floats differs where the numbers do not.
bool FitsDigest(ColumnType type, const std::string& normalize) {
  if (type == ColumnType::kText) return true;
  if (type == ColumnType::kInteger) return normalize.empty() || normalize.starts_with("phone@");
  return normalize.empty() && (type == ColumnType::kUuid || type == ColumnType::kTime || IsCalendar(type));
}

bool FitsGeneralization(ColumnType type, const Generalization& generalize) {
  switch (generalize.what) {
    case Generalization::What::kDate:
      return IsCalendar(type);
    case Generalization::What::kNumber:
      return type == ColumnType::kInteger || type == ColumnType::kDecimal;
    case Generalization::What::kIp:
    case Generalization::What::kZip:  // a number has lost the zeros it began with
      return type == ColumnType::kText;
    case Generalization::What::kAge:
      return type == ColumnType::kInteger;
  }
  return false;
}

bool Fits(ColumnType type, const Transform& transform) {
  switch (transform.kind) {
    case TransformKind::kMask:
      return type == ColumnType::kText ||
             (!transform.keep_domain && (type == ColumnType::kInteger || type == ColumnType::kUuid));
    case TransformKind::kSha256:
    case TransformKind::kHash:
      return FitsDigest(type, transform.normalize);
    case TransformKind::kGeneralize:
      return FitsGeneralization(type, transform.generalize);
    case TransformKind::kTokenize:
      if (!transform.tokenize.format_preserving) return FitsDigest(type, "");
      return type == ColumnType::kText || (type == ColumnType::kInteger && transform.tokenize.alphabet == "digits");
    case TransformKind::kDateShift:
      return IsCalendar(type);
    case TransformKind::kScrub:
      return type == ColumnType::kText;
    case TransformKind::kJson:
      return type == ColumnType::kJson || type == ColumnType::kText;
    case TransformKind::kRedact:
      return type == ColumnType::kText || type == ColumnType::kJson || type == ColumnType::kOther;
    case TransformKind::kUnchanged:
    case TransformKind::kBlank:
    case TransformKind::kDrop:
    case TransformKind::kDeny:
      return true;
  }
  return false;
}

}  // namespace

Transform FitTo(ColumnType type, const Transform& transform, bool* changed) {
  Transform out = Canonical(transform);
  while (!Fits(type, out)) {
    if (changed != nullptr) *changed = true;
    const TransformKind next =
        out.kind < TransformKind::kRedact ? TransformKind::kRedact : TransformKind::kBlank;
    out = Transform();
    out.kind = next;
  }
  return out;
}

ColumnType OutputType(ColumnType type, const Transform& transform) {
  switch (transform.kind) {
    case TransformKind::kUnchanged:
    case TransformKind::kDateShift:
    case TransformKind::kJson:
    case TransformKind::kBlank:
      return type;
    case TransformKind::kGeneralize:
      return transform.generalize.what == Generalization::What::kIp ||
                     transform.generalize.what == Generalization::What::kZip
                 ? ColumnType::kText
                 : type;
    default:
      return ColumnType::kText;
  }
}

}  // namespace weir::policies
