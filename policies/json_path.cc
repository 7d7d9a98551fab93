#include "policies/json_path.h"

namespace weir::policies {
namespace {

constexpr std::size_t kMaxSegments = 16;
constexpr std::size_t kMaxBytes = 500;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool IsWord(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!IsWordByte(c)) return false;
  }
  return true;
}

// Takes `['…']` from the front of *text. A quote in a name has no spelling, for no one needs it.
std::optional<std::string_view> TakeQuoted(std::string_view* text) {
  if (!text->starts_with("['")) return std::nullopt;
  const std::size_t end = text->find("']", 2);
  if (end == std::string_view::npos || end == 2) return std::nullopt;
  const std::string_view name = text->substr(2, end - 2);
  if (name.find_first_of("'\\") != std::string_view::npos) return std::nullopt;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
  }
  text->remove_prefix(end + 2);
  return name;
}

}  // namespace

std::optional<std::string> CanonicalJsonPath(std::string_view text) {
  if (text.empty() || text.front() != '$' || text.size() > kMaxBytes) return std::nullopt;
  text.remove_prefix(1);
  std::string out = "$";
  for (std::size_t segments = 0; !text.empty(); ++segments) {
    if (segments == kMaxSegments) return std::nullopt;
    if (text.starts_with("[*]")) {
      text.remove_prefix(3);
      out += "[*]";
    } else if (text.front() == '.') {
      std::size_t end = 1;
      while (end < text.size() && IsWordByte(text[end])) ++end;
      if (end == 1) return std::nullopt;
      out += text.substr(0, end);
      text.remove_prefix(end);
    } else if (const auto name = TakeQuoted(&text)) {
      if (IsWord(*name)) {
        out.append(".").append(*name);
      } else {
        out.append("['").append(*name).append("']");
      }
    } else {
      return std::nullopt;
    }
  }
  if (out == "$") return std::nullopt;  // the whole: what another transform is for
  return out;
}

bool HoldsJsonPath(std::string_view outer, std::string_view inner) {
  if (!inner.starts_with(outer)) return false;
  return inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[';
}

}  // namespace weir::policies
