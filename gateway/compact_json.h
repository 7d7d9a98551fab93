#pragma once

#include <string>
#include <string_view>

namespace weir::gateway {

// Appends `text` without the white space between its tokens, when it is one JSON value (RFC 8259, valid UTF-8, at most 128
// levels deep): on one line, with every digit, escape, order and repetition of keys as they are, which no library's
// reading and writing keeps. False otherwise; *out is as before then.
bool AppendCompactJson(std::string_view text, std::string* out);

// RFC 8259 section 6.
bool IsJsonNumber(std::string_view text);

}  // namespace weir::gateway
