#include "policies/check_digits.h"

#include <algorithm>
#include <array>

namespace weir::policies {
namespace {

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int Leading(std::string_view digits, std::size_t count) {
  int value = 0;
  for (const char c : digits.substr(0, count)) value = value * 10 + (c - '0');
  return value;
}

// Issuer identification numbers: the first four digits, and which lengths go with them.
struct Issuer {
  int from, to;
  std::size_t shortest, longest;
};
constexpr std::array<Issuer, 21> kIssuers = {{
    {4000, 4999, 13, 19},  // Visa
    {5100, 5599, 16, 16},  // Mastercard
    {2221, 2720, 16, 16},  // Mastercard's second series
    {3400, 3499, 15, 15},  // American Express
    {3700, 3799, 15, 15},
    {6011, 6011, 16, 19},  // Discover
    {6440, 6599, 16, 19},
    {3528, 3589, 16, 19},  // JCB
    {2131, 2131, 15, 15},
    {1800, 1800, 15, 15},
    {3000, 3059, 14, 19},  // Diners Club
    {3095, 3095, 14, 19},
    {3600, 3699, 14, 19},
    {3800, 3999, 14, 19},
    {6200, 6299, 16, 19},  // UnionPay
    {5000, 5099, 12, 19},  // Maestro
    {5600, 5899, 12, 19},
    {6000, 6010, 12, 19},
    {6012, 6199, 12, 19},
    {6300, 6439, 12, 19},
    {6600, 6999, 12, 19},
}};

struct Country {
  std::string_view code;
  std::size_t length;
};
// SWIFT's registry of IBAN formats.
constexpr std::array<Country, 89> kCountries = {{
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
    {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27},
    {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27},
    {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28},
    {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28},
    {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22},
    {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
    {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
}};

}  // namespace

bool PassesLuhn(std::string_view digits) {
  if (digits.size() < 2 || !AllDigits(digits)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool IsCardNumber(std::string_view digits) {
  if (digits.size() < 12 || digits.size() > 19 || !PassesLuhn(digits)) return false;
  const int leading = Leading(digits, 4);
  return std::any_of(kIssuers.begin(), kIssuers.end(), [&](const Issuer& issuer) {
    return leading >= issuer.from && leading <= issuer.to && digits.size() >= issuer.shortest &&
           digits.size() <= issuer.longest;
  });
}

std::size_t IbanLength(std::string_view text) {
  const auto found = std::find_if(kCountries.begin(), kCountries.end(),
                                  [&](const Country& country) { return text.starts_with(country.code); });
  return found == kCountries.end() ? 0 : found->length;
}

bool IsIban(std::string_view text) {
  const std::size_t length = IbanLength(text);
  if (length == 0 || text.size() != length || !AllDigits(text.substr(2, 2))) return false;
  int remainder = 0;
  for (std::size_t i = 0; i < length; ++i) {  // the first four characters come last
    const char c = text[(i + 4) % length];
    if (c >= '0' && c <= '9') {
      remainder = (remainder * 10 + (c - '0')) % 97;
    } else if (c >= 'A' && c <= 'Z') {
      remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
    } else {
      return false;
    }
  }
  return remainder == 1;
}

bool IsSocialSecurityNumber(std::string_view digits) {
  if (digits.size() != 9 || !AllDigits(digits)) return false;
  const int area = Leading(digits, 3);
  return area != 0 && area != 666 && area < 900 && digits.substr(3, 2) != "00" && digits.substr(5) != "0000";
}

}  // namespace weir::policies
