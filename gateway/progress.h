#pragma once

#include <cstdint>
#include <string_view>

namespace weir::gateway {

// Told by the engine about once a batch. Implementations must be quick and must not throw. Called from one thread.
class Progress {
 public:
  virtual ~Progress() = default;
  // A phase begins: "scan", "decide", "deliver". `expected_rows` 0: not known.
  virtual void Phase(std::string_view sync, std::string_view phase, std::uint64_t expected_rows) = 0;
  virtual void Rows(std::uint64_t done) = 0;
  virtual void Done() = 0;
};

}  // namespace weir::gateway
