#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::audit {

// Appends `text` as a JSON string (RFC 8259) with its quotes. Any bytes go in: what is not well-formed UTF-8 becomes
// U+FFFD, control characters become \u00XX, so that an entry always is one line.
void AppendJsonString(std::string_view text, std::string* out);

// A JSON value as entries have it. Objects keep the order of the text.
struct JsonValue {
  enum class Kind : std::uint8_t { kNull, kBool, kInteger, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  std::uint64_t integer = 0;  // entries hold counts and indices only: no sign, no fraction
  std::string string;
  std::vector<JsonValue> items;
  std::vector<std::pair<std::string, JsonValue>> members;

  // Defined where the type is complete: clang 14 with this standard library needs it for the vector above.
  JsonValue();
  ~JsonValue();
  JsonValue(const JsonValue&);
  JsonValue& operator=(const JsonValue&);
  JsonValue(JsonValue&&) noexcept;
  JsonValue& operator=(JsonValue&&) noexcept;

  const JsonValue* Find(std::string_view name) const;  // null when there is none, or this is no object
  std::string_view TextOr(std::string_view name, std::string_view otherwise) const;
  std::optional<std::uint64_t> Integer(std::string_view name) const;
};

// Strict: one value, no white space around tokens, keys of every object strictly ascending by bytes, integers from 0 to
// 2^64-1 without sign, fraction or leading zero, well-formed UTF-8, at most 16 levels. This is the canonical form that
// the writers of entry.h produce; nullopt for anything else.
std::optional<JsonValue> ParseCanonicalJson(std::string_view text);

}  // namespace weir::audit
