#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

#include "audit/clock.h"
#include "gateway/progress.h"
#include "gateway/terminal.h"

namespace weir::gateway {

// One line on a terminal, rewritten at most ten times a second: sync, phase, rows, rows a second, remaining time where
// the number of rows is known. Writes nothing at all where `settings` is no terminal. Not thread-safe; `out` and `clock`
// outlive it.
class TerminalProgress final : public Progress {
 public:
  TerminalProgress(std::ostream& out, TerminalSettings settings, const audit::Clock& clock);
  ~TerminalProgress() override;
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  void Phase(std::string_view sync, std::string_view phase, std::uint64_t expected_rows) override;
  void Rows(std::uint64_t done) override;
  void Done() override;  // takes the line away

 private:
  void Show(std::chrono::steady_clock::time_point at);

  std::ostream& out_;
  const TerminalSettings settings_;
  const audit::Clock& clock_;
  std::string sync_, phase_;
  std::uint64_t expected_ = 0, rows_ = 0;
  std::chrono::steady_clock::time_point started_, shown_;
  bool visible_ = false;
};

// `12,345`: for people.
std::string WithThousands(std::uint64_t number);
// `48s`, `3m 20s`, `2h 05m`.
std::string ShortDuration(std::chrono::seconds duration);

}  // namespace weir::gateway
