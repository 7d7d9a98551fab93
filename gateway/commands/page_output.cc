#include "gateway/commands/page_output.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/table.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kPrefaceColumns = 100;  // where the width is not known, or a line would be too long to read
constexpr std::size_t kIndent = 2;

// One backtick too many, and all of it is text.
std::string WithoutCode(std::string text) {
  if (std::count(text.begin(), text.end(), '`') % 2 == 0) text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
  return text;
}

std::size_t LineColumns(const Terminal& out, std::size_t indent) {
  const std::size_t columns = out.settings().columns == 0 ? kPrefaceColumns : std::min(out.settings().columns, kPrefaceColumns);
  return columns > 2 * indent ? columns - indent : 0;
}

void PrintFolded(const std::string& text, std::size_t indent, std::string_view mark, Terminal& out) {
  std::string before = std::string(indent, ' ') + std::string(mark);
  for (const std::string& line : FoldAtSpaces(WithoutCode(text), LineColumns(out, indent + mark.size()))) {
    out.Line(before + line);
    before.assign(indent + mark.size(), ' ');
  }
}

void PrintFacts(const policies::ReportPage::Section& section, Terminal& out) {
  std::size_t width = 0;
  for (const auto& fact : section.facts) width = std::max(width, DisplayWidth(fact.first));
  const std::size_t indent = kIndent + width + 2;
  for (const auto& [name, text] : section.facts) {
    Spans line = {{std::string(kIndent, ' ')}, {name, Style::kDim}, {std::string(width - DisplayWidth(name) + 2, ' ')}};
    for (const std::string& part : FoldAtSpaces(WithoutCode(text), LineColumns(out, indent))) {
      line.push_back({part});
      out.Line(line);
      line = {{std::string(indent, ' ')}};
    }
  }
}

// Wider than the terminal, each row is a list of its cells: a folded last column alone does not save the others.
bool Fits(const policies::ReportPage::Table& table, const Terminal& out) {
  if (out.settings().columns == 0) return true;
  std::size_t total = kIndent;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    std::size_t width = DisplayWidth(table.header[column]);
    for (const auto& row : table.rows) width = std::max(width, DisplayWidth(WithoutCode(row[column])));
    total += width + 2;
  }
  return total <= out.settings().columns + 2;
}

void PrintTable(const policies::ReportPage::Table& table, Terminal& out) {
  if (table.rows.empty()) return;
  out.Line();
  if (Fits(table, out)) {
    Table columns(table.header);
    for (const std::vector<std::string>& row : table.rows) {
      std::vector<Span> cells;
      for (const std::string& cell : row) cells.push_back({WithoutCode(cell)});
      columns.AddRow(std::move(cells));
    }
    columns.Print(out, kIndent);
    return;
  }
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (row > 0) out.Line();
    policies::ReportPage::Section cells;
    for (std::size_t column = 0; column < table.header.size(); ++column) {
      if (!table.rows[row][column].empty()) cells.facts.emplace_back(table.header[column], table.rows[row][column]);
    }
    PrintFacts(cells, out);
  }
}

}  // namespace

void PrintPage(const policies::ReportPage& page, Terminal& out) {
  out.Line(Spans{{page.title, Style::kBold}});
  for (const std::string& paragraph : page.preface) {
    out.Line();
    PrintFolded(paragraph, 0, "", out);
  }
  for (const policies::ReportPage::Section& section : page.sections) {
    out.Line();
    out.Line(Spans{{WithoutCode(section.title), Style::kBold}});
    PrintFacts(section, out);
    for (const policies::ReportPage::Table& table : section.tables) PrintTable(table, out);
    if (!section.remarks.empty()) out.Line();
    for (const std::string& remark : section.remarks) PrintFolded(remark, kIndent, "- ", out);
  }
}

}  // namespace weir::gateway
