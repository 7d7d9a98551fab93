#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::manifest {

struct TextBlock;

// A text that is never changed in place, of which an artifact holds tens of thousands: a short one stands within, a longer
// one in a block of memory that it shares with others and keeps alive. Owns what it shows, as std::string does; copies share.
// 16 bytes. Safe to read and to copy from several threads. It becomes a std::string where one is asked for, which copies.
class Text {
 public:
  static constexpr std::size_t kWithin = 12;  // bytes

  Text() noexcept = default;  // empty
  Text(std::string_view text) {  // NOLINT(google-explicit-constructor): as std::string
    if (text.size() <= kWithin) {
      size_ = static_cast<std::uint32_t>(text.size());
      if (!text.empty()) std::memcpy(&word_, text.data(), text.size());
    } else {
      TakeBlock(text);
    }
  }
  Text(const std::string& text) : Text(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  Text(const char* text) : Text(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  Text(const Text& other) noexcept : word_(other.word_), offset_(other.offset_), size_(other.size_) {
    if (size_ > kWithin) Keep();
  }
  Text(Text&& other) noexcept : word_(other.word_), offset_(other.offset_), size_(std::exchange(other.size_, 0)) {}
  Text& operator=(Text other) noexcept {
    std::swap(word_, other.word_);
    std::swap(offset_, other.offset_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Text() {
    if (size_ > kWithin) Release();
  }

  std::string_view view() const {
    const char* const here = reinterpret_cast<const char*>(&word_);
    return {size_ <= kWithin ? here : reinterpret_cast<const char*>(word_) + offset_, size_};  // NOLINT(performance-no-int-to-ptr)
  }
  operator std::string_view() const { return view(); }                // NOLINT(google-explicit-constructor)
  operator std::string() const { return std::string(view()); }        // NOLINT(google-explicit-constructor)
  std::string str() const { return std::string(view()); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const char* data() const { return view().data(); }
  auto begin() const { return view().begin(); }
  auto end() const { return view().end(); }

  char operator[](std::size_t at) const { return view()[at]; }
  std::size_t find(std::string_view part, std::size_t from = 0) const { return view().find(part, from); }
  std::size_t find(char part, std::size_t from = 0) const { return view().find(part, from); }
  std::size_t rfind(std::string_view part) const { return view().rfind(part); }
  std::size_t rfind(char part) const { return view().rfind(part); }
  std::string substr(std::size_t from, std::size_t count = std::string_view::npos) const {
    return std::string(view().substr(from, count));
  }
  bool starts_with(std::string_view part) const { return view().starts_with(part); }
  bool ends_with(std::string_view part) const { return view().ends_with(part); }

  // With whatever is text: what both sides become is compared.
  template <typename Other>
    requires std::is_convertible_v<const Other&, std::string_view>
  friend bool operator==(const Text& a, const Other& b) {
    return a.view() == std::string_view(b);
  }
  template <typename Other>
    requires std::is_convertible_v<const Other&, std::string_view>
  friend auto operator<=>(const Text& a, const Other& b) {
    return a.view() <=> std::string_view(b);
  }
  template <typename Other>
    requires std::is_convertible_v<const Other&, std::string_view>
  friend std::string operator+(const Text& a, const Other& b) {
    return std::string(a.view()).append(std::string_view(b));
  }
  template <typename Other>
    requires(std::is_convertible_v<const Other&, std::string_view> && !std::is_same_v<Other, Text>)
  friend std::string operator+(const Other& a, const Text& b) {
    return std::string(std::string_view(a)).append(b.view());
  }
  friend std::string operator+(std::string&& a, const Text& b) { return std::move(a.append(b.view())); }
  friend std::ostream& operator<<(std::ostream& out, const Text& text);

 private:
  friend class TextBlocks;

  void TakeBlock(std::string_view text);
  void Keep() const noexcept;
  void Release() noexcept;

  // Within: the first bytes of this. Otherwise the block, and where in it the text begins.
  std::uint64_t word_ = 0;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

// Makes many texts that share blocks of memory. Not thread-safe; the texts outlive it as they like.
class TextBlocks {
 public:
  TextBlocks() = default;
  ~TextBlocks() { Close(); }
  TextBlocks(const TextBlocks&) = delete;
  TextBlocks& operator=(const TextBlocks&) = delete;

  Text Add(std::string_view text);

 private:
  void Open();
  void Close();

  TextBlock* block_ = nullptr;
  std::uint32_t used_ = 0, given_ = 0;
};

}  // namespace weir::manifest
