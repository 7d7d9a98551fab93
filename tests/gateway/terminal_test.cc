#include "gateway/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

#include "gateway/terminal_progress.h"
#include "tests/audit/test_clock.h"

namespace weir::gateway {
namespace {

TEST(Terminal, EscapesWhatSomebodyElseWrote) {
  struct Case {
    const char* name;
    std::string text;
    const char* printed;
  };
  const Case kCases[] = {
      {"escape sequence", "a\x1b[31mb", "a\\x1b[31mb\n"},
      {"line break", "a\nb", "a\\nb\n"},
      {"tab", "a\tb", "a\\tb\n"},
      {"carriage return", "a\rb", "a\\rb\n"},
      {"letters of all scripts", "Zoë 東京", "Zoë 東京\n"},
  };
  for (const Case& test : kCases) {
    std::ostringstream out;
    Terminal terminal(out, {});
    terminal.Line(test.text);
    EXPECT_EQ(out.str(), test.printed) << test.name;
  }
}

TEST(Terminal, BlockKeepsItsLineBreaksOnly) {
  std::ostringstream out;
  Terminal(out, {}).Block("one\ntwo\x07\n\nthree");
  EXPECT_EQ(out.str(), "one\ntwo\\x07\n\nthree\n");
}

TEST(Terminal, PaintsOnlyWhereColoursAreWanted) {
  const Spans line = {{"good", Style::kGood}, {" plain"}};
  std::ostringstream plain, coloured;
  Terminal(plain, {}).Line(line);
  Terminal(coloured, {true, true, 80}).Line(line);
  EXPECT_EQ(plain.str(), "good plain\n");
  EXPECT_EQ(coloured.str(), "\x1b[32mgood\x1b[0m plain\n");
}

TEST(Terminal, APipeIsNone) {
  const TerminalSettings settings = DetectTerminal(-1, false);
  EXPECT_FALSE(settings.is_terminal);
  EXPECT_FALSE(settings.colours);
  EXPECT_EQ(settings.columns, 0u);
}

TEST(Terminal, WidthIsOfWhatIsSeen) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("Zoë"), 3u);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u) << "a combining accent takes no column";
  EXPECT_EQ(DisplayWidth("東京"), 4u);
  EXPECT_EQ(DisplayWidth("🙂"), 2u);
  EXPECT_EQ(DisplayWidth("\n"), 2u) << "as it is printed";
}

TEST(TerminalProgress, WritesNothingInAPipe) {
  std::ostringstream out;
  audit::TestClock clock;
  TerminalProgress progress(out, {}, clock);
  progress.Phase("crm", "scan", 100);
  progress.Rows(50);
  progress.Done();
  EXPECT_EQ(out.str(), "");
}

TEST(TerminalProgress, ShowsPhaseRateAndRemaining) {
  std::ostringstream out;
  audit::TestClock clock;
  TerminalProgress progress(out, {true, false, 80}, clock);
  progress.Phase("crm", "scan", 3000);
  clock.Advance(std::chrono::seconds(2));
  progress.Rows(2000);
  progress.Rows(2500);  // within a tenth of a second: not drawn
  progress.Done();
  EXPECT_EQ(out.str(),
            "\rcrm: scan\x1b[K"
            "\rcrm: scan  2,000 of 3,000 rows  1,000 rows/s  1s remaining\x1b[K"
            "\r\x1b[K");
}

TEST(TerminalProgress, ALineNeverWraps) {
  std::ostringstream out;
  audit::TestClock clock;
  TerminalProgress progress(out, {true, false, 12}, clock);
  progress.Phase("a_very_long_name", "deliver", 0);
  EXPECT_EQ(out.str(), "\ra_very_long\x1b[K");
}

TEST(TerminalProgress, NumbersForPeople) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
  EXPECT_EQ(ShortDuration(std::chrono::seconds(48)), "48s");
  EXPECT_EQ(ShortDuration(std::chrono::seconds(200)), "3m 20s");
  EXPECT_EQ(ShortDuration(std::chrono::seconds(7500)), "2h 05m");
}

}  // namespace
}  // namespace weir::gateway
