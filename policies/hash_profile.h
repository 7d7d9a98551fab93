#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::policies {

// How a value is written before it is hashed, so that two spellings of one thing give one hash. Pinned: what a profile
// does with any text never changes; another rule is another version (`email@2`). Only ASCII letters are lower-cased and
// no Unicode normalization takes place, because both depend on tables that change from year to year.
enum class HashProfile : std::uint8_t {
  kBytes,   // ``         the bytes as they are
  kEmail1,  // `email@1`  ASCII white space trimmed, lower case; exactly one `@` with something on both sides
  kPhone1,  // `phone@1`  ` `, `-`, `.`, `(` and `)` taken out; then `+` or `00`, and 7 to 15 digits, the first no zero;
            //            result: `+` and the digits. A number without country is not normalizable
  kText1,   // `text@1`   ASCII white space trimmed, lower case
};

std::optional<HashProfile> FindHashProfile(std::string_view name);  // nullopt: no such profile

// Puts the normal form of `text`, valid UTF-8, into *out. False when it has none; *out is unspecified then. ASCII white
// space is space, tab, line feed, vertical tab, form feed and carriage return.
bool Normalize(HashProfile profile, std::string_view text, std::string* out);

}  // namespace weir::policies
