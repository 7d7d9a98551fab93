#include "manifest/text.h"

#include <atomic>
#include <new>
#include <ostream>

namespace weir::manifest {

// Its texts' bytes follow.
struct TextBlock {
  std::atomic<std::uint32_t> users;

  char* bytes() { return reinterpret_cast<char*>(this); }

  static TextBlock* Make(std::size_t size, std::uint32_t users) {
    return new (::operator new(size)) TextBlock{users};
  }
  void Leave(std::uint32_t count) {
    if (users.fetch_sub(count, std::memory_order_acq_rel) != count) return;
    this->~TextBlock();
    ::operator delete(this);
  }
};

namespace {

constexpr std::uint32_t kBlock = 32 << 10;    // bytes
constexpr std::uint32_t kOwnBlock = 4 << 10;  // those of more have one for themselves
constexpr std::uint32_t kOpen = 1u << 31;     // users of a block to which texts are added; each is one of them

}  // namespace

void Text::TakeBlock(std::string_view text) {
  if (text.size() > 0xffff'ff00u) throw std::bad_alloc();
  TextBlock* const block = TextBlock::Make(sizeof(TextBlock) + text.size(), 1);
  std::memcpy(block->bytes() + sizeof(TextBlock), text.data(), text.size());
  word_ = reinterpret_cast<std::uint64_t>(block);
  offset_ = sizeof(TextBlock);
  size_ = static_cast<std::uint32_t>(text.size());
}

void Text::Keep() const noexcept {
  reinterpret_cast<TextBlock*>(word_)->users.fetch_add(1, std::memory_order_relaxed);  // NOLINT(performance-no-int-to-ptr)
}

void Text::Release() noexcept {
  reinterpret_cast<TextBlock*>(word_)->Leave(1);  // NOLINT(performance-no-int-to-ptr)
}

std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.view(); }

void TextBlocks::Open() {
  block_ = TextBlock::Make(kBlock, kOpen);
  used_ = sizeof(TextBlock);
  given_ = 0;
}

void TextBlocks::Close() {
  if (block_ != nullptr) block_->Leave(kOpen - given_);
  block_ = nullptr;
}

Text TextBlocks::Add(std::string_view text) {
  if (text.size() <= Text::kWithin || text.size() > kOwnBlock) return text;
  if (block_ == nullptr || kBlock - used_ < text.size()) {
    Close();
    Open();
  }
  std::memcpy(block_->bytes() + used_, text.data(), text.size());
  Text made;
  made.word_ = reinterpret_cast<std::uint64_t>(block_);
  made.offset_ = used_;
  made.size_ = static_cast<std::uint32_t>(text.size());
  used_ += made.size_;
  ++given_;
  return made;
}

}  // namespace weir::manifest
