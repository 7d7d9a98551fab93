#pragma once

#include <cstdint>

namespace weir::manifest {

// What goes through the pipes between LockedDuckdb and weir-duckdb. Numbers are 32 bits, of the machine's byte order.
//   query:  length, bytes
//   answer: kind (1 byte), then
//     kQueryRows:  rows of cells: kQueryRow, count, count × (length or kNullCell, bytes); at last kQueryEnd
//     others:      length, bytes of a message
// The program's first answer, before any query, is kQueryReady or kQueryUnavailable.
enum QueryFrame : std::uint8_t {
  kQueryReady = 'R',
  kQueryUnavailable = 'U',
  kQueryRows = 'D',
  kQueryRow = 'r',
  kQueryEnd = '.',
  kQueryRefused = 'E',
};
constexpr std::uint32_t kNullCell = 0xffffffff;

}  // namespace weir::manifest
