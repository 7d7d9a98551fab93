#include "manifest/text_window.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::manifest {

TextWindow::TextWindow(const ArtifactFile& file, bool digests) : file_(file), at_end_(file.size() == 0) {
  if (digests) digest_.emplace();
}

// Those whose text stands before `begin` are free, but for the window's own.
TextWindow::Block& TextWindow::BlockFor(std::size_t begin, std::size_t size) {
  const auto is_free = [&](const Block& block) { return block.end <= begin && &block != &blocks_.back(); };
  const auto free = std::find_if(blocks_.begin(), blocks_.end(),
                                 [&](const Block& block) { return is_free(block) && block.capacity >= size; });
  Block block;
  if (free != blocks_.end()) {
    block = std::move(*free);
  } else {
    block = {std::make_unique_for_overwrite<char[]>(size + kPadding), size, 0};
  }
  blocks_.erase(std::remove_if(blocks_.begin(), blocks_.end(), is_free), blocks_.end());
  return blocks_.emplace_back(std::move(block));
}

void TextWindow::MoveTo(std::size_t begin, std::size_t size) {
  const std::size_t kept = end_ - begin;
  size = at_end_ ? kept : std::max(kept, std::min(size, file_.size() - begin));
  const char* const from = bytes_ + (begin - begin_);
  is_fresh_ = blocks_.empty() || static_cast<std::size_t>(from - blocks_.back().bytes.get()) + size > blocks_.back().capacity;
  if (is_fresh_) {
    Block& block = BlockFor(begin, size);
    if (kept != 0) std::memcpy(block.bytes.get(), from, kept);
    bytes_ = block.bytes.get();
    ++moves_;
  } else {
    bytes_ += begin - begin_;
  }
  begin_ = begin;
  const std::size_t count = file_.Read(end_, bytes_ + kept, size - kept);
  if (digest_) digest_->Update({bytes_ + kept, count});
  end_ += count;
  at_end_ = count < size - kept || end_ >= file_.size();
  std::memset(bytes_ + kept + count, 0, kPadding);
  blocks_.back().end = end_;
}

void TextWindow::Grow(std::size_t size) {
  const bool was_fresh = is_fresh_;
  MoveTo(begin_, size);
  if (was_fresh && is_fresh_) blocks_.erase(blocks_.end() - 2);
  is_fresh_ = is_fresh_ || was_fresh;
}

std::string TextWindow::Digest() { return audit::Hex(digest_->Finish()); }

}  // namespace weir::manifest
