#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/field_table.h"

namespace weir::manifest {

// Which field followed which in the maps of one kind that were read so far, and what a FieldTable holds of their keys. dbt
// writes the fields of a kind of node in one order, so that the next key is mostly known before it is looked at; and
// between those that are read stand many that nobody asks for, often with the same values. A guess that fails costs time
// and changes nothing: whatever is taken for known was compared byte by byte. Holds views into one file, which outlives
// it. Not thread-safe.
template <typename What>
class FieldOrder {
 public:
  // Begin of a map: no field.
  static constexpr std::uint16_t kBegin = 0;

  // Fields that nobody reads, one behind the other.
  struct Run {
    std::string_view text;      // from behind the first one's key to the token behind the last one's value
    std::uint32_t tokens = 0;   // of those fields
    std::uint16_t last = kBegin;
  };
  struct Field {
    std::string_view key;  // as written, with quotes and colon
    What what = nullptr;
    Run run;  // that began there the last time; of fields that are read, empty
    std::array<std::uint16_t, 2> next = {kBegin, kBegin};  // the latest successor, and another one
  };

  // The field with that key, if it is known; kBegin otherwise. `before`: of the same map.
  std::uint16_t Find(std::uint16_t before, std::string_view key) {
    auto& [latest, other] = fields_[before].next;
    if (EqualKeys(fields_[latest].key, key)) [[likely]]
      return latest;
    std::swap(latest, other);
    if (EqualKeys(fields_[latest].key, key)) return latest;
    for (std::size_t at = 1; at < fields_.size(); ++at) {
      if (EqualKeys(fields_[at].key, key)) return latest = static_cast<std::uint16_t>(at);
    }
    return kBegin;
  }

  // `key` is not known. kBegin: there are too many.
  std::uint16_t Add(std::uint16_t before, std::string_view key, What what) {
    if (fields_.size() == kMost) return kBegin;
    const auto added = static_cast<std::uint16_t>(fields_.size());
    fields_.push_back({key, what, {}, {}});
    return fields_[before].next[0] = added;
  }

  Field& operator[](std::uint16_t field) { return fields_[field]; }

 private:
  static constexpr std::size_t kMost = 128;  // of a map that a stranger filled with keys, no more are searched

  std::vector<Field> fields_ = std::vector<Field>(1);
};

// How far one map has been read.
struct FieldPlace {
  struct Unread {
    std::size_t token;
    std::uint16_t field;
  };
  FieldPlace() {}  // there are many maps, and few of them fill `unread`

  std::uint16_t field = 0;
  std::size_t unread_count = 0;  // of the run that ends at the next field that is read
  std::array<Unread, 32> unread;
};

}  // namespace weir::manifest
