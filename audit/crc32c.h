#pragma once

#include <cstdint>
#include <string_view>

namespace weir::audit {

// CRC-32C (Castagnoli; RFC 3720 appendix B.4). Chains: Crc32c(Crc32c(0, a), b) is that of a followed by b. Finds torn
// and rotten bytes; says nothing about intent, which the tree is for.
std::uint32_t Crc32c(std::uint32_t previous, std::string_view bytes);

}  // namespace weir::audit
