#include "gateway/version.h"

namespace weir::gateway {

std::string_view Version() { return WEIR_VERSION; }

}  // namespace weir::gateway
