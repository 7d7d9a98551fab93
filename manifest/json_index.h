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
  enum class Problem : std::uint8_t { kNone, kEmpty, kUnclosedString, kControlCharacter, kNotUtf8, kNeedsMore, kNoMemory, kOther };

  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  // Of `text`, which begins outside of strings. Where it is not `all`, of so much of it as ends outside of a string, behind a
  // bracket in its second half; kNeedsMore: it has none. Needs kPadding readable bytes behind `text`, which has less than 4
  // GiB, and forgets what it has found before.
  static constexpr std::size_t kPadding = 64;
  Problem Build(std::string_view text, bool all);

  std::size_t size() const { return size_; }  // of the text whose tokens are known
  // Offsets, ascending. Two more elements stand behind the last: that size.
  std::span<const std::uint32_t> tokens() const;

  // `string`: the bytes behind an opening quote. Writes the text that is meant to `out`, which holds the string's size
  // as written and kPadding more. Returns its end; null pointer: a wrong escape.
  char* Unescape(const char* string, char* out) const;

 private:
  Problem BuildAll(std::string_view text);

  struct Parser;
  std::size_t size_ = 0;
  std::unique_ptr<Parser> parser_;
};

}  // namespace weir::manifest
