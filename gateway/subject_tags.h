#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>

#include "audit/entry.h"

namespace weir::gateway {

using Tag = audit::Tag;  // keyed, of a record or a subject

// The subjects of one row, in order: as many as an outcome names, and no memory of their own, because there is one for
// every row of a run.
class SubjectTags {
 public:
  static constexpr std::size_t kMax = audit::kMaxOutcomeSubjects;

  // Throws std::length_error for more than kMax.
  void resize(std::size_t size) {
    if (size > kMax) throw std::length_error("a row has more subjects than the log names");
    size_ = static_cast<std::uint8_t>(size);
  }
  std::size_t size() const { return size_; }
  Tag* data() { return tags_.data(); }
  const Tag* data() const { return tags_.data(); }
  Tag* begin() { return data(); }
  Tag* end() { return data() + size_; }
  const Tag* begin() const { return data(); }
  const Tag* end() const { return data() + size_; }
  Tag& operator[](std::size_t i) { return tags_[i]; }

 private:
  std::array<Tag, kMax> tags_{};
  std::uint8_t size_ = 0;
};

}  // namespace weir::gateway
