#pragma once

#include <string_view>

namespace weir::policies {

// ISO/IEC 7812-1 annex B, over digits alone; false for anything else and for fewer than two.
bool PassesLuhn(std::string_view digits);

// A number of a payment card as its issuers write it: known prefix, a length that goes with it, and its check digit.
bool IsCardNumber(std::string_view digits);

// ISO 13616: upper-case, without spaces; the country's length, and 1 as the remainder by 97 (ISO 7064).
bool IsIban(std::string_view text);
// The country's length of an IBAN that begins with `text`; 0: no such country.
std::size_t IbanLength(std::string_view text);

// The Social Security Administration never gives area 000, 666 or 900 and above, group 00 and serial 0000.
bool IsSocialSecurityNumber(std::string_view nine_digits);

}  // namespace weir::policies
