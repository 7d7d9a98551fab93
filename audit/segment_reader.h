#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/file.h"
#include "audit/log_format.h"

namespace weir::audit {

// Reads one segment from its start, in pieces: memory stays below 3 MiB. Works beside a running writer, whose frames in
// flight look like a torn tail. Not thread-safe. Throws FileError.
class SegmentReader {
 public:
  // Null: the file has no good header.
  static std::unique_ptr<SegmentReader> Open(FileSystem& files, const std::string& path);

  struct Frame {
    FrameKind kind = FrameKind::kEntry;
    std::uint64_t number = 0;
    std::uint64_t entry_index = 0;  // of an entry; of a private frame: the index that the next entry gets
    std::string_view bytes;         // valid until the next call
  };
  // nullopt at the end of the file (offset() == size()) or before a frame that is bad (offset() < size()).
  std::optional<Frame> Next();

  const SegmentHeader& header() const { return header_; }
  std::uint64_t offset() const { return offset_; }           // where the next frame begins
  std::uint64_t size() const { return size_; }               // of the file when it was opened
  std::uint64_t next_frame() const { return next_frame_; }   // number of the next frame
  std::uint64_t next_entry() const { return next_entry_; }   // index of the next entry

  // After Next met a bad frame: whether a frame after it proves that it was durable once, so that it is corruption and
  // no torn tail. Reads what is left of the file.
  bool BadFrameWasDurable();

 private:
  SegmentReader(std::unique_ptr<File> file, SegmentHeader header, std::uint64_t header_size, std::uint64_t size);
  void Fill(std::size_t wanted);  // the buffer holds `wanted` bytes from offset_ on, if the file has them

  std::unique_ptr<File> file_;
  SegmentHeader header_;
  FrameCodec codec_;
  std::uint64_t size_;
  std::uint64_t offset_;
  std::uint64_t next_frame_;
  std::uint64_t next_entry_;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;  // of the file, where buffer_ begins
};

}  // namespace weir::audit
