#include "manifest/query_answer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "manifest/query_frames.h"

namespace weir::manifest {
namespace {

std::string Number(std::uint32_t number) { return {reinterpret_cast<const char*>(&number), 4}; }
std::string Cell(const std::string& text) { return Number(static_cast<std::uint32_t>(text.size())) + text; }

// The answer in words; "none" when the bytes are no answer.
std::string Received(std::string_view bytes) {
  LockedDuckdb::Answer answer;
  const bool good = ReceiveAnswer(
      [&bytes](void* into, std::size_t size) {
        if (bytes.size() < size) return false;
        std::memcpy(into, bytes.data(), size);
        bytes.remove_prefix(size);
        return true;
      },
      &answer);
  if (!good) return "none";
  if (answer.status == LockedDuckdb::Answer::Status::kRefused) return "refused: " + answer.problem;
  if (answer.status == LockedDuckdb::Answer::Status::kUnavailable) return "unavailable: " + answer.problem;
  std::string out = "rows";
  for (const LockedDuckdb::Row& row : answer.rows) {
    out += " (";
    for (const auto& cell : row) out += "[" + cell.value_or("null") + "]";
    out += ")";
  }
  return out;
}

struct Case {
  std::string name, bytes, expected;
};

TEST(QueryAnswer, IsRowsOrAMessage) {
  const std::vector<Case> table = {
      {"ready", "R" + Cell(""), "rows"},
      {"refused", "E" + Cell("no such table"), "refused: no such table"},
      {"unavailable", "U" + Cell("no library"), "unavailable: no library"},
      {"any other kind", "x" + Cell("?"), "unavailable: ?"},
      {"no rows", "D.", "rows"},
      {"rows", "Dr" + Number(2) + Cell("a") + Number(kNullCell) + "r" + Number(0) + ".", "rows ([a][null]) ()"},
      {"what follows is the next one", "D.D.", "rows"},
  };
  for (const Case& one : table) EXPECT_EQ(Received(one.bytes), one.expected) << one.name;
}

TEST(QueryAnswer, OtherBytesAreNone) {
  const std::string row = "Dr" + Number(2) + Cell("a") + Cell("b") + ".";
  for (std::size_t size = 0; size < row.size(); ++size) EXPECT_EQ(Received(row.substr(0, size)), "none") << size;
  const std::vector<Case> table = {
      {"a word between rows", "Dx" + Number(0) + ".", ""},
      {"too many cells", "Dr" + Number(65) + ".", ""},
      {"four billion cells", "Dr" + Number(0xffffffff) + ".", ""},
      {"a cell that is announced and does not come", "Dr" + Number(1) + Number(200 << 20) + "abc", ""},
      {"a cell that is larger than an answer", "Dr" + Number(1) + Number(0xfffffffe) + "abc", ""},
      {"a message that is larger than an answer", "E" + Number(0xffffffff) + "abc", ""},
  };
  for (const Case& one : table) EXPECT_EQ(Received(one.bytes), "none") << one.name;
}

TEST(QueryAnswer, HasAnEnd) {
  constexpr std::uint32_t kCell = 1 << 20;
  const std::string row = "r" + Number(1) + Number(kCell);
  std::size_t received = 0, at = 0;
  LockedDuckdb::Answer answer;
  const bool good = ReceiveAnswer(
      [&](void* into, std::size_t size) {
        received += size;
        if (received == 1) {
          *static_cast<char*>(into) = 'D';
        } else if (size <= 4) {
          std::memcpy(into, row.data() + at, size);
          at = (at + size) % row.size();
        }
        return true;
      },
      &answer);
  EXPECT_FALSE(good);
  EXPECT_LE(received, LockedDuckdb::kMaxAnswerBytes + kCell);
  EXPECT_GT(received, LockedDuckdb::kMaxAnswerBytes - 2 * kCell);
}

}  // namespace
}  // namespace weir::manifest
