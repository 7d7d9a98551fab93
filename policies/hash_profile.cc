#include "policies/hash_profile.h"

namespace weir::policies {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\v\f\r";
  const std::size_t begin = text.find_first_not_of(kWhite);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

void AssignLower(std::string_view text, std::string* out) {
  out->assign(text);
  for (char& c : *out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
}

bool NormalizeEmail(std::string_view text, std::string* out) {
  AssignLower(Trim(text), out);
  const std::size_t at = out->find('@');
  return at != out->npos && at > 0 && at + 1 < out->size() && out->find('@', at + 1) == out->npos;
}

bool NormalizePhone(std::string_view text, std::string* out) {
  out->clear();
  for (const char c : Trim(text)) {
    if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')') continue;
    if ((c < '0' || c > '9') && !(c == '+' && out->empty())) return false;
    out->push_back(c);
  }
  if (out->starts_with("00")) out->replace(0, 2, "+");
  constexpr std::size_t kMinDigits = 7, kMaxDigits = 15;  // ITU-T E.164 allows 15
  return out->size() > kMinDigits && out->size() <= kMaxDigits + 1 && out->front() == '+' && (*out)[1] != '0';
}

}  // namespace

std::optional<HashProfile> FindHashProfile(std::string_view name) {
  if (name.empty()) return HashProfile::kBytes;
  if (name == "email@1") return HashProfile::kEmail1;
  if (name == "phone@1") return HashProfile::kPhone1;
  if (name == "text@1") return HashProfile::kText1;
  return std::nullopt;
}

bool Normalize(HashProfile profile, std::string_view text, std::string* out) {
  switch (profile) {
    case HashProfile::kBytes: out->assign(text); return true;
    case HashProfile::kEmail1: return NormalizeEmail(text, out);
    case HashProfile::kPhone1: return NormalizePhone(text, out);
    case HashProfile::kText1: AssignLower(Trim(text), out); return true;
  }
  return false;
}

}  // namespace weir::policies
