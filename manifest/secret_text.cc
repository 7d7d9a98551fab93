#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>

#include "manifest/diagnostic.h"

namespace weir::manifest {
namespace {

struct Prefix {
  std::string_view text;
  std::size_t least;  // length of the whole token
};

// Documented prefixes of issued credentials.
constexpr auto kPrefixes = std::to_array<Prefix>({
    {"sk_live_", 16}, {"sk_test_", 16}, {"rk_live_", 16},    {"rk_test_", 16},  {"whsec_", 16},
    {"AKIA", 20},     {"ASIA", 20},     {"ghp_", 20},        {"gho_", 20},      {"ghu_", 20},
    {"ghs_", 20},     {"ghr_", 20},     {"github_pat_", 20}, {"glpat-", 20},    {"xoxb-", 16},
    {"xoxp-", 16},    {"xoxa-", 16},    {"xoxs-", 16},       {"xapp-", 16},     {"SG.", 24},
    {"AIza", 30},     {"ya29.", 20},    {"pat-na1-", 20},    {"pat-eu1-", 20},  {"shpat_", 20},
    {"dop_v1_", 20},  {"npm_", 30},     {"pypi-", 30},       {"hf_", 24},       {"sk-", 20},
    {"key-", 36},     {"dapi", 34},     {"eyJ", 40},         {"dckr_pat_", 16}, {"AGE-SECRET-KEY-", 20},
});

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// scheme://user:password@host
bool HoldsUrlPassword(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  std::string_view authority = text.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::size_t colon = authority.find(':');
  return colon != std::string_view::npos && colon + 1 < at;
}

// Long and of changing character classes, as base62 and hexadecimal keys are and identifiers made of words
// are not.
bool LooksRandom(std::string_view text) {
  if (text.size() < 24 || text.starts_with("AAAA")) return false;  // AAAA: an SSH public key
  const bool alphabet = std::all_of(text.begin(), text.end(), [](char c) {
    return IsLower(c) || IsUpper(c) || IsDigit(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
  });
  if (!alphabet) return false;
  const bool lower = std::any_of(text.begin(), text.end(), IsLower);
  const bool upper = std::any_of(text.begin(), text.end(), IsUpper);
  const bool digit = std::any_of(text.begin(), text.end(), IsDigit);
  if (std::all_of(text.begin(), text.end(), IsHex)) return text.size() >= 32 && digit && (lower || upper);
  if (!lower || !upper || !digit) return false;
  const auto kind = [](char c) { return IsLower(c) ? 0 : IsUpper(c) ? 1 : IsDigit(c) ? 2 : 3; };
  std::size_t changes = 0;
  for (std::size_t i = 1; i < text.size(); ++i) changes += kind(text[i]) != kind(text[i - 1]) ? 1 : 0;
  return changes * 100 >= text.size() * 45;
}

bool IsSecretToken(std::string_view token) {
  if (token.starts_with("sha256:")) return false;
  for (const Prefix& prefix : kPrefixes) {
    if (token.starts_with(prefix.text) && token.size() >= prefix.least &&
        std::any_of(token.begin(), token.end(), IsDigit)) {
      return true;
    }
  }
  if (HoldsUrlPassword(token)) return true;
  // key=value, as in a connection string
  const std::size_t equals = token.find('=');
  if (equals != std::string_view::npos && equals + 1 < token.size() && NamesSecret(token.substr(0, equals))) {
    return true;
  }
  return LooksRandom(token);
}

}  // namespace

bool NamesSecret(std::string_view key) {
  static constexpr auto kEndings = std::to_array<std::string_view>(
      {"password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "access_key",
       "private_key", "client_secret", "secret_key", "authorization", "credential", "credentials"});
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&lower](std::string_view ending) { return std::string_view(lower).ends_with(ending); });
}

bool LooksLikeSecret(std::string_view text) {
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) return true;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) return false;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    if (IsSecretToken(text.substr(begin, end - begin))) return true;
    at = end;
  }
  return false;
}

}  // namespace weir::manifest
