#include "manifest/large_pages.h"

#include <sys/mman.h>

#include <memory>

namespace weir::manifest {

void AskForLargePages(void* begin, std::size_t size) {
  static constexpr std::size_t kLarge = std::size_t{2} << 20;
  static constexpr std::size_t kWorthIt = 8 * kLarge;
  if (size < kWorthIt || std::align(kLarge, kLarge, begin, size) == nullptr) return;
  (void)::madvise(begin, size / kLarge * kLarge, MADV_HUGEPAGE);
}

}  // namespace weir::manifest
