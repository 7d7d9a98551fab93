#include "gateway/copy_text.h"

#include <cstring>

namespace weir::gateway {
namespace {

using policies::CellColumn;
using policies::ColumnType;

std::size_t Find(std::string_view text, char c) {
  const void* found = text.empty() ? nullptr : std::memchr(text.data(), c, text.size());
  return found == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

char Unescaped(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return c;
  }
}

bool AppendUnescaped(std::string_view field, std::string* out) {
  for (;;) {
    const std::size_t backslash = Find(field, '\\');
    out->append(field.substr(0, backslash));
    if (backslash == field.size()) return true;
    if (backslash + 1 == field.size()) return false;
    out->push_back(Unescaped(field[backslash + 1]));
    field.remove_prefix(backslash + 2);
  }
}

// `escapes`: there is a backslash somewhere in the line.
bool AppendField(std::string_view field, ColumnType type, bool escapes, CellColumn* out) {
  if (escapes && field == "\\N") {
    out->AppendNull();
    return true;
  }
  if (type == ColumnType::kBoolean) {
    if (field != "t" && field != "f") return false;
    out->AppendText(field == "t" ? "true" : "false");
    return true;
  }
  if (type == ColumnType::kBinary) {
    if (!field.starts_with("\\\\x")) return false;
    out->AppendText(field.substr(3));
    return true;
  }
  if (!escapes) {
    out->AppendText(field);
    return true;
  }
  const bool good = AppendUnescaped(field, &out->buffer());
  out->EndText();
  return good;
}

}  // namespace

bool AppendCopyLine(std::string_view line, std::span<const policies::ColumnType> types, policies::Batch* batch) {
  const bool escapes = Find(line, '\\') != line.size();
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::size_t end = Find(line, '\t');
    if ((end == line.size()) != (i + 1 == types.size())) return false;
    if (!AppendField(line.substr(0, end), types[i], escapes, &batch->columns[i])) return false;
    if (end < line.size()) line.remove_prefix(end + 1);
  }
  ++batch->rows;
  return true;
}

}  // namespace weir::gateway
