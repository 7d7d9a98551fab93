#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/file.h"
#include "audit/log.h"

namespace weir::audit {

// Reads a log's directory: no lock, no key, no writing; works beside a running writer and on a directory that holds the
// public part alone (checkpoint and tile). Nothing that it returns is verified: that is verify.h. Memory stays below a
// few MiB. Not thread-safe. Throws LogError.
class LogReader {
 public:
  LogReader(FileSystem& files, std::string directory);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // Entries, as they were when the reader was made or refreshed: those of the checkpoint, then those in segments only.
  std::uint64_t size() const { return size_; }
  std::uint64_t published_size() const { return published_size_; }
  // Text of the signed note; empty before the first.
  const std::string& checkpoint() const { return checkpoint_; }
  // From the segments; nullopt when only the public part is there.
  const std::optional<LogIds>& ids() const { return ids_; }

  // Looks again at what a running writer has appended since.
  void Refresh();

  std::string Entry(std::uint64_t index) const;
  // Entries [begin, end), at most to size(), in order. `visit` returns false to stop; the bytes are valid during the
  // call.
  void ForEach(std::uint64_t begin, std::uint64_t end,
               const std::function<bool(std::uint64_t index, std::string_view entry)>& visit) const;

 private:
  struct Bundle;
  const Bundle& LoadBundle(std::uint64_t index) const;
  // False: stopped by `visit`. Entries that are in no segment any more: *next is the first of them.
  bool ForEachInSegments(std::uint64_t* next, std::uint64_t end,
                         const std::function<bool(std::uint64_t, std::string_view)>& visit) const;

  FileSystem& files_;
  std::string directory_;
  std::optional<LogIds> ids_;
  std::uint64_t size_ = 0;
  std::uint64_t published_size_ = 0;
  std::string checkpoint_;
  mutable std::unique_ptr<Bundle> bundle_;  // the last one read
};

}  // namespace weir::audit
