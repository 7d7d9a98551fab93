#include "policies/report_page.h"

#include <algorithm>
#include <string_view>

#include "policies/report_escape.h"

namespace weir::policies {
namespace {

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #d0d7de}"
    "table{border-collapse:collapse;width:100%;margin:.8rem 0}th,td{border:1px solid #d0d7de;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f6f8fa}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}"
    "code{font:13px ui-monospace,monospace;background:#f0f2f4;padding:0 .2rem}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}";

// Text with what stands between backticks as code; one backtick too many, and all of it is text.
std::string Html(std::string_view text) {
  const bool balanced = std::count(text.begin(), text.end(), '`') % 2 == 0;
  if (!balanced) return EscapeXml(text);
  std::string out;
  bool code = false;
  for (std::size_t tick = text.find('`'); tick != std::string_view::npos; tick = text.find('`')) {
    out += EscapeXml(text.substr(0, tick)) + (code ? "</code>" : "<code>");
    code = !code;
    text.remove_prefix(tick + 1);
  }
  return out + EscapeXml(text);
}

std::string HtmlRow(const std::vector<std::string>& cells, std::string_view tag) {
  std::string out = "<tr>";
  for (const std::string& cell : cells) {
    out += "<" + std::string(tag) + (tag == "th" ? " scope=\"col\">" : ">") + Html(cell) + "</" + std::string(tag) + ">";
  }
  return out + "</tr>\n";
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + EscapeMarkdown(cell) + " |";
  return out + "\n";
}

}  // namespace

std::string RenderPageMarkdown(const ReportPage& page) {
  std::string out = "# " + EscapeMarkdown(page.title) + "\n\n";
  for (const std::string& paragraph : page.preface) out += EscapeMarkdown(paragraph) + "\n\n";
  for (const ReportPage::Section& section : page.sections) {
    out += "## " + EscapeMarkdown(section.title) + "\n\n";
    for (const auto& [name, text] : section.facts) {
      out += "- **" + EscapeMarkdown(name) + "**: " + EscapeMarkdown(text) + "\n";
    }
    if (!section.facts.empty()) out += "\n";
    for (const ReportPage::Table& table : section.tables) {
      if (table.rows.empty()) continue;
      out += MarkdownRow(table.header) + "|";
      for (std::size_t i = 0; i < table.header.size(); ++i) out += "---|";
      out += "\n";
      for (const std::vector<std::string>& row : table.rows) out += MarkdownRow(row);
      out += "\n";
    }
    for (const std::string& remark : section.remarks) out += "- " + EscapeMarkdown(remark) + "\n";
    if (!section.remarks.empty()) out += "\n";
  }
  out.pop_back();
  return out;
}

std::string RenderPageHtml(const ReportPage& page) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      EscapeXml(page.title) + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>" +
      Html(page.title) + "</h1>\n";
  for (const std::string& paragraph : page.preface) out += "<p>" + Html(paragraph) + "</p>\n";
  for (const ReportPage::Section& section : page.sections) {
    out += "<h2>" + Html(section.title) + "</h2>\n";
    if (!section.facts.empty()) out += "<dl>\n";
    for (const auto& [name, text] : section.facts) out += "<dt>" + Html(name) + "</dt><dd>" + Html(text) + "</dd>\n";
    if (!section.facts.empty()) out += "</dl>\n";
    for (const ReportPage::Table& table : section.tables) {
      if (table.rows.empty()) continue;
      out += "<table>\n<thead>" + HtmlRow(table.header, "th") + "</thead>\n<tbody>\n";
      for (const std::vector<std::string>& row : table.rows) out += HtmlRow(row, "td");
      out += "</tbody>\n</table>\n";
    }
    if (!section.remarks.empty()) out += "<ul>\n";
    for (const std::string& remark : section.remarks) out += "<li>" + Html(remark) + "</li>\n";
    if (!section.remarks.empty()) out += "</ul>\n";
  }
  return out + "</body>\n</html>\n";
}

std::string JoinedOr(const std::vector<std::string>& items, const std::string& otherwise) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? otherwise : out;
}

std::string AsCode(std::string text) {
  if (text.empty()) return text;
  std::replace(text.begin(), text.end(), '`', '\'');
  return "`" + text + "`";
}

}  // namespace weir::policies
