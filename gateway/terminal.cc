#include "gateway/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <ostream>

#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

std::string_view Begin(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\x1b[1m";
    case Style::kDim: return "\x1b[2m";
    case Style::kGood: return "\x1b[32m";
    case Style::kWarning: return "\x1b[33m";
    case Style::kBad: return "\x1b[31m";
  }
  return "";
}

struct Range {
  std::uint32_t first, last;
};

// Unicode 15: East_Asian_Width W and F, as blocks.
constexpr std::array<Range, 13> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};

// General_Category Mn and Cf, the blocks that people's names use.
constexpr std::array<Range, 12> kNoWidth = {{{0x0300, 0x036F},
                                             {0x0483, 0x0489},
                                             {0x0591, 0x05BD},
                                             {0x0610, 0x061A},
                                             {0x064B, 0x065F},
                                             {0x0E34, 0x0E3A},
                                             {0x0E47, 0x0E4E},
                                             {0x1AB0, 0x1AFF},
                                             {0x1DC0, 0x1DFF},
                                             {0x200B, 0x200D},
                                             {0x20D0, 0x20FF},
                                             {0xFE00, 0xFE0F}}};

template <std::size_t kSize>
bool In(const std::array<Range, kSize>& ranges, std::uint32_t code_point) {
  return std::any_of(ranges.begin(), ranges.end(), [code_point](const Range& range) {
    return range.first <= code_point && code_point <= range.last;
  });
}

// `text` is valid UTF-8: it was escaped.
std::uint32_t NextCodePoint(std::string_view text, std::size_t* at) {
  const auto byte = [&text](std::size_t index) {
    return index < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[index])) : 0u;
  };
  const std::uint32_t first = byte(*at);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t code_point = size == 1 ? first : first & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code_point = (code_point << 6) | (byte(*at + i) & 0x3Fu);
  *at += size;
  return code_point;
}

}  // namespace

TerminalSettings DetectTerminal(int descriptor, bool no_color) {
  TerminalSettings settings;
  settings.is_terminal = isatty(descriptor) == 1;
  if (!settings.is_terminal) return settings;
  const char* const no_color_set = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  settings.colours = !no_color && (no_color_set == nullptr || *no_color_set == '\0') && term != nullptr &&
                     std::string_view(term) != "dumb";
  winsize size{};
  settings.columns = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  return settings;
}

std::size_t DisplayWidth(std::string_view text) {
  const std::string escaped = manifest::EscapeForTerminal(text);
  std::size_t width = 0;
  for (std::size_t at = 0; at < escaped.size();) {
    const std::uint32_t code_point = NextCodePoint(escaped, &at);
    if (!In(kNoWidth, code_point)) width += In(kWide, code_point) ? 2 : 1;
  }
  return width;
}

void Terminal::Write(const Span& span) {
  const bool coloured = settings_.colours && span.style != Style::kPlain;
  if (coloured) out_ << Begin(span.style);
  out_ << manifest::EscapeForTerminal(span.text);
  if (coloured) out_ << "\x1b[0m";
}

void Terminal::Line(std::string_view text) {
  out_ << manifest::EscapeForTerminal(text) << '\n';
}

void Terminal::Line(const Spans& spans) {
  for (const Span& span : spans) Write(span);
  out_ << '\n';
}

void Terminal::Block(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    Line(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

void Terminal::Verbatim(std::string_view bytes) { out_ << bytes; }

}  // namespace weir::gateway
