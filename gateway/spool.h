#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/destination.h"
#include "gateway/subject_tags.h"
#include "gateway/sync_state.h"
#include "policies/batch.h"

namespace weir::gateway {

struct SpoolRow {
  Operation operation = Operation::kUpsert;
  bool created = false;      // the state did not have it
  StateRecord record;        // what the state gets when it is delivered
  std::uint32_t subject_count = 0;  // of `subjects` of the chunk, in order
};

// Rows that are to be sent: what has been decided, transformed, and nothing raw.
struct SpoolChunk {
  std::vector<SpoolRow> rows;
  std::vector<Tag> subjects;
  policies::Batch fields;    // one column a field of the plan, one row for each of `rows`
  void Clear();
};

// A sealed file of chunks under a key that lives in this object only: after a crash nobody can read it, and nobody needs
// to, because recovery reads and decides again. Write all chunks, then read them in the same order, each once: its space
// is given back at once, and what is written next finds memory that is in use already. The file has no name (O_TMPFILE, or unlinked at once). Not thread-safe. Throws audit::FileError (disk full).
class Spool {
 public:
  explicit Spool(const std::string& folder);
  ~Spool();
  void Append(const SpoolChunk& chunk);
  bool Next(SpoolChunk* chunk);  // false at the end
  std::uint64_t rows() const;
  std::uint64_t bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::gateway
