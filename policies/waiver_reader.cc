#include <algorithm>
#include <utility>

#include "policies/policy_document.h"

namespace weir::policies {
namespace {

constexpr std::string_view kWaiver = "W-POL-040";
constexpr std::string_view kKinds[] = {"exposure:", "sync:", "model:", "source:"};

bool IsTarget(std::string_view target) {
  return std::any_of(std::begin(kKinds), std::end(kKinds), [&](std::string_view kind) {
    return target.starts_with(kind) && target.size() > kind.size();
  });
}

}  // namespace

std::optional<Waiver> ReadWaiver(const manifest::Value& value, const std::string& file,
                                 manifest::Diagnostics* diagnostics) {
  Waiver out;
  out.at = {file, value.position()};
  const manifest::Value* const written_id = value.Find("id");
  const bool has_id = written_id != nullptr && written_id->AsString().has_value();
  const std::string what = has_id ? "waiver `" + *written_id->AsString() + "`" : "a waiver";
  manifest::Fields fields(value, what, file, std::string(kWaiver), diagnostics,
                          "{id: W001, rule: Q001, target: 'exposure:NAME', reason: …, approver: …, expires: 2027-01-31}");
  if (value.kind() != manifest::Value::Kind::kMap) return std::nullopt;
  out.id = fields.RequiredString("id").value_or("");
  if (!out.id.empty() && !IsName(out.id, true)) {
    fields.Error(*fields.Any("id"), "`" + out.id + "` is no id: letters, digits, `_`, `-` and dots between them");
  }
  out.rule = fields.RequiredString("rule").value_or("");
  out.target = fields.RequiredString("target").value_or("");
  if (!out.target.empty() && !IsTarget(out.target)) {
    fields.Error(*fields.Any("target"), "`target` of " + what + " must begin with `exposure:`, `sync:`, `model:` or `source:`, "
                                        "not `" + out.target + "`");
  } else if (out.target.find_first_of("*?[") != std::string::npos) {
    fields.Error(*fields.Any("target"),
                 "`target` of " + what + " must be one exact name: what comes later must not be waived before anybody saw it");
  }
  for (const char* key : {"models", "destination"}) {
    const manifest::Value* const written = fields.Any(key);
    if (written == nullptr || out.target.empty() || out.target.starts_with("exposure:")) continue;
    fields.Error(*written, "`" + std::string(key) + "` of " + what + " binds an exposure; its `target` is `" + out.target + "`");
  }
  out.models = fields.Strings("models");
  if (const manifest::Value* const models = fields.Any("models");
      models != nullptr && models->kind() == manifest::Value::Kind::kList && models->items().empty()) {
    fields.Error(*models, "`models` of " + what + " is empty");
  }
  if (fields.Any("destination") != nullptr) out.destination = fields.RequiredString("destination").value_or("");
  Vouched vouched = ReadVouched(&fields, what);
  out.reason = std::move(vouched.reason);
  out.approver = std::move(vouched.approver);
  out.expires = std::move(vouched.expires);
  fields.Finish();
  if (out.id.empty() || out.rule.empty() || out.target.empty()) return std::nullopt;
  return out;
}

}  // namespace weir::policies
