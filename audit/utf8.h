#pragma once

#include <cstddef>
#include <string_view>

namespace weir::audit {

// Bytes of the well-formed UTF-8 sequence (Unicode 15, table 3-7) that `text` begins with; 0 when it begins with none.
std::size_t Utf8Length(std::string_view text);

// All of it is well-formed. Eight bytes of ASCII a step.
bool IsUtf8(std::string_view text);

}  // namespace weir::audit
