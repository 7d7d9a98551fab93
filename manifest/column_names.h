#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace weir::manifest {

// ASCII only, as warehouses fold names.
constexpr char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

// The column of that name: exact, else the only one equal ignoring case; null pointer when there is none or several.
template <typename AnyColumn>
const AnyColumn* FindColumnIn(const std::vector<AnyColumn>& columns, std::string_view name) {
  const AnyColumn* found = nullptr;
  std::size_t count = 0;
  for (const AnyColumn& column : columns) {
    if (column.name == name) return &column;
    if (!EqualIgnoringCase(column.name, name)) continue;
    found = &column;
    ++count;
  }
  return count == 1 ? found : nullptr;
}

}  // namespace weir::manifest
