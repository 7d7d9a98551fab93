#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/field_table.h"

namespace weir::manifest {

// Which field followed which in the maps of one kind that were read so far, and what a FieldTable holds of their keys. dbt
// writes the fields of a kind of node in one order, so that the next key is mostly known before it is looked at; and
// between those that are read stand many that nobody asks for, often with the same values. A guess that fails costs time
// and changes nothing: whatever is taken for known was compared byte by byte. Of one document. Not thread-safe.
template <typename What>
class FieldOrder {
 public:
  struct Field;
  // Fields that nobody reads, one behind the other.
  struct Run {
    std::string_view text;      // from behind the first one's key to the token behind the last one's value
    std::uint32_t seen = 0;     // TextWindow::moves() when it was: the text is there until the second move from then
    std::uint32_t tokens = 0;   // of those fields
    Field* last = nullptr;
  };
  struct Field {
    std::string key;  // as written, with quotes and colon
    What what = nullptr;
    Run run;  // that began there the last time; of fields that are read, empty
    std::array<Field*, 2> next;  // the latest successor, and another one
  };

  FieldOrder() {
    fields_.reserve(kMost);  // INVARIANT: they never move
    begin_ = &fields_.emplace_back();
    begin_->next = {begin_, begin_};
  }
  FieldOrder(const FieldOrder&) = delete;
  FieldOrder& operator=(const FieldOrder&) = delete;

  Field* begin() { return begin_; }  // of a map: no field

  // The first guess is before->next[0]. Returns the field with that key; the begin: it is not known. `before`: of the same
  // map.
  Field* Find(Field* before, std::string_view key) {
    auto& [latest, other] = before->next;
    std::swap(latest, other);
    if (EqualKeys(latest->key, key)) return latest;
    for (Field& field : fields_) {
      if (EqualKeys(field.key, key)) return latest = &field;
    }
    return begin_;
  }

  // `key` is not known. Where too many are, or it is long, the next call forgets it, and its `key` is empty.
  Field* Add(Field* before, std::string_view key, What what) {
    if (fields_.size() == kMost || key.size() > kLongest) {
      forgotten_ = {{}, what, {}, {begin_, begin_}};
      return &forgotten_;
    }
    fields_.push_back({std::string(key), what, {}, {begin_, begin_}});
    return before->next[0] = &fields_.back();
  }

 private:
  // Of a map that a stranger filled with keys, no more are searched and none longer is kept.
  static constexpr std::size_t kMost = 128, kLongest = 256;

  std::vector<Field> fields_;
  Field* begin_ = nullptr;
  Field forgotten_ = {};
};

// How far one map has been read.
template <typename What>
struct FieldPlace {
  using Field = typename FieldOrder<What>::Field;
  struct Unread {
    std::size_t token;
    Field* field;
  };
  explicit FieldPlace(FieldOrder<What>* order) : field(order->begin()) {}  // few maps fill `unread`

  Field* field;
  std::size_t unread_count = 0;  // of the run that ends at the next field that is read
  std::array<Unread, 32> unread;
};

}  // namespace weir::manifest
