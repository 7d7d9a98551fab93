#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace weir::gateway {

enum class Style { kPlain, kBold, kDim, kGood, kWarning, kBad };

// A piece of a line. The text may be anything, also what somebody else wrote: it is escaped when it is printed.
struct Span {
  std::string text;
  Style style = Style::kPlain;
};
using Spans = std::vector<Span>;

// What is known of where output goes.
struct TerminalSettings {
  bool is_terminal = false;
  bool colours = false;
  std::size_t columns = 0;  // 0: not a terminal, lines have any length
};

// Of a file descriptor: a terminal gets colours unless `no_color`, NO_COLOR (https://no-color.org) or TERM=dumb says
// otherwise; a pipe or a file gets none.
TerminalSettings DetectTerminal(int descriptor, bool no_color);

// Columns that `text`, escaped as printed, takes on a terminal: combining marks none, East Asian wide characters and
// emoji two, everything else one.
std::size_t DisplayWidth(std::string_view text);

// Every line for a person goes through here: manifest::EscapeForTerminal over every text, colours only where they are
// wanted. Not thread-safe. `out` outlives it.
class Terminal {
 public:
  Terminal(std::ostream& out, TerminalSettings settings) : out_(out), settings_(settings) {}

  const TerminalSettings& settings() const { return settings_; }

  void Line(std::string_view text = {});
  void Line(const Spans& spans);
  // Several lines: line breaks of `text` stay, everything else is escaped.
  void Block(std::string_view text);
  // Bytes of a format with an escaper of its own (JSON, a signed note), written as they are.
  void Verbatim(std::string_view bytes);

 private:
  void Write(const Span& span);

  std::ostream& out_;
  TerminalSettings settings_;
};

}  // namespace weir::gateway
