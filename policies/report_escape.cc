#include "policies/report_escape.h"

#include <vector>

#include "manifest/diagnostic.h"

namespace weir::policies {
namespace {

bool IsWord(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

void ReplaceAll(std::string* text, std::string_view what, std::string_view with) {
  for (std::size_t at = text->find(what); at != std::string::npos; at = text->find(what, at + with.size())) {
    text->replace(at, what.size(), with);
  }
}

std::string Entity(char c) { return "&#" + std::to_string(static_cast<int>(c)) + ";"; }

// An underscore within a word emphasizes nothing (CommonMark 0.31, section 6.2), however many there are.
bool IsWithinWord(std::string_view text, std::size_t at) {
  const std::size_t before = text.find_last_not_of('_', at), after = text.find_first_not_of('_', at);
  return before != std::string_view::npos && after != std::string_view::npos && IsWord(text[before]) && IsWord(text[after]);
}

// Whether the character at `at` means something in Markdown or HTML, where it stands.
bool IsMarkup(std::string_view text, std::size_t at, bool code) {
  const char c = text[at];
  const char after = at + 1 < text.size() ? text[at + 1] : ' ';
  switch (c) {
    case '_':
      return !IsWithinWord(text, at);
    case ':':
      return after == '/' || (IsWord(after) && !code);  // http://, :emoji:
    case '.':
      return at >= 3 && (text[at - 1] == 'w' || text[at - 1] == 'W');  // www.
    default:
      return std::string_view("\\`*[]<>#|&@~$\"'").find(c) != std::string_view::npos;
  }
}

std::string Escaped(std::string_view text, bool code) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!IsMarkup(text, at, code)) {
      out.push_back(text[at]);
      continue;
    }
    out += Entity(text[at]);
    // The platforms look for `@name` and `#1` in finished text, but not across a comment, nor in code.
    if (!code && (text[at] == '@' || text[at] == '#')) out += "<!-- -->";
  }
  return out;
}

}  // namespace

std::string EscapeText(std::string_view text) {
  std::string out = manifest::EscapeForTerminal(text);
  ReplaceAll(&out, "##", "# #");
  return out;
}

std::string EscapeXml(std::string_view text) {
  std::string shown = manifest::EscapeForTerminal(text);
  // U+FFFE and U+FFFF are no characters of XML 1.0 (section 2.2).
  ReplaceAll(&shown, "\xEF\xBF\xBE", "\xEF\xBF\xBD");
  ReplaceAll(&shown, "\xEF\xBF\xBF", "\xEF\xBF\xBD");
  std::string out;
  for (const char c : shown) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string EscapeCommandData(std::string_view text) {
  std::string out = EscapeText(text);
  ReplaceAll(&out, "%", "%25");
  return out;
}

std::string EscapeCommandProperty(std::string_view text) {
  std::string out = EscapeCommandData(text);
  ReplaceAll(&out, ":", "%3A");
  ReplaceAll(&out, ",", "%2C");
  return out;
}

std::string EscapeMarkdown(std::string_view text) {
  const std::string shown = manifest::EscapeForTerminal(text);
  std::vector<std::string_view> parts;
  std::string_view rest = shown;
  for (std::size_t tick = rest.find('`'); tick != std::string_view::npos; tick = rest.find('`')) {
    parts.push_back(rest.substr(0, tick));
    rest.remove_prefix(tick + 1);
  }
  parts.push_back(rest);
  if (parts.size() % 2 == 0) return Escaped(shown, false);  // one backtick too many: all of it is text
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool code = i % 2 == 1;
    out += code ? "<code>" + Escaped(parts[i], true) + "</code>" : Escaped(parts[i], false);
  }
  return out;
}

std::string MarkdownCode(std::string_view text) {
  if (text.empty()) return {};
  return "<code>" + Escaped(manifest::EscapeForTerminal(text), true) + "</code>";
}

std::string EscapeUri(std::string_view path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    if (IsWord(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

std::string EscapeSarifMessage(std::string_view text) {
  const std::string shown = manifest::EscapeForTerminal(text);
  std::string out;
  for (std::size_t at = 0; at < shown.size(); ++at) {
    const char c = shown[at];
    if (c == '[' || c == ']' || c == '\\') out.push_back('\\');
    if (c == '{' && at + 1 < shown.size() && shown[at + 1] >= '0' && shown[at + 1] <= '9') out.push_back('{');
    out.push_back(c);
  }
  return out;
}

}  // namespace weir::policies
