#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "manifest/text.h"

namespace weir::manifest {

// Texts of which there are mostly none, and then it takes no more than a pointer. Read as a vector; changed by putting another
// in its place. A value: copies are texts of their own.
class FewTexts {
 public:
  FewTexts() = default;
  FewTexts(std::vector<Text> texts) {  // NOLINT(google-explicit-constructor): as the vector
    if (!texts.empty()) held_ = std::make_unique<const std::vector<Text>>(std::move(texts));
  }
  FewTexts(std::initializer_list<Text> texts) : FewTexts(std::vector<Text>(texts)) {}
  FewTexts(const FewTexts& other) : FewTexts(other.all()) {}
  FewTexts(FewTexts&&) noexcept = default;
  FewTexts& operator=(FewTexts other) noexcept {
    held_ = std::move(other.held_);
    return *this;
  }

  const std::vector<Text>& all() const {
    static const std::vector<Text> kNone;
    return held_ == nullptr ? kNone : *held_;
  }
  operator const std::vector<Text>&() const { return all(); }  // NOLINT(google-explicit-constructor)
  auto begin() const { return all().begin(); }
  auto end() const { return all().end(); }
  bool empty() const { return held_ == nullptr; }
  std::size_t size() const { return all().size(); }
  const Text& at(std::size_t index) const { return all().at(index); }
  const Text& operator[](std::size_t index) const { return all()[index]; }

  friend bool operator==(const FewTexts& a, const FewTexts& b) { return a.all() == b.all(); }
  friend bool operator==(const FewTexts& a, const std::vector<Text>& b) { return a.all() == b; }

 private:
  std::unique_ptr<const std::vector<Text>> held_;
};

}  // namespace weir::manifest
