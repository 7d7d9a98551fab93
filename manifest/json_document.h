#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/artifact_file.h"
#include "manifest/field_order.h"
#include "manifest/json_index.h"
#include "manifest/text.h"
#include "manifest/text_window.h"
#include "manifest/value.h"

namespace weir::manifest {

enum class JsonType : std::uint8_t { kOther, kMap, kList, kString, kNumber, kBoolean, kNull };

class JsonNode;

// A JSON text of one map, and how far it has been read. Not thread-safe. What nobody reads is skipped: of that is known
// that its strings end, its brackets are as many as they should be, and all of it is UTF-8 without control characters.
// Every function throws ArtifactError: W-ART-001 the file cannot be read, or has changed meanwhile, 002 not JSON, 004 nested
// too deep or too large for the memory, 005 not of the wanted type; located, but for 001.
class JsonDocument {
 public:
  static constexpr std::size_t kMaxDepth = 200;

  // `remedy` ends the messages about a damaged file: "run `dbt build` again". `file` outlives the document. `digests`: it is
  // hashed while it is read.
  JsonDocument(const ArtifactFile& file, std::string remedy, bool digests = false);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // Every field of it, in written order: visit(std::string_view key, JsonNode&). Once. The key is valid until `visit` goes
  // into the value.
  template <typename Visit>
  void EachField(Visit&& visit);

  // SHA-256 of the file that has been read, hexadecimal. Once, of one that is hashed.
  std::string Digest() { return window_.Digest(); }

 private:
  friend class JsonNode;

  void Begin();
  void End();

  // Tokens are numbered from the beginning of the text. INVARIANT: those from `kept_` on can be asked for, up to
  // `count_`; behind the last ones of the text stand two more, which hold its size, where the file's padding begins. What reads
  // an element of a map or list may ask for kAheadTokens from its first one on, and whoever goes further looks ahead.
  // Elements of the document, and of its elements, let go what stands before them, unless somebody holds on to it. What has not
  // been let go keeps its place in memory, though what follows may be put elsewhere (TextWindow::MoveTo).
  static constexpr std::size_t kAheadTokens = 8, kLettingGo = 2;
  std::size_t OffsetOf(std::size_t token) const {
    if (token < kept_) [[unlikely]]
      token = kept_;  // to say about where something is wrong
    return window_.begin() + (token < count_ ? tokens_[token] : index_.size());
  }
  void LookAhead(std::size_t token) {
    if (token + kAheadTokens >= count_ && !whole_) [[unlikely]]
      IndexMore(token);
  }
  void IndexMore(std::size_t token);
  [[noreturn]] void ThrowProblem(JsonIndex::Problem problem) const;
  unsigned char First(std::size_t token) const { return static_cast<unsigned char>(text_[tokens_[token]]); }
  JsonType TypeOf(std::size_t token) const {
    const JsonType type = kTypes[First(token)];
    if (type == JsonType::kOther) [[unlikely]]
      ThrowUnexpected(token);
    return type;
  }
  std::string_view TextOf(std::size_t token) const;         // a string with its quotes, a number, a word
  std::string_view WrittenString(std::size_t token) const;  // between the quotes
  static bool HasBackslash(std::string_view written) {
    return std::memchr(written.data(), '\\', written.size()) != nullptr;
  }
  std::string_view Unescape(std::size_t token, std::string_view written, char* out) const;
  std::string_view String(std::size_t token) {  // valid until it is let go
    const std::string_view written = WrittenString(token);
    return HasBackslash(written) ? Unescaped(token, written) : written;
  }
  // From the first byte of one token to that of another, which have one byte.
  std::string_view Between(std::size_t first, std::size_t last) const {
    return {text_ + tokens_[first], tokens_[last] + 1 - tokens_[first]};
  }
  std::string_view Unescaped(std::size_t token, std::string_view written);
  std::string_view ScratchString(std::size_t token) {  // valid until the next one
    const std::string_view written = WrittenString(token);
    return HasBackslash(written) ? UnescapeScratch(token, written) : written;
  }
  std::string_view UnescapeScratch(std::size_t token, std::string_view written);

  // Mostly they differ in the first bytes: no call for that. The window's padding can be read.
  bool StartsWith(std::size_t token, std::size_t behind, std::string_view text) const {
    const char* const begin = text_ + tokens_[token] + behind;
    std::uint64_t here = 0, there = 0;
    if (text.size() >= sizeof here) [[likely]] {
      std::memcpy(&here, begin, sizeof here);
      std::memcpy(&there, text.data(), sizeof there);
      if (here != there) return false;
    }
    const std::string_view window = window_.text();
    return text.size() <= static_cast<std::size_t>(window.data() + window.size() - begin) && std::memcmp(begin, text.data(), text.size()) == 0;
  }
  // The token behind the value that begins there. `lets_go`: of what it has passed.
  std::size_t Skip(std::size_t token, bool lets_go = false) {
    const JsonType type = TypeOf(token);
    return type == JsonType::kMap || type == JsonType::kList ? SkipNested(token, lets_go) : token + 1;
  }
  std::size_t SkipNested(std::size_t token, bool lets_go);
  void SkipUnread(std::size_t token) { next_ = Skip(token, depth_ <= kLettingGo); }
  Value SharedValue(std::size_t token);       // of a map or list
  Value SharedString(std::size_t token);
  std::size_t ItemsAtMost(std::size_t token) const {
    std::size_t end = token + 1;
    while (end < count_ && First(end) != ']') ++end;
    return (end - token) / 2;
  }
  // `read` takes the first token of each element of a map or list and leaves `next_` behind it.
  template <typename ReadElement>
  void EachElement(std::size_t token, char close, ReadElement read);
  template <typename Visit>
  void EachField(std::size_t token, Visit& visit);
  template <typename Visit>
  void EachItem(std::size_t token, Visit& visit);
  // One field after the other of a map; EndRun behind the last one.
  template <typename Table, typename What, typename Target>
  void ReadField(std::size_t token, const Table& table, FieldOrder<What>* order, FieldPlace<What>* place, Target* out);
  template <typename What>
  void EndRun(std::size_t behind, FieldPlace<What>* place);  // the token behind the last of them
  // Seldom: out of the way of those that are guessed.
  template <typename Table, typename What>
  [[gnu::noinline]] typename FieldOrder<What>::Field* GuessAgain(std::size_t token, std::string_view key,
                                                                 const Table& table, FieldOrder<What>* order,
                                                                 typename FieldOrder<What>::Field* before);
  template <typename Table>
  auto FindField(std::size_t token, const Table& table);

  Position PositionOf(std::size_t offset) const;
  void RefuseChanged() const;  // throws when the file has
  std::string Located(std::size_t offset, const std::string& message) const;
  [[noreturn]] void ThrowDamaged(std::size_t offset, const std::string& what) const;
  [[noreturn]] void ThrowUnexpected(std::size_t token) const;

  static constexpr auto kTypes = [] {
    std::array<JsonType, 256> types = {};
    types['{'] = JsonType::kMap;
    types['['] = JsonType::kList;
    types['"'] = JsonType::kString;
    types['t'] = types['f'] = JsonType::kBoolean;
    types['n'] = JsonType::kNull;
    types['-'] = JsonType::kNumber;
    for (unsigned char digit = '0'; digit <= '9'; ++digit) types[digit] = JsonType::kNumber;
    return types;
  }();

  const ArtifactFile& file_;
  std::string remedy_;
  TextWindow window_;
  JsonIndex index_;  // of its beginning
  const char* text_ = nullptr;             // the window's
  const std::uint32_t* tokens_ = nullptr;  // by number
  std::size_t kept_ = 0, count_ = 0;
  bool whole_ = false;    // there are no more
  std::size_t next_ = 0;  // the token behind what has been read
  std::size_t keep_ = 0;  // none before it is asked for again
  std::size_t depth_ = 0;
  std::vector<char> scratch_;
  TextBlocks blocks_;
  // Manifests say the same again and again: `meta` of a column and of its `config`, constraints, owners. What is written as
  // an earlier map, list or short string was is the same value, and shares what that one holds. By the hash of the text; the last one
  // of each hash.
  struct Written {
    std::string text;
    Value value;
  };
  std::vector<Written> written_, strings_;
  std::pmr::monotonic_buffer_resource unescaped_;  // keys and strings that hold escapes
};

// A value of the text. Valid until its visitor returns.
class JsonNode {
 public:
  bool IsNull() {
    if (document_->TypeOf(token_) != JsonType::kNull) return false;
    if (document_->TextOf(token_) != "null") [[unlikely]]
      document_->ThrowUnexpected(token_);
    return true;
  }
  bool IsString() { return document_->TypeOf(token_) == JsonType::kString; }
  bool IsMap() { return document_->TypeOf(token_) == JsonType::kMap; }
  bool IsList() { return document_->TypeOf(token_) == JsonType::kList; }

  std::string_view String();  // valid as this
  // The text of a string, a number or a boolean; empty for null.
  manifest::Text Text() {
    return IsString() ? document_->blocks_.Add(document_->ScratchString(token_)) : OtherText();
  }
  bool Bool();      // null: false
  double Number();  // null: 0
  std::optional<std::int64_t> Integer();  // of a number, or of text that is one; nullopt: of anything else
  Value ToValue();  // everything below; the last of equal keys counts, as for Python
  Value ToMap() {   // likewise, of a map or null
    if (!IsNull()) Require(JsonType::kMap, "a map");
    return ToValue();
  }

  // visit(std::string_view key, JsonNode&); the key is valid as the node. Null: none.
  template <typename Visit>
  void EachField(Visit&& visit) {
    if (IsNull()) return;
    Require(JsonType::kMap, "a map");
    document_->EachField(token_, visit);
  }
  // What `table` (a FieldTable) holds of each key is called with the value and `out`; other keys are skipped. `order`: of
  // the maps of this document that are read by `table`. Returns the text of the map as it is written, which is valid as
  // this. Null: empty.
  template <typename Table, typename What, typename Target>
  std::string_view ReadFields(const Table& table, FieldOrder<What>* order, Target* out) {
    if (IsNull()) return {};
    Require(JsonType::kMap, "a map");
    FieldPlace<What> place(order);
    document_->depth_ += JsonDocument::kLettingGo;
    document_->EachElement(token_, '}', [&](std::size_t at) { document_->ReadField(at, table, order, &place, out); });
    document_->depth_ -= JsonDocument::kLettingGo;
    document_->EndRun(document_->next_ - 1, &place);
    return document_->Between(token_, document_->next_ - 1);
  }
  // The last fields of a map, as they are written, its bracket included. `text` is valid as the map's node.
  struct Rest {
    std::string_view text;
    std::size_t first_token = 0, tokens = 0;
  };
  // As ReadFields, of a map that may end in `known`, word for word: where that begins, and out->SaysNothing(), it is passed
  // over, and true returned.
  template <typename Table, typename What, typename Target>
  bool ReadFieldsBefore(const Rest& known, const Table& table, FieldOrder<What>* order, Target* out) {
    Require(JsonType::kMap, "a map");
    bool ends_so = false;
    FieldPlace<What> place(order);
    document_->depth_ += JsonDocument::kLettingGo;
    document_->EachElement(token_, '}', [&](std::size_t at) {
      if (!known.text.empty() && document_->StartsWith(at, 0, known.text) && out->SaysNothing()) {
        ends_so = true;
        document_->next_ = at + known.tokens - 1;
      } else {
        document_->ReadField(at, table, order, &place, out);
      }
    });
    document_->depth_ -= JsonDocument::kLettingGo;
    return ends_so;
  }
  // Of a map that has just been read: what stands behind the field whose value, which is no map or list, began there.
  Rest RestBehind(std::size_t token) const {
    const std::size_t first = token + 2, end = document_->next_;
    if (token == 0 || first >= end) return {};
    return {document_->Between(first, end - 1), first, end - first};
  }
  template <typename Table, typename What, typename Target>
  void ReadRest(const Rest& rest, const Table& table, FieldOrder<What>* order, Target* out) {
    const std::size_t next = document_->next_;
    FieldPlace<What> place(order);
    document_->EachElement(rest.first_token - 1, '}',
                           [&](std::size_t at) { document_->ReadField(at, table, order, &place, out); });
    document_->next_ = next;
  }
  std::size_t token() const { return token_; }

  // How many items the list has, or more, when it holds no maps and lists.
  std::size_t ItemsAtMost() const { return document_->ItemsAtMost(token_); }

  // visit(JsonNode&). Null: none.
  template <typename Visit>
  void EachItem(Visit&& visit) {
    if (IsNull()) return;
    Require(JsonType::kList, "a list");
    document_->EachItem(token_, visit);
  }

  // W-ART-005 at this value.
  [[noreturn]] void Refuse(const std::string& message);
  [[noreturn]] void RefuseAs(const std::string& code, const std::string& message);

 private:
  friend class JsonDocument;
  JsonNode(std::size_t token, JsonDocument* document) : token_(token), document_(document) {}
  void Require(JsonType type, const char* spoken) {
    if (document_->TypeOf(token_) != type) [[unlikely]]
      RefuseType(spoken);
  }
  [[noreturn]] void RefuseType(const char* expected);
  manifest::Text OtherText();  // of anything but a string
  Value ToValueAt(std::size_t depth);

  std::size_t token_;  // its first
  JsonDocument* document_;
};

template <typename ReadElement>
void JsonDocument::EachElement(std::size_t token, char close, ReadElement read) {
  next_ = token + 1;
  LookAhead(next_);
  if (First(next_) == static_cast<unsigned char>(close)) {
    ++next_;
    return;
  }
  ++depth_;
  while (true) {
    read(next_);
    if (depth_ <= kLettingGo) keep_ = next_;
    LookAhead(next_);
    const unsigned char behind = First(next_);
    if (behind != ',' && behind != static_cast<unsigned char>(close)) [[unlikely]]
      ThrowUnexpected(next_);
    ++next_;
    if (behind != ',') break;
  }
  --depth_;
}

template <typename Visit>
void JsonDocument::EachField(std::size_t token, Visit& visit) {
  EachElement(token, '}', [&](std::size_t at) {
    const std::string_view key = String(at);
    if (First(at + 1) != ':') [[unlikely]]
      ThrowUnexpected(at + 1);
    next_ = at + 2;
    JsonNode node(at + 2, this);
    visit(key, node);
    if (next_ == at + 2) SkipUnread(at + 2);  // nobody went into it
  });
}

// Tables hold no key that needs an escape, so that few keys are asked whether they hold any.
template <typename Table>
auto JsonDocument::FindField(std::size_t token, const Table& table) {
  const std::string_view written = WrittenString(token);
  auto found = table.Find(written);
  if (found == nullptr && HasBackslash(written)) [[unlikely]]
    found = table.Find(Unescaped(token, written));
  if (First(token + 1) != ':') [[unlikely]]
    ThrowUnexpected(token + 1);
  return found;
}

template <typename Table, typename What, typename Target>
void JsonDocument::ReadField(std::size_t token, const Table& table, FieldOrder<What>* order, FieldPlace<What>* place,
                             Target* out) {
  const std::size_t begin = tokens_[token];
  const std::string_view key(text_ + begin, tokens_[token + 1] + 1 - begin);
  auto* field = place->field->next[0];
  if (!EqualKeys(field->key, key)) [[unlikely]]
    field = GuessAgain(token, key, table, order, place->field);
  const What read = field->what;
  next_ = token + 2;
  if (read != nullptr) {
    if (place->unread_count != 0) EndRun(token - 1, place);
    place->field = field;
    JsonNode node(token + 2, this);
    read(node, out);
    if (next_ == token + 2) next_ = Skip(token + 2);
    return;
  }
  if (const auto& run = field->run; !run.text.empty() && run.seen + 1 >= window_.moves() && StartsWith(token, key.size(), run.text)) {
    next_ = token + run.tokens;
    place->field = run.last;
    return;
  }
  place->field = field;
  if (!field->key.empty() && place->unread_count < place->unread.size()) {
    place->unread[place->unread_count++] = {token, field};
  }
  next_ = Skip(token + 2);
}

template <typename Table, typename What>
typename FieldOrder<What>::Field* JsonDocument::GuessAgain(std::size_t token, std::string_view key, const Table& table,
                                                           FieldOrder<What>* order,
                                                           typename FieldOrder<What>::Field* before) {
  auto* const known = order->Find(before, key);
  return known != order->begin() ? known : order->Add(before, key, FindField(token, table));
}

// The token behind is part of a run: equal bytes up to it are equal tokens, whatever follows.
template <typename What>
void JsonDocument::EndRun(std::size_t behind, FieldPlace<What>* place) {
  static constexpr std::size_t kLongest = 2048;  // bytes
  for (std::size_t i = 0; i < place->unread_count; ++i) {
    const auto [token, field] = place->unread[i];
    const std::string_view text = Between(token, behind).substr(field->key.size());
    if (text.size() > kLongest) continue;
    field->run = {text, window_.moves(), static_cast<std::uint32_t>(behind - token), place->field};
  }
  place->unread_count = 0;
}

template <typename Visit>
void JsonDocument::EachItem(std::size_t token, Visit& visit) {
  EachElement(token, ']', [&](std::size_t at) {
    JsonNode node(at, this);
    visit(node);
    if (next_ == at) SkipUnread(at);
  });
}

template <typename Visit>
void JsonDocument::EachField(Visit&& visit) {
  Begin();
  EachField(0, visit);
  End();
}

inline std::string_view JsonDocument::TextOf(std::size_t token) const {
  const char* const begin = text_ + tokens_[token];
  const char* end = text_ + tokens_[token + 1];
  while (end > begin && static_cast<unsigned char>(end[-1]) <= ' ') --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

inline std::string_view JsonDocument::WrittenString(std::size_t token) const {
  const std::string_view string = TextOf(token);
  if (string.size() < 2 || string.front() != '"' || string.back() != '"') [[unlikely]]
    ThrowUnexpected(token);
  return string.substr(1, string.size() - 2);
}

}  // namespace weir::manifest
