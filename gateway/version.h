#pragma once

#include <string_view>

namespace weir::gateway {

std::string_view Version();  // of the program: "0.1.0"

}  // namespace weir::gateway
