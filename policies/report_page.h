#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir::policies {

// A report for people, before anybody knows whether it becomes Markdown or HTML. All text may be a stranger's: the
// renderers escape it; what stands between two backticks is shown as code.
struct ReportPage {
  struct Table {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;  // as wide as the header
  };
  struct Section {
    std::string title;
    std::vector<std::pair<std::string, std::string>> facts;  // name, text; shown in that order
    std::vector<Table> tables;                               // those without rows are left out
    std::vector<std::string> remarks;                        // a list
  };
  std::string title;
  std::vector<std::string> preface;  // paragraphs
  std::vector<Section> sections;
};

// As GitHub and GitLab read it.
std::string RenderPageMarkdown(const ReportPage& page);
// One file without script, image, link or font, and a content security policy that forbids them all.
std::string RenderPageHtml(const ReportPage& page);

// "a, b"; `otherwise` for none.
std::string JoinedOr(const std::vector<std::string>& items, const std::string& otherwise);
// As code in a page: in backticks, of which the text itself has none afterwards.
std::string AsCode(std::string text);

}  // namespace weir::policies
