#include "manifest/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_set>

#include "manifest/source_line.h"

namespace weir::manifest {
namespace {

Position At(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// yaml-cpp's words, and ours. Compared by prefix: some carry the offending character behind.
struct Rewording {
  std::string_view theirs;
  std::string_view ours;
};
constexpr auto kRewordings = std::to_array<Rewording>({
    {"illegal tab when looking for indentation", "a tab cannot indent; use spaces"},
    {"end of map not found", "expected a key of the map above; check the indentation"},
    {"end of sequence not found", "expected an item of the list above; check the indentation"},
    {"end of map flow not found", "this `{` has no `}`, or a `,` is missing"},
    {"end of sequence flow not found", "this `[` has no `]`, or a `,` is missing"},
    {"illegal flow end", "this bracket closes nothing"},
    {"illegal block entry", "a list item cannot stand here; put it on a line of its own"},
    {"illegal map key", "a key cannot stand here; put it on a line of its own"},
    {"illegal map value", "`: ` cannot stand here; check the indentation, or quote the text"},
    {"illegal EOF in scalar", "a quote that was opened is not closed"},
    {"illegal document indicator in scalar",
     "a quote that was opened is not closed before the document ends"},
    {"illegal character in scalar", "this character cannot stand in plain text; quote the text"},
    {"unknown escape character", "unknown escape; use single quotes, or write `\\\\` for a backslash"},
    {"bad character found while scanning hex number", "an escape needs hexadecimal digits"},
    {"invalid unicode", "an escape names no Unicode character"},
    {"unknown token", "this character cannot begin a value; quote the text"},
    {"cannot set zero indentation for a block scalar", "a block of text cannot be indented by 0"},
    {"unexpected character in block scalar", "unexpected character behind `|` or `>`"},
    {"the referenced anchor is not defined", "aliases are not allowed; write the value out"},
    {"alias not found after *", "aliases are not allowed; quote text that begins with `*`"},
    {"illegal character found while scanning alias",
     "aliases are not allowed; quote text that begins with `*`"},
    {"anchor not found after &", "anchors are not allowed; quote text that begins with `&`"},
    {"illegal character found while scanning anchor",
     "anchors are not allowed; quote text that begins with `&`"},
    {"illegal character found while scanning tag handle",
     "tags are not allowed; quote text that begins with `!`"},
    {"tag handle with no suffix", "tags are not allowed; quote text that begins with `!`"},
    {"end of verbatim tag not found", "tags are not allowed; quote text that begins with `!`"},
});

std::string Reword(const std::string& theirs) {
  for (const Rewording& rewording : kRewordings) {
    if (theirs.starts_with(rewording.theirs)) return std::string(rewording.ours);
  }
  return "not valid YAML: " + theirs;
}

// The end of the text for a position beyond it.
std::size_t OffsetOf(std::string_view text, Position at) {
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < at.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return text.size();
    ++begin;
  }
  return std::min(text.size(), begin + std::max(at.column, 1u) - 1);
}

// yaml-cpp accepts or misplaces many a tab; whoever sees a syntax error behind one wants to know of the tab.
std::optional<Position> TabInIndentation(std::string_view text, Position at) {
  if (at.line == 0) return std::nullopt;
  const std::size_t begin = OffsetOf(text, {at.line, 1});
  const std::size_t end = text.find_first_not_of(" \t", begin);
  const std::size_t tab = text.substr(0, end).find('\t', begin);
  if (tab == std::string_view::npos) return std::nullopt;
  return Position{at.line, static_cast<std::uint32_t>(tab - begin + 1)};
}

// Ends the parse from inside of an event.
struct Stop {
  std::string_view code;
  Position at;
  std::string message;
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const std::string& file, const YamlLimits& limits, Diagnostics* diagnostics)
      : text_(text), file_(file), limits_(limits), diagnostics_(diagnostics) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') line_starts_.push_back(i + 1);
    }
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckNode(mark, "?", anchor);
    if (AwaitsKey()) {
      Refuse("W-YAML-001", mark, "a key cannot be null; quote it");
      TakeKey(mark, "");
      return;
    }
    Put(Value::Null(At(mark)));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse("W-YAML-002", mark, "aliases are not allowed; write the value out");
    if (AwaitsKey()) {
      TakeKey(mark, "");
    } else {
      Put(Value::Null(At(mark)));
    }
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckNode(mark, tag, anchor);
    const bool plain = tag == "?";
    if (AwaitsKey()) {
      if (plain && value == "<<") {
        Refuse("W-YAML-002", mark, "merge keys are not allowed; write the keys out");
      } else if (!open_.back().keys.insert(value).second) {
        Refuse("W-YAML-003", mark, "duplicate key `" + value + "`");
      }
      TakeKey(mark, value);
      return;
    }
    Put(Value::String(value, At(mark), plain));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(false, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(true, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

  bool refused() const { return refused_; }
  Position innermost() const { return open_.empty() ? Position{} : open_.back().at; }
  Value TakeRoot() { return std::move(root_); }
  // Closes what a broken text left open.
  void CloseAll() {
    while (!open_.empty()) {
      if (open_.back().is_map && open_.back().has_key) Put(Value::Null());
      Close();
    }
  }

 private:
  struct Container {
    bool is_map = false;
    Position at;
    std::vector<Value> items;
    std::vector<Value::Member> members;
    std::unordered_set<std::string> keys;
    bool has_key = false;
    std::string key;
    Position key_position;
  };

  bool AwaitsKey() const { return !open_.empty() && open_.back().is_map && !open_.back().has_key; }

  void Refuse(std::string_view code, const YAML::Mark& mark, std::string message) {
    refused_ = true;
    diagnostics_->Error(code, file_, At(mark), std::move(message));
  }

  void CheckNode(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (++nodes_ > limits_.max_nodes) {
      throw Stop{"W-YAML-005", At(mark),
                 "more than " + std::to_string(limits_.max_nodes) + " values; split the file"};
    }
    if (anchor != YAML::NullAnchor)
      Refuse("W-YAML-002", mark, "anchors are not allowed; write the value out");
    // "?" is a plain node, "!" a quoted one; a written `!` looks the same as the latter, but not in the text.
    if ((tag != "?" && tag != "!") || ByteAt(mark) == '!') {
      Refuse("W-YAML-002", mark, "tags are not allowed; quote text that begins with `!`");
    }
  }

  char ByteAt(const YAML::Mark& mark) const {
    const auto line = static_cast<std::size_t>(mark.line);
    if (mark.is_null() || line >= line_starts_.size()) return '\0';
    const std::size_t offset = line_starts_[line] + static_cast<std::size_t>(mark.column);
    return offset < text_.size() ? text_[offset] : '\0';
  }

  void TakeKey(const YAML::Mark& mark, std::string key) {
    open_.back().has_key = true;
    open_.back().key = std::move(key);
    open_.back().key_position = At(mark);
  }

  void Put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Container& container = open_.back();
    if (!container.is_map) {
      container.items.push_back(std::move(value));
      return;
    }
    container.has_key = false;
    container.members.push_back({std::move(container.key), container.key_position, std::move(value)});
  }

  void Open(bool is_map, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    CheckNode(mark, tag, anchor);
    if (open_.size() >= limits_.max_depth) {
      throw Stop{"W-YAML-005", At(mark),
                 "nested deeper than " + std::to_string(limits_.max_depth) + " levels"};
    }
    if (AwaitsKey())
      throw Stop{"W-YAML-001", At(mark), is_map ? "a key cannot be a map" : "a key cannot be a list"};
    open_.emplace_back();
    open_.back().is_map = is_map;
    open_.back().at = At(mark);
  }

  void Close() {
    Container container = std::move(open_.back());
    open_.pop_back();
    Put(container.is_map ? Value::Map(std::move(container.members), container.at)
                         : Value::List(std::move(container.items), container.at));
  }

  std::string_view text_;
  const std::string& file_;
  const YamlLimits& limits_;
  Diagnostics* diagnostics_;
  std::vector<std::size_t> line_starts_;
  std::vector<Container> open_;
  Value root_;
  std::size_t nodes_ = 0;
  bool refused_ = false;
};

// Reports the document's start, which is where a second one becomes visible.
class SecondDocument final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    throw Stop{"W-YAML-001", At(mark), "a second document; a file holds one"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

// yaml-cpp guesses UTF-16 from zero bytes and takes 0x04 for the end of the file, so nothing such may reach
// it.
bool CheckBytes(std::string_view text, const std::string& file, Diagnostics* diagnostics) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t size = Utf8Length(text.substr(at));
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') || byte == 0x7f;
    if (size == 0 || control) {
      const std::string shown = EscapeForTerminal(text.substr(at, 1));
      diagnostics->Error("W-YAML-004", file, PositionOfByte(text, at),
                         size == 0 ? "not UTF-8: byte `" + shown + "`" : "control character `" + shown + "`");
      return false;
    }
    at += size;
  }
  return true;
}

void ReportSyntax(const YAML::Exception& error, std::string_view text, const std::string& file,
                  Position innermost, Diagnostics* diagnostics) {
  if (const std::optional<Position> tab = TabInIndentation(text, At(error.mark))) {
    diagnostics->Error("W-YAML-001", file, *tab, "a tab cannot indent; use spaces");
    return;
  }
  // yaml-cpp points at the end of the file, or nowhere; the bracket that stayed open says more.
  const bool unclosed =
      error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
  diagnostics->Error("W-YAML-001", file, unclosed && innermost.line > 0 ? innermost : At(error.mark),
                     Reword(error.msg));
}

}  // namespace

std::optional<Value> ReadYaml(std::string_view text, const std::string& file, Diagnostics* diagnostics,
                              const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    diagnostics->Error("W-YAML-005", file, {}, "larger than " + std::to_string(limits.max_bytes) + " bytes");
    return std::nullopt;
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!CheckBytes(text, file, diagnostics)) return std::nullopt;

  std::istringstream stream{std::string(text)};
  Builder builder(text, file, limits, diagnostics);
  bool in_second = false;
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    in_second = true;
    SecondDocument second;
    parser.HandleNextDocument(second);
  } catch (const Stop& stop) {
    // Without a `---`, yaml-cpp takes what it cannot attach for the next document.
    const bool misplaced = in_second && !text.substr(OffsetOf(text, stop.at)).starts_with("---");
    diagnostics->Error(
        stop.code, file, stop.at,
        misplaced ? "this does not belong to what precedes; check the indentation" : stop.message);
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    ReportSyntax(error, text, file, builder.innermost(), diagnostics);
    return std::nullopt;
  }
  if (builder.refused()) return std::nullopt;
  return builder.TakeRoot();
}

namespace {

// Jinja of one line as letters, so that it is text and every position stays.
std::string MaskJinja(std::string_view text) {
  std::string masked(text);
  for (std::size_t at = 0; (at = masked.find('{', at)) != std::string::npos && at + 1 < masked.size(); ++at) {
    const char kind = masked[at + 1];
    if (kind != '{' && kind != '%' && kind != '#') continue;
    const std::size_t close = masked.find(kind == '{' ? "}}" : kind == '%' ? "%}" : "#}", at + 2);
    if (close == std::string::npos || close > masked.find('\n', at)) continue;
    std::fill(masked.begin() + static_cast<std::ptrdiff_t>(at), masked.begin() + static_cast<std::ptrdiff_t>(close + 2),
              'j');
    at = close;
  }
  return masked;
}

}  // namespace

std::optional<Value> ReadYamlLeniently(std::string_view text, const YamlLimits& limits) {
  Diagnostics ignored;
  const std::string file;
  if (text.size() > limits.max_bytes) return std::nullopt;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!CheckBytes(text, file, &ignored)) return std::nullopt;
  const std::string masked = MaskJinja(text);
  std::istringstream stream{masked};
  Builder builder(masked, file, limits, &ignored);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const Stop&) {
    // What came before it stands.
  } catch (const YAML::Exception&) {
    // Likewise.
  }
  builder.CloseAll();
  return builder.TakeRoot();
}

}  // namespace weir::manifest
