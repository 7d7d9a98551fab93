#include "gateway/compact_json.h"

#include "audit/utf8.h"

namespace weir::gateway {
namespace {

constexpr int kMaxDepth = 128;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Recursive descent over valid UTF-8; every token is copied as it stands.
class Compactor {
 public:
  Compactor(std::string_view text, std::string* out) : text_(text), out_(out) {}

  bool Run() {
    SkipSpace();
    if (!Value(0)) return false;
    return at_ == text_.size();
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool AtEnd() const { return at_ >= text_.size(); }

  void SkipSpace() {
    while (!AtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r')) ++at_;
  }

  bool Take(char c) {
    if (AtEnd() || Peek() != c) return false;
    ++at_;
    out_->push_back(c);
    SkipSpace();
    return true;
  }

  bool Word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    out_->append(word);
    SkipSpace();
    return true;
  }

  bool Value(int depth) {
    if (depth > kMaxDepth) return false;
    switch (Peek()) {
      case '{': return List('{', '}', true, depth);
      case '[': return List('[', ']', false, depth);
      case '"': return String();
      case 't': return Word("true");
      case 'f': return Word("false");
      case 'n': return Word("null");
      default: return Number();
    }
  }

  bool List(char open, char close, bool named, int depth) {
    Take(open);
    if (Take(close)) return true;
    do {
      if (named && !(String() && Take(':'))) return false;
      if (!Value(depth + 1)) return false;
    } while (Take(','));
    return Take(close);
  }

  bool String() {
    if (Peek() != '"') return false;
    const std::size_t begin = at_++;
    for (; !AtEnd(); ++at_) {
      const char c = Peek();
      if (c == '"') {
        ++at_;
        out_->append(text_.substr(begin, at_ - begin));
        SkipSpace();
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !Escape()) return false;
    }
    return false;
  }

  // Leaves at_ on the escape's last character.
  bool Escape() {
    ++at_;
    if (Peek() != 'u') return !AtEnd() && std::string_view("\"\\/bfnrt").find(Peek()) != std::string_view::npos;
    for (int digit = 0; digit < 4; ++digit) {
      ++at_;
      if (!IsHexDigit(Peek())) return false;
    }
    return true;
  }

  bool Number() {
    const std::size_t end = text_.find_first_of(" \t\r\n,]}", at_);
    const std::string_view number = text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
    if (!IsJsonNumber(number)) return false;
    at_ += number.size();
    out_->append(number);
    SkipSpace();
    return true;
  }

  const std::string_view text_;
  std::string* const out_;
  std::size_t at_ = 0;
};

}  // namespace

bool AppendCompactJson(std::string_view text, std::string* out) {
  const std::size_t before = out->size();
  if (audit::IsUtf8(text) && Compactor(text, out).Run()) return true;
  out->resize(before);
  return false;
}

bool IsJsonNumber(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at != begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

}  // namespace weir::gateway
