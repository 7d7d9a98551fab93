#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::manifest {

// 1-based; 0 where it is not known. Columns count bytes.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// A document's node, of YAML or of JSON: one model, so that an exposure's block reads the same from `meta` and from
// weir.yml. YAML scalars keep their text and are typed by whoever reads them, never guessed: `NO` stays a string.
// A value type, never changed once it is made: copies share what it holds. Null without a position holds nothing.
// Safe to read, and to copy, from several threads.
class Value {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kList, kMap };
  struct Member;

  Value() = default;  // null
  Value(const Value& other) : held_(other.held_) { Keep(); }
  Value(Value&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  Value& operator=(Value other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~Value() {
    if (held_ != nullptr) Release();
  }
  static Value Null(Position at = {});
  static Value Bool(bool value, Position at = {});
  static Value Number(std::string text, Position at = {});  // as written: JSON's grammar
  // `plain`: a YAML scalar without quotes, which a schema may read as a number, a boolean or a string.
  static Value String(std::string text, Position at = {}, bool plain = false);
  static Value List(std::vector<Value> items, Position at = {});
  static Value Map(std::vector<Member> members, Position at = {});  // keys distinct; in written order

  Kind kind() const { return held_ == nullptr ? Kind::kNull : held_->kind; }
  bool IsNull() const { return kind() == Kind::kNull; }
  bool IsNothing() const { return held_ == nullptr || held_->is_nothing; }  // null, or an empty text, list or map
  Position position() const { return held_ == nullptr ? Position() : held_->position; }
  bool plain() const { return held_ != nullptr && held_->plain; }

  // Both are copies of one value, or null. Different values may be equal all the same.
  bool IsSameAs(const Value& other) const { return held_ == other.held_; }

  // The text of a string, a number (as written) or a boolean ("true", "false"); empty otherwise.
  const std::string& text() const;
  const std::vector<Value>& items() const;
  const std::vector<Member>& members() const;
  const Value* Find(std::string_view key) const;  // null pointer when absent or not a map

  // Typed by the reader; nullopt where the value is not such. A plain YAML `true`/`false` is a boolean (no other
  // spelling is), plain digits are an integer; a quoted one is not.
  std::optional<std::string> AsString() const;
  std::optional<bool> AsBool() const;
  std::optional<std::int64_t> AsInteger() const;
  std::optional<double> AsNumber() const;

  // Compact JSON with sorted keys: digests and comparisons. Plain YAML scalars are written as strings.
  std::string CanonicalJson() const;

 private:
  // What the content stands behind.
  struct Held {
    static constexpr std::uint32_t kForever = 0;  // never destroyed, and never counted

    std::atomic<std::uint32_t> owners = 1;
    Kind kind = Kind::kNull;
    bool plain = false;
    bool is_nothing = true;
    Position position;

    bool IsForever() const { return owners.load(std::memory_order_relaxed) == kForever; }
  };
  struct Content;
  explicit Value(Held* held) : held_(held) {}
  template <typename Type>
  static Value Hold(Kind kind, Position at, Type content);
  template <typename Type>
  const Type& ContentAs() const;
  template <typename Type>
  static Value Forever(Kind kind, Type content);
  void Keep() const {
    if (held_ != nullptr && !held_->IsForever()) held_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  void Release() {
    if (!held_->IsForever() && held_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) Destroy();
  }
  void Destroy();

  Held* held_ = nullptr;
};

struct Value::Member {
  std::string key;
  Position key_position;
  Value value;
};

// RFC 8259 section 6.
bool IsJsonNumber(std::string_view text);

}  // namespace weir::manifest
