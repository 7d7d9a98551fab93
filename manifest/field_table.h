#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace weir::manifest {

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
      if (Equal(slots_[slot].key, key)) return slots_[slot].what;
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

  // Keys are short: two words that overlap, rather than a call.
  static constexpr bool Equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (std::is_constant_evaluated() || a.size() < 4 || a.size() > 16) return a == b;
    return a.size() < 8 ? EndsAreEqual<std::uint32_t>(a, b) : EndsAreEqual<std::uint64_t>(a, b);
  }
  template <typename Word>
  static bool EndsAreEqual(std::string_view a, std::string_view b) {
    const auto word = [](const char* at) {
      Word bytes = 0;
      std::memcpy(&bytes, at, sizeof bytes);
      return bytes;
    };
    const std::size_t last = a.size() - sizeof(Word);
    return word(a.data()) == word(b.data()) && word(a.data() + last) == word(b.data() + last);
  }

  std::array<TableField<What>, kSlots> slots_ = {};
};

template <typename What, std::size_t kCount>
FieldTable(const TableField<What> (&)[kCount]) -> FieldTable<What, kCount>;

}  // namespace weir::manifest
