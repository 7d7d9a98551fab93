#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace weir::gateway {

// A stable code that messages carry, and what it says to a person who meets it. Codes are never given a second meaning.
struct MessageCode {
  std::string_view code;     // W-GATE-003
  std::string_view title;    // one line
  std::string_view meaning;  // what happened, and why Weir stops there
  std::string_view advice;   // what to do
};

// Sorted by code.
std::span<const MessageCode> MessageCodes();
// Ignores ASCII case; null pointer when there is none.
const MessageCode* FindMessageCode(std::string_view code);

}  // namespace weir::gateway
