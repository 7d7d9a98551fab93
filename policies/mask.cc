#include "policies/mask.h"

#include <cstddef>

namespace weir::policies {
namespace {

bool BeginsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::size_t CodePoints(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += BeginsCodePoint(c) ? 1 : 0;
  return count;
}

// Byte offset of the code point with this index.
std::size_t OffsetOf(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (BeginsCodePoint(text[at]) && index-- == 0) break;
  }
  return at;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsLetterOrDigit(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

// Labels of letters, digits and inner hyphens, two at least, the last beginning with a letter: a phone number or the
// rest of a sentence behind an `@` is no domain.
bool IsDomain(std::string_view text) {
  std::size_t labels = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || !IsLetterOrDigit(label.front()) || !IsLetterOrDigit(label.back())) return false;
    for (const char c : label) {
      if (!IsLetterOrDigit(c) && c != '-') return false;
    }
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2 && IsLetter(label.front());
    text.remove_prefix(dot + 1);
  }
}

// Where the kept domain begins, its `@` included; npos when `text` is no e-mail address.
std::size_t DomainOf(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos) return text.npos;
  for (const char c : text.substr(0, at)) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return text.npos;
  }
  return IsDomain(text.substr(at + 1)) ? at : text.npos;
}

}  // namespace

void AppendMasked(std::string_view text, const Transform& transform, std::string* out) {
  if (transform.keep_domain) {
    const std::size_t at = DomainOf(text);
    out->append(CodePoints(text.substr(0, at)), '*');
    if (at != text.npos) out->append(text.substr(at));
    return;
  }
  const std::size_t points = CodePoints(text);
  if (transform.keep_first > 0 && transform.keep_first < points) {
    out->append(text.substr(0, OffsetOf(text, transform.keep_first)));
    out->append(points - transform.keep_first, '*');
  } else if (transform.keep_first == 0 && transform.keep_last > 0 && transform.keep_last < points) {
    out->append(points - transform.keep_last, '*');
    out->append(text.substr(OffsetOf(text, points - transform.keep_last)));
  } else {
    out->append(points, '*');
  }
}

}  // namespace weir::policies
