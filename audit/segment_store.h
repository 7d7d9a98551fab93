#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/file.h"
#include "audit/log.h"
#include "audit/log_format.h"

namespace weir::audit {

// The folder `segments` of a log as its writer has it. Not thread-safe. Throws FileError when the disk fails, after
// which it must not be used again, and LogError when the contents are not what a crash can leave.
class SegmentStore {
 public:
  struct Recovered {
    std::uint64_t cut_bytes = 0;  // of a torn tail that was removed; 0: there was none
    std::uint64_t segment = 0;    // first frame number of the segment that was cut
  };

  SegmentStore(FileSystem& files, std::string directory, LogIds ids, std::uint64_t segment_bytes);

  // Opens what is there, or begins with frame 0; calls `replay` for each entry from index `first_entry` on, in order.
  // Cuts a torn tail. Entries from `first_entry` on must be there as far as any frame follows them.
  Recovered Open(std::uint64_t first_entry, const std::function<void(std::string_view entry)>& replay);

  // Buffered.
  void Append(FrameKind kind, std::string_view bytes);
  // On return every frame is durable. Throws LogError when the live file was deleted, replaced, cut or extended.
  void Sync();

  std::uint64_t next_frame() const { return next_frame_; }
  std::uint64_t next_entry() const { return next_entry_; }
  std::uint64_t durable_frames() const { return durable_frames_; }

  void ForEach(std::uint64_t from, const std::function<void(const Log::Frame&)>& visit) const;

  // Deletes segments all of whose frames are below `frame` and all of whose entries are below `entry`.
  void Release(std::uint64_t frame, std::uint64_t entry);

 private:
  struct Segment {
    std::uint64_t first_frame = 0;
    std::uint64_t first_entry = 0;
  };
  std::string PathOf(std::uint64_t first_frame) const;
  std::vector<Segment> ReadHeaders() const;
  void Begin();  // a segment for next_frame_, durable and empty
  void Flush();  // writes the buffer, not durable

  FileSystem& files_;
  std::string directory_;
  std::string folder_;
  LogIds ids_;
  std::uint64_t segment_bytes_;
  std::vector<Segment> segments_;  // ascending; the last is the live one
  std::unique_ptr<File> live_;
  std::unique_ptr<FrameCodec> codec_;  // of the live one
  std::uint64_t live_size_ = 0;        // with the buffer
  std::string buffer_;
  std::uint32_t place_ = 0;  // frames appended since the last Sync
  std::uint64_t next_frame_ = 0;
  std::uint64_t next_entry_ = 0;
  std::uint64_t durable_frames_ = 0;
};

}  // namespace weir::audit
