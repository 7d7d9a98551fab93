#include "gateway/commands/json_output.h"

#include <nlohmann/json.hpp>

namespace weir::gateway {

void PrintJson(const std::string& json, Terminal& terminal) {
  using nlohmann::ordered_json;
  const ordered_json document = ordered_json::parse(json);
  terminal.Verbatim(document.dump(2, ' ', /*ensure_ascii=*/terminal.settings().is_terminal,
                                  ordered_json::error_handler_t::replace) +
                    "\n");
}

}  // namespace weir::gateway
