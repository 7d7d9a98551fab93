#pragma once

#include <string>

#include "gateway/terminal.h"

namespace weir::gateway {

// Prints one JSON document, indented; beyond ASCII escaped where a person looks at it, so that no control character of
// Unicode acts on the terminal. `json` is what the commands' own writers made.
void PrintJson(const std::string& json, Terminal& terminal);

}  // namespace weir::gateway
