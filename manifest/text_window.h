#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/digest.h"
#include "manifest/artifact_file.h"

namespace weir::manifest {

// The part of an artifact's text that is being read, which moves on over it: so the memory that it takes is used again
// while the processor still has it in its cache, and a large file takes no more than a small one. Every byte is read from
// the file once. Not thread-safe.
class TextWindow {
 public:
  static constexpr std::size_t kPadding = 64;  // readable bytes behind the text

  // `file` outlives this. `digests`: what is read is hashed, too.
  TextWindow(const ArtifactFile& file, bool digests);
  TextWindow(const TextWindow&) = delete;
  TextWindow& operator=(const TextWindow&) = delete;

  // From `begin` on, which is in text(), or behind it: `size` bytes or more, or all that there are. Views of what
  // stands at `begin` or behind it stay valid, and all of those that were made since the last time that moves() changed.
  // Throws ArtifactError W-ART-001.
  void MoveTo(std::size_t begin, std::size_t size);

  // As MoveTo the same place, when nobody has looked at the text since: of that, no view need stay valid.
  void Grow(std::size_t size);

  std::string_view text() const { return {bytes_, end_ - begin_}; }
  std::size_t begin() const { return begin_; }  // in the file
  std::size_t end() const { return end_; }
  bool at_end() const { return at_end_; }  // of the file
  std::uint32_t moves() const { return moves_; }  // how often the bytes got another place

  // SHA-256, hexadecimal, of all that was read. Once.
  std::string Digest();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
    std::size_t end = 0;  // of its text, in the file
  };
  Block& BlockFor(std::size_t begin, std::size_t size);

  const ArtifactFile& file_;
  std::optional<audit::Sha256Stream> digest_;
  std::deque<Block> blocks_;  // the last one is the window's
  char* bytes_ = nullptr;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false, is_fresh_ = false;  // fresh: the last block was taken by the last move
  std::uint32_t moves_ = 0;
};

}  // namespace weir::manifest
