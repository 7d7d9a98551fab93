#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifest/duckdb_api.h"

namespace weir::manifest {

// One statement and its result, run when it is made and read in chunks, whose cells are all text (CAST them). Borrows the
// API and the connection. Not thread-safe; never throws: ask failed() after the constructor and after each Advance.
class DuckdbStream {
 public:
  DuckdbStream(const DuckdbApi& api, DuckdbConnection* connection, const std::string& sql);
  ~DuckdbStream();
  DuckdbStream(const DuckdbStream&) = delete;
  DuckdbStream& operator=(const DuckdbStream&) = delete;

  bool failed() const { return failed_; }
  const std::string& error() const { return error_; }  // DuckDB's; may quote a cell

  // The next chunk with rows in it; null at the end, and when failed() is set. The one before is gone.
  DuckdbChunk* Advance();
  std::size_t rows() const { return static_cast<std::size_t>(api_.data_chunk_get_size(chunk_)); }  // of the chunk

  std::size_t columns() const { return static_cast<std::size_t>(api_.column_count(const_cast<DuckdbResult*>(&result_))); }

  struct Cells {
    const DuckdbString* strings = nullptr;
    const std::uint64_t* validity = nullptr;
    bool IsNull(std::size_t row) const { return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0; }
    std::string_view Text(std::size_t row) const { return {strings[row].data(), strings[row].length}; }
  };
  Cells Column(std::size_t index) const;  // of the chunk; valid until the next Advance

 private:
  void Fail(const char* message);
  void DropChunk();

  const DuckdbApi& api_;
  DuckdbPrepared* prepared_ = nullptr;
  DuckdbPending* pending_ = nullptr;
  DuckdbResult result_{};
  DuckdbChunk* chunk_ = nullptr;
  bool failed_ = false;
  std::string error_;
};

}  // namespace weir::manifest
