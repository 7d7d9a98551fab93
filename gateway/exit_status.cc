#include "gateway/exit_status.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace weir::gateway {

int WorseExitStatus(int a, int b) {
  static constexpr std::array<int, 8> kFromWorst = {kExitInDoubt, kExitInterrupted, kExitConfig,   kExitUnreadable,
                                                    kExitHeld,    kExitWaiting,     kExitFindings, kExitGood};
  const auto rank = [](int status) -> std::ptrdiff_t {
    const auto found = std::find(kFromWorst.begin(), kFromWorst.end(), status);
    return found == kFromWorst.end() ? -1 : std::distance(kFromWorst.begin(), found);
  };
  return rank(a) <= rank(b) ? a : b;
}

}  // namespace weir::gateway
