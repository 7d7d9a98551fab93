#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "manifest/value.h"

namespace weir::manifest {

// The line of `text` at `position` and a caret below its column, each ending in a line break; empty when the
// text has no such line. Scalars that look like secrets, and values of keys that name one, are shown as
// `***`; control bytes are escaped; a line longer than a terminal is cut around the column.
std::string ShowLine(std::string_view text, Position position);

// Length in bytes of the code point that `text` begins with (RFC 3629: no surrogates, no overlong forms); 0
// when it begins with none.
std::size_t Utf8Length(std::string_view text);

// The position of a byte; columns count bytes.
Position PositionOfByte(std::string_view text, std::size_t offset);

}  // namespace weir::manifest
