#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gateway/terminal.h"

namespace weir::gateway {

// Rows under headers, columns two spaces apart, each as wide as its widest cell; nothing is cut. On a terminal the last
// column is folded at spaces into lines below it when it would not fit. Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<std::string> headers);

  // One cell for each header; missing ones are empty.
  void AddRow(std::vector<Span> cells);
  bool empty() const { return rows_.empty(); }
  // `indent` spaces before every line.
  void Print(Terminal& terminal, std::size_t indent = 0) const;

 private:
  void PrintRow(Terminal& terminal, std::size_t indent, const std::vector<Span>& cells,
                const std::vector<std::size_t>& widths) const;

  std::vector<std::string> headers_;
  std::vector<std::vector<Span>> rows_;
};

// `text` in lines of at most `width` columns, broken at spaces; a word that is longer stays whole. Width 0: one line.
std::vector<std::string> FoldAtSpaces(const std::string& text, std::size_t width);

}  // namespace weir::gateway
