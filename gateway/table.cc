#include "gateway/table.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace weir::gateway {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastLastColumn = 24;  // narrower than this it is not folded

}  // namespace

std::vector<std::string> FoldAtSpaces(const std::string& text, std::size_t width) {
  if (width == 0 || DisplayWidth(text) <= width) return {text};
  std::vector<std::string> lines;
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    if (lines.empty() || DisplayWidth(lines.back()) + 1 + DisplayWidth(word) > width) {
      lines.push_back(word);
    } else {
      lines.back() += ' ' + word;
    }
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

Table::Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}

void Table::AddRow(std::vector<Span> cells) {
  cells.resize(headers_.size());
  rows_.push_back(std::move(cells));
}

void Table::Print(Terminal& terminal, std::size_t indent) const {
  std::vector<std::size_t> widths;
  std::vector<Span> header;
  for (std::size_t column = 0; column < headers_.size(); ++column) {
    std::size_t width = DisplayWidth(headers_[column]);
    for (const std::vector<Span>& row : rows_) width = std::max(width, DisplayWidth(row[column].text));
    widths.push_back(width);
    header.push_back({headers_[column], Style::kDim});
  }
  PrintRow(terminal, indent, header, widths);
  for (const std::vector<Span>& row : rows_) PrintRow(terminal, indent, row, widths);
}

void Table::PrintRow(Terminal& terminal, std::size_t indent, const std::vector<Span>& cells,
                     const std::vector<std::size_t>& widths) const {
  // Spaces go only before a cell that has text, so that no line ends in blanks.
  Spans line;
  std::size_t pending = indent;
  std::size_t last_column_starts = indent;
  for (std::size_t column = 0; column + 1 < cells.size(); ++column) {
    const std::size_t width = DisplayWidth(cells[column].text);
    if (width > 0) {
      line.push_back({std::string(pending, ' '), Style::kPlain});
      line.push_back(cells[column]);
      pending = 0;
    }
    pending += widths[column] - width + kGap;
    last_column_starts += widths[column] + kGap;
  }
  if (!cells.empty() && !cells.back().text.empty()) {
    const std::size_t columns = terminal.settings().columns;
    const bool fold = columns >= last_column_starts + kLeastLastColumn;
    const std::vector<std::string> lines =
        FoldAtSpaces(cells.back().text, fold ? columns - last_column_starts : 0);
    for (const std::string& text : lines) {
      line.push_back({std::string(pending, ' '), Style::kPlain});
      line.push_back({text, cells.back().style});
      terminal.Line(line);
      line.clear();
      pending = last_column_starts;
    }
    return;
  }
  terminal.Line(line);
}

}  // namespace weir::gateway
