#include "gateway/terminal_progress.h"

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

constexpr std::chrono::milliseconds kLeastBetween{100};

}  // namespace

std::string WithThousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string ShortDuration(std::chrono::seconds duration) {
  const long long seconds = std::max<long long>(0, duration.count());
  char text[48];
  if (seconds < 60) {
    std::snprintf(text, sizeof text, "%llds", seconds);
  } else if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%lldm %02llds", seconds / 60, seconds % 60);
  } else {
    std::snprintf(text, sizeof text, "%lldh %02lldm", seconds / 3600, seconds / 60 % 60);
  }
  return text;
}

TerminalProgress::TerminalProgress(std::ostream& out, TerminalSettings settings, const audit::Clock& clock)
    : out_(out), settings_(settings), clock_(clock) {}

TerminalProgress::~TerminalProgress() { Done(); }

void TerminalProgress::Phase(std::string_view sync, std::string_view phase, std::uint64_t expected_rows) {
  if (!settings_.is_terminal) return;
  sync_ = sync;
  phase_ = phase;
  expected_ = expected_rows;
  rows_ = 0;
  started_ = clock_.Monotonic();
  Show(started_);
}

void TerminalProgress::Rows(std::uint64_t done) {
  if (!settings_.is_terminal) return;
  rows_ = done;
  const auto at = clock_.Monotonic();
  if (at - shown_ >= kLeastBetween) Show(at);
}

void TerminalProgress::Done() {
  if (!visible_) return;
  out_ << "\r\x1b[K" << std::flush;
  visible_ = false;
}

void TerminalProgress::Show(std::chrono::steady_clock::time_point at) {
  std::string line = sync_ + ": " + phase_;
  if (rows_ > 0) {
    line += "  " + WithThousands(rows_);
    if (expected_ > 0) line += " of " + WithThousands(expected_);
    line += " rows";
    const double seconds = std::chrono::duration<double>(at - started_).count();
    if (seconds >= 1) {
      const double rate = static_cast<double>(rows_) / seconds;
      line += "  " + WithThousands(static_cast<std::uint64_t>(rate)) + " rows/s";
      if (expected_ > rows_ && rate > 0) {
        const double left = static_cast<double>(expected_ - rows_) / rate;
        line += "  " + ShortDuration(std::chrono::seconds(static_cast<long long>(left))) + " remaining";
      }
    }
  }
  line = manifest::EscapeForTerminal(line);
  // A line that wraps could not be rewritten.
  if (settings_.columns > 1 && line.size() >= settings_.columns) line.resize(settings_.columns - 1);
  out_ << '\r' << line << "\x1b[K" << std::flush;
  shown_ = at;
  visible_ = true;
}

}  // namespace weir::gateway
