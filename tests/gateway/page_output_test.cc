#include "gateway/commands/page_output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace weir::gateway {
namespace {

std::string Printed(const policies::ReportPage& page, std::size_t columns) {
  std::ostringstream out;
  Terminal terminal(out, {columns > 0, false, columns});
  PrintPage(page, terminal);
  return out.str();
}

policies::ReportPage Page() {
  policies::ReportPage page;
  page.title = "Register: shop & sons";
  page.preface = {"What `weir` says of it, in a few words."};
  policies::ReportPage::Section& section = page.sections.emplace_back();
  section.title = "exposure:crm";
  section.facts = {{"Purpose", "`campaign`"}, {"Only rows where", "`{consent: true}` (`P040`)"}};
  section.tables = {{{"Category", "Leaves as"}, {{"`pii.email`", "`hash`"}, {"`public`", "`unchanged`"}}}, {{"Nothing"}, {}}};
  section.remarks = {"asked for and not sent: `dim.phone`", "one ` alone"};
  return page;
}

TEST(PageOutput, AlignsWhatTheWidthTakes) {
  EXPECT_EQ(Printed(Page(), 0),
            "Register: shop & sons\n"
            "\n"
            "What weir says of it, in a few words.\n"
            "\n"
            "exposure:crm\n"
            "  Purpose          campaign\n"
            "  Only rows where  {consent: true} (P040)\n"
            "\n"
            "  Category   Leaves as\n"
            "  pii.email  hash\n"
            "  public     unchanged\n"
            "\n"
            "  - asked for and not sent: dim.phone\n"
            "  - one ` alone\n");
}

TEST(PageOutput, FoldsAndListsWhatItDoesNotTake) {
  policies::ReportPage page = Page();
  page.sections.front().facts.pop_back();
  EXPECT_EQ(Printed(page, 20),
            "Register: shop & sons\n"
            "\n"
            "What weir says of\n"
            "it, in a few words.\n"
            "\n"
            "exposure:crm\n"
            "  Purpose  campaign\n"
            "\n"
            "  Category   pii.email\n"
            "  Leaves as  hash\n"
            "\n"
            "  Category   public\n"
            "  Leaves as  unchanged\n"
            "\n"
            "  - asked for and\n"
            "    not sent:\n"
            "    dim.phone\n"
            "  - one ` alone\n");
}

TEST(PageOutput, EscapesWhatStrangersWrote) {
  policies::ReportPage page;
  page.title = "\x1b[2J";
  page.sections = {{"a\nb", {{"Name", "\x1b[31m"}}, {}, {}}};
  const std::string text = Printed(page, 80);
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(text, "\\x1b[2J\n\na\\nb\n  Name  \\x1b[31m\n");
}

}  // namespace
}  // namespace weir::gateway
