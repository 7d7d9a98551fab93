#include "manifest/json_document.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "manifest/artifacts.h"
#include "manifest/diagnostic.h"
#include "manifest/source_line.h"

namespace weir::manifest {
namespace {

// simdjson finds out in blocks that a text is not UTF-8, without saying where.
std::optional<std::size_t> FindInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = Utf8Length(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::nullopt;
}

std::size_t FindControlInString(std::string_view text) {
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {  // escapes what follows, as simdjson has it outside of strings, too
      if (in_string && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0x20) return at + 1;
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (in_string && static_cast<unsigned char>(c) < 0x20) {
      return at;
    }
  }
  return text.size();
}

constexpr auto kNesting = [] {
  std::array<std::int8_t, 256> change = {};
  change['{'] = change['['] = 1;
  change['}'] = change[']'] = -1;
  return change;
}();

std::string_view Describe(JsonType type) {
  switch (type) {
    case JsonType::kList:
      return "a list";
    case JsonType::kMap:
      return "a map";
    case JsonType::kNumber:
      return "a number";
    case JsonType::kString:
      return "a string";
    case JsonType::kBoolean:
      return "a boolean";
    case JsonType::kNull:
      return "null";
    case JsonType::kOther:
      break;
  }
  return "unknown";
}

}  // namespace

JsonDocument::JsonDocument(const ArtifactFile& file, std::string remedy, bool digests)
    : file_(file), remedy_(std::move(remedy)), window_(file, digests) {}

void JsonDocument::Begin() {
  IndexMore(0);
  if (window_.text().starts_with("\xef\xbb\xbf")) {
    ThrowDamaged(0, "not JSON: the file begins with a byte order mark, which dbt does not write");
  }
  if (count_ == 0) ThrowDamaged(0, "the file is empty");
  JsonNode(0, this).Require(JsonType::kMap, "a map");
}

void JsonDocument::RefuseChanged() const {
  if (file_.HasChanged()) {
    throw ArtifactError("W-ART-001", file_.path() + ": has changed while it was read; try again when dbt is done");
  }
}

void JsonDocument::End() {
  keep_ = next_;
  LookAhead(next_);
  if (next_ < count_) ThrowDamaged(OffsetOf(next_), "not JSON: text behind the end");
  RefuseChanged();  // INVARIANT: all of it has been read
}

// What is kept is looked at again, with what follows; that is little, or grows by half.
void JsonDocument::IndexMore(std::size_t token) {
  static_assert(TextWindow::kPadding >= JsonIndex::kPadding);
  do {
    const std::size_t begin = OffsetOf(keep_);
    std::size_t size = std::max({file_.window_bytes(), JsonIndex::kPadding, 2 * (window_.begin() + index_.size() - begin)});
    JsonIndex::Problem problem = JsonIndex::Problem::kNone;
    window_.MoveTo(begin, size);
    while ((problem = index_.Build(window_.text(), window_.at_end())) == JsonIndex::Problem::kNeedsMore) window_.Grow(size *= 2);
    if (problem == JsonIndex::Problem::kEmpty) problem = JsonIndex::Problem::kNone;  // nothing but space is left
    text_ = window_.text().data();
    kept_ = keep_;
    if (problem != JsonIndex::Problem::kNone) ThrowProblem(problem);
    count_ = kept_ + index_.tokens().size();
    // A pointer to before the array would be undefined.
    tokens_ = reinterpret_cast<const std::uint32_t*>(reinterpret_cast<std::uintptr_t>(index_.tokens().data()) -
                                                     kept_ * sizeof(std::uint32_t));
    whole_ = window_.at_end() && index_.size() == window_.text().size();
  } while (token + kAheadTokens >= count_ && !whole_);
}

void JsonDocument::ThrowProblem(JsonIndex::Problem problem) const {
  const std::string_view text = window_.text();
  switch (problem) {
    case JsonIndex::Problem::kUnclosedString:
      ThrowDamaged(window_.end(), "the file ends inside of a string: it is cut off or damaged");
    case JsonIndex::Problem::kControlCharacter:
      ThrowDamaged(window_.begin() + FindControlInString(text), "not JSON: a control character inside of a string");
    case JsonIndex::Problem::kNotUtf8:
      ThrowDamaged(window_.begin() + FindInvalidUtf8(text).value_or(text.size()), "not JSON: not UTF-8");
    case JsonIndex::Problem::kNoMemory:
      throw ArtifactError("W-ART-004", file_.path() + ": not enough memory to read " +
                                           std::to_string(file_.size()) + " bytes");
    default:
      ThrowDamaged(window_.end(), "not JSON");
  }
}

std::string_view JsonDocument::Unescape(std::size_t token, std::string_view written, char* out) const {
  const char* const end = index_.Unescape(written.data(), out);
  if (end == nullptr) ThrowDamaged(OffsetOf(token), "not JSON: a wrong escape in a string");
  return {out, static_cast<std::size_t>(end - out)};
}

std::string_view JsonDocument::Unescaped(std::size_t token, std::string_view written) {
  return Unescape(token, written,
                  static_cast<char*>(unescaped_.allocate(written.size() + JsonIndex::kPadding, 1)));
}

std::string_view JsonDocument::UnescapeScratch(std::size_t token, std::string_view written) {
  scratch_.resize(std::max(scratch_.size(), written.size() + JsonIndex::kPadding));
  return Unescape(token, written, scratch_.data());
}

std::size_t JsonDocument::SkipNested(std::size_t token, bool lets_go) {
  const char close = First(token) == '{' ? '}' : ']';
  std::ptrdiff_t depth = 1;
  for (std::size_t i = token + 1;; LookAhead(i)) {
    const char* const text = text_;
    const std::uint32_t* at = tokens_ + i;
    for (const std::uint32_t* const end = tokens_ + count_; at != end; ++at) {
      depth += kNesting[static_cast<unsigned char>(text[*at])];
      if (depth == 0) break;
    }
    i = static_cast<std::size_t>(at - tokens_);
    if (depth == 0) {
      if (First(i) != static_cast<unsigned char>(close)) ThrowUnexpected(i);
      return i + 1;
    }
    if (whole_) ThrowUnexpected(count_);
    if (lets_go) keep_ = i;
  }
}

// What has been let go is read again.
Position JsonDocument::PositionOf(std::size_t offset) const {
  std::array<char, 1 << 14> piece;
  Position at = {1, 1};
  for (std::size_t begin = 0; begin < offset;) {
    const std::size_t size = file_.Read(begin, piece.data(), std::min(piece.size(), offset - begin));
    if (size == 0) break;
    const Position behind = PositionOfByte({piece.data(), size}, size);
    at = {at.line + behind.line - 1, behind.line == 1 ? at.column + behind.column - 1 : behind.column};
    begin += size;
  }
  return at;
}

std::string JsonDocument::Located(std::size_t offset, const std::string& message) const {
  RefuseChanged();
  const Position at = PositionOf(offset);
  return file_.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
         EscapeForTerminal(message);  // it may quote the file
}

void JsonDocument::ThrowDamaged(std::size_t offset, const std::string& what) const {
  throw ArtifactError("W-ART-002", Located(offset, what + "; " + remedy_));
}

void JsonDocument::ThrowUnexpected(std::size_t token) const {
  const std::size_t offset = OffsetOf(token);
  if (whole_ && offset >= window_.end()) ThrowDamaged(offset, "the file ends too early: it is cut off or damaged");
  if (token < count_ && (First(token) == 'N' || First(token) == 'I')) {
    ThrowDamaged(offset, "not JSON, which has no NaN and no Infinity: look for `.nan` and `.inf` in the project's YAML");
  }
  ThrowDamaged(offset, "not JSON");
}

void JsonNode::RefuseAs(const std::string& code, const std::string& message) {
  throw ArtifactError(code, document_->Located(document_->OffsetOf(token_), message));
}

void JsonNode::Refuse(const std::string& message) { RefuseAs("W-ART-005", message); }

void JsonNode::RefuseType(const char* expected) {
  Refuse("expected " + std::string(expected) + ", not " + std::string(Describe(document_->TypeOf(token_))));
}

std::string_view JsonNode::String() {
  Require(JsonType::kString, "a string");
  return document_->String(token_);
}

Text JsonNode::OtherText() {
  switch (document_->TypeOf(token_)) {
    case JsonType::kBoolean:
      return Bool() ? "true" : "false";
    case JsonType::kNull:
      IsNull();
      return {};
    case JsonType::kNumber: {
      const std::string_view number = document_->TextOf(token_);
      if (!IsJsonNumber(number)) {
        document_->ThrowDamaged(document_->OffsetOf(token_), "not JSON: a wrong number");
      }
      return number;
    }
    default:
      RefuseType("a string");
  }
}

bool JsonNode::Bool() {
  if (IsNull()) return false;
  Require(JsonType::kBoolean, "`true` or `false`");
  const std::string_view word = document_->TextOf(token_);
  if (word != "true" && word != "false") document_->ThrowUnexpected(token_);
  return word == "true";
}

double JsonNode::Number() {
  if (IsNull()) return 0;
  Require(JsonType::kNumber, "a number");
  const std::string_view text = document_->TextOf(token_);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!IsJsonNumber(text) || error != std::errc() || !std::isfinite(number)) {
    document_->ThrowDamaged(document_->OffsetOf(token_), "not JSON: a wrong number");
  }
  return number;
}

std::optional<std::int64_t> JsonNode::Integer() {
  const manifest::Text text = Text();
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (!IsJsonNumber(text) || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return integer;
}

Value JsonNode::ToValue() {
  const JsonType type = document_->TypeOf(token_);
  if (type == JsonType::kMap && document_->First(token_ + 1) == '}') return ToValueAt(0);
  return type == JsonType::kMap || type == JsonType::kList ? document_->SharedValue(token_) : ToValueAt(0);
}

Value JsonDocument::SharedValue(std::size_t token) {
  static constexpr std::size_t kPlaces = 1024;
  static constexpr std::size_t kLongest = 1024;  // bytes
  JsonNode node(token, this);
  const std::size_t end = Skip(token);
  const std::string_view text = Between(token, end - 1);
  if (end == token + 2 || text.size() > kLongest) return node.ToValueAt(0);
  if (written_.empty()) written_.resize(kPlaces);
  Written& known = written_[std::hash<std::string_view>()(text) % kPlaces];
  if (known.text != text) {
    known.value = node.ToValueAt(0);
    known.text = text;
  }
  next_ = end;
  return known.value;
}

Value JsonDocument::SharedString(std::size_t token) {
  static constexpr std::size_t kPlaces = 256;
  static constexpr std::size_t kLongest = 24;  // bytes; what is longer is seldom said twice
  const std::string_view text = WrittenString(token);
  if (text.size() > kLongest) {
    return Value::String(std::string(ScratchString(token)));
  }
  if (strings_.empty()) strings_.resize(kPlaces);
  Written& known = strings_[std::hash<std::string_view>()(text) % kPlaces];
  if (known.value.IsNull() || known.text != text) {
    known.value = Value::String(std::string(ScratchString(token)));
    known.text = text;
  }
  return known.value;
}

namespace {

// The members of a map, of equal keys the last.
class MemberList {
 public:
  Value& operator[](std::string_view key) {
    static constexpr std::size_t kSearched = 16;
    std::size_t at = members_.size();
    if (members_.size() < kSearched) {
      const auto same = [key](const Value::Member& member) { return member.key == key; };
      at = static_cast<std::size_t>(std::find_if(members_.begin(), members_.end(), same) - members_.begin());
    } else {
      if (index_.empty()) {
        for (std::size_t i = 0; i < members_.size(); ++i) index_.emplace(members_[i].key, i);
      }
      at = index_.emplace(key, members_.size()).first->second;
    }
    if (at == 0) members_.reserve(4);
    if (at == members_.size()) members_.push_back({std::string(key), {}, {}});
    return members_[at].value;
  }
  std::vector<Value::Member> Take() { return std::move(members_); }

 private:
  std::vector<Value::Member> members_;
  std::unordered_map<std::string, std::size_t> index_;  // of maps that are too long to be searched
};

}  // namespace

Value JsonNode::ToValueAt(std::size_t depth) {
  if (depth > JsonDocument::kMaxDepth) {
    RefuseAs("W-ART-004", "nested deeper than " + std::to_string(JsonDocument::kMaxDepth) + " levels");
  }
  switch (document_->TypeOf(token_)) {
    case JsonType::kNull:
      IsNull();
      return Value::Null();
    case JsonType::kBoolean:
      return Value::Bool(Bool());
    case JsonType::kNumber:
      return Value::Number(Text());
    case JsonType::kString:
      return document_->SharedString(token_);
    case JsonType::kList: {
      std::vector<Value> items;
      if (document_->First(token_ + 1) == '"') items.reserve(ItemsAtMost());
      EachItem([&](JsonNode& item) { items.push_back(item.ToValueAt(depth + 1)); });
      return Value::List(std::move(items));
    }
    case JsonType::kMap: {
      if (document_->First(token_ + 1) == '}') {
        document_->next_ = token_ + 2;
        return Value::Map({});
      }
      MemberList members;
      EachField([&](std::string_view key, JsonNode& item) { members[key] = item.ToValueAt(depth + 1); });
      return Value::Map(members.Take());
    }
    case JsonType::kOther:
      break;
  }
  document_->ThrowUnexpected(token_);
}

}  // namespace weir::manifest
