#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace weir::manifest {

// Where the tokens of a JSON text stand: every `{`, `}`, `[`, `]`, `:`, `,` outside of strings, and the first byte of every
// string, number, `true`, `false` and `null`. Found by simdjson's first stage, which goes over the bytes with SIMD at
// several GB/s and shows of the whole text that it is UTF-8, that no string holds a control character, and that the
// last string ends. Between two tokens stands the rest of the first one, and whitespace; nothing else is known of the
// order of tokens.
class JsonIndex {
 public:
  enum class Problem : std::uint8_t { kNone, kEmpty, kUnclosedString, kControlCharacter, kNotUtf8, kNoMemory, kOther };

  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  // Needs kPadding readable bytes behind `text`, which is at most 4 GB.
  static constexpr std::size_t kPadding = 64;
  Problem Build(std::string_view text);

  // Offsets, ascending. One more element stands behind the last: the size of the text.
  std::span<const std::uint32_t> tokens() const;

  // `string`: the bytes behind an opening quote. Writes the text that is meant to `out`, which holds the string's size
  // as written and kPadding more. Returns its end; null pointer: a wrong escape.
  char* Unescape(const char* string, char* out) const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace weir::manifest
