#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/seal.h"
#include "gateway/file_descriptor.h"

namespace weir::gateway {

// A temporary file of sealed pieces under a key that lives in this object only: what is left of it after a crash is
// noise. It has no name (O_TMPFILE, else unlinked at once). 16 bytes of memory a piece. Not thread-safe; every function
// throws audit::FileError (no space left), Read audit::SealError when the disk gives back other bytes.
class SealedScratch {
 public:
  // Makes `folder` (mode 0700) when it is not there. Nothing touches the disk before the first Append.
  explicit SealedScratch(std::string folder);

  std::size_t Append(std::string_view plain);          // number of the piece, from 0
  void Read(std::size_t number, std::string* plain);   // replaces *plain
  void GiveBack(std::size_t number);                   // its space; it cannot be read any more. A hint, never fails
  std::size_t pieces() const { return extents_.size(); }
  std::uint64_t bytes() const { return end_; }

 private:
  struct Extent {
    std::uint64_t offset;
    std::uint64_t size;
  };
  void OpenFile();

  std::string folder_;
  FileDescriptor file_;
  audit::Sealer sealer_;
  std::vector<Extent> extents_;
  std::uint64_t end_ = 0;
  std::string sealed_;
};

}  // namespace weir::gateway
