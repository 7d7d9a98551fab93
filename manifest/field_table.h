#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace weir::manifest {

// Keys are short: words, the last of which overlap, rather than a call.
template <typename Word>
bool WordsAreEqual(const char* a, const char* b, std::size_t size) {
  const auto word = [](const char* at) {
    Word bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  };
  const std::size_t last = size - sizeof(Word);
  for (std::size_t at = 0; at < last; at += sizeof(Word)) {
    if (word(a + at) != word(b + at)) return false;
  }
  return word(a + last) == word(b + last);
}

constexpr bool EqualKeys(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (std::is_constant_evaluated() || a.size() < sizeof(std::uint32_t)) return a == b;
  return a.size() < sizeof(std::uint64_t) ? WordsAreEqual<std::uint32_t>(a.data(), b.data(), a.size())
                                          : WordsAreEqual<std::uint64_t>(a.data(), b.data(), a.size());
}

// What is known of the keys of one kind of map, found by key: a hash table that is made when the program is compiled.
// `What` is a pointer; null for keys that are not there.
template <typename What>
struct TableField {
  std::string_view key;
  What what;
};

template <typename What, std::size_t kCount>
class FieldTable {
 public:
  constexpr FieldTable(const TableField<What> (&fields)[kCount]) {  // NOLINT: implicit on purpose, tables are lists
    for (const TableField<What>& field : fields) {
      std::size_t slot = SlotOf(field.key);
      while (!slots_[slot].key.empty()) slot = (slot + 1) % kSlots;
      slots_[slot] = field;
    }
  }

  constexpr What Find(std::string_view key) const {
    if (key.empty()) return nullptr;
    for (std::size_t slot = SlotOf(key); !slots_[slot].key.empty(); slot = (slot + 1) % kSlots) {
      if (EqualKeys(slots_[slot].key, key)) return slots_[slot].what;
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kSlots = std::bit_ceil(kCount * 4);  // mostly empty: an unknown key ends at once

  // The factors were tried until dbt's keys fell into slots of their own.
  static constexpr std::size_t SlotOf(std::string_view key) {
    const auto byte = [key](std::size_t at) { return static_cast<unsigned char>(key[at]); };
    return (key.size() * 78 + byte(0) * 73u + byte(key.size() / 2) * 151u + byte(key.size() - 1) * 250u) % kSlots;
  }

  std::array<TableField<What>, kSlots> slots_ = {};
};

template <typename What, std::size_t kCount>
FieldTable(const TableField<What> (&)[kCount]) -> FieldTable<What, kCount>;

}  // namespace weir::manifest
