#include "manifest/query_answer.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "manifest/query_frames.h"

namespace weir::manifest {
namespace {

using Answer = LockedDuckdb::Answer;

constexpr std::uint32_t kMostCells = 64;  // in a row

// The size of the answer so far is counted in *bytes.
bool ReceiveText(const ReceiveBytes& receive, std::size_t* bytes, std::uint32_t length, std::string* text) {
  constexpr std::size_t kPiece = 65'536;
  *bytes += length;
  if (*bytes > LockedDuckdb::kMaxAnswerBytes) return false;
  while (text->size() < length) {
    const std::size_t begin = text->size();
    text->resize(std::min<std::size_t>(length, begin + kPiece));
    if (!receive(text->data() + begin, text->size() - begin)) return false;
  }
  return true;
}

}  // namespace

bool ReceiveAnswer(const ReceiveBytes& receive, Answer* answer) {
  std::uint8_t kind = 0;
  std::uint32_t length = 0;
  std::size_t bytes = 0;
  if (!receive(&kind, 1)) return false;
  if (kind != kQueryRows) {
    answer->status = kind == kQueryReady     ? Answer::Status::kRows
                     : kind == kQueryRefused ? Answer::Status::kRefused
                                             : Answer::Status::kUnavailable;
    return receive(&length, 4) && ReceiveText(receive, &bytes, length, &answer->problem);
  }
  answer->status = Answer::Status::kRows;
  for (;;) {
    std::uint32_t count = 0;
    if (!receive(&kind, 1)) return false;
    if (kind == kQueryEnd) return true;
    if (kind != kQueryRow || !receive(&count, 4) || count > kMostCells) return false;
    LockedDuckdb::Row row(count);
    bytes += sizeof(row) + count * sizeof(row[0]);
    if (bytes > LockedDuckdb::kMaxAnswerBytes) return false;
    for (auto& cell : row) {
      if (!receive(&length, 4)) return false;
      if (length == kNullCell) continue;
      if (!ReceiveText(receive, &bytes, length, &cell.emplace())) return false;
    }
    answer->rows.push_back(std::move(row));
  }
}

}  // namespace weir::manifest
