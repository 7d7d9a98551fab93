#include <algorithm>
#include <utility>

#include "policies/policy_document.h"

namespace weir::policies {
namespace {

constexpr std::string_view kDeclassify = "W-POL-062";
constexpr std::string_view kSha256 = "sha256:";

bool IsCode(std::string_view text) {
  if (text.size() != kSha256.size() + 64 || !text.starts_with(kSha256)) return false;
  text.remove_prefix(kSha256.size());
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::optional<Declassification> ReadDeclassification(const manifest::Value& value, const std::string& file,
                                                     manifest::Diagnostics* diagnostics) {
  const std::string what = "a declassification";
  Declassification out;
  out.at = {file, value.position()};
  manifest::Fields fields(value, what, file, std::string(kDeclassify), diagnostics,
                          "{columns: [daily_sales.revenue], class: pii.order, code: 'sha256:…', reason: …, approver: …, expires: 2027-06-30}");
  if (value.kind() != manifest::Value::Kind::kMap) return std::nullopt;
  if (const manifest::Value* columns = fields.Required("columns")) {
    out.columns = fields.Strings("columns");
    if (columns->kind() == manifest::Value::Kind::kList && columns->items().empty()) {
      fields.Error(*columns, "`columns` of " + what + " is empty; list them: `daily_sales.revenue`");
    }
    for (const std::string& column : out.columns) {
      const std::size_t dot = column.rfind('.');
      if (dot == std::string::npos || dot == 0 || dot + 1 == column.size() || column.find('*') != std::string::npos) {
        fields.Error(*columns, "`" + column + "` in `columns` of " + what +
                                   " must be one exact `model.column`: what comes later must not be declassified before "
                                   "anybody saw it");
      }
    }
  }
  out.of_class = fields.RequiredString("class").value_or("");
  out.code = fields.RequiredString("code").value_or("");
  if (!out.code.empty() && !IsCode(out.code)) {
    fields.Error(*fields.Any("code"), "`code` of " + what + " must be `sha256:` and 64 lower-case hexadecimal digits; "
                                      "`weir explain MODEL.COLUMN` prints it");
  }
  Vouched vouched = ReadVouched(&fields, what);
  out.reason = std::move(vouched.reason);
  out.approver = std::move(vouched.approver);
  out.expires = std::move(vouched.expires);
  fields.Finish();
  if (out.columns.empty() || out.of_class.empty()) return std::nullopt;
  return out;
}

}  // namespace weir::policies
