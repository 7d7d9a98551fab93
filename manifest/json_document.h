#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "manifest/artifact_file.h"
#include "manifest/value.h"

namespace weir::manifest {

// A callable that is only borrowed for the call.
template <typename... Arguments>
class Visitor {
 public:
  template <typename Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, Visitor>)
      Visitor(Callable&& callable)  // NOLINT: implicit on purpose, lambdas are passed
      : object_(const_cast<void*>(static_cast<const void*>(&callable))),
        call_([](void* object, Arguments... arguments) {
          (*static_cast<std::remove_reference_t<Callable>*>(object))(std::forward<Arguments>(arguments)...);
        }) {}
  void operator()(Arguments... arguments) const { call_(object_, std::forward<Arguments>(arguments)...); }

 private:
  void* object_;
  void (*call_)(void*, Arguments...);
};

struct JsonReading;  // simdjson's parser and where it stands

// A value of a JSON text that is read front to back, once: a thin face over simdjson's on-demand parser. What
// nobody reads is skipped without being looked at closely. A node is valid until its visitor returns; each
// may be read once. Every function throws ArtifactError: W-ART-002 not JSON, 004 nested too deep, 005 not of
// the wanted type; located.
class JsonNode {
 public:
  bool IsNull();
  bool IsString();
  bool IsMap();
  bool IsList();

  std::string_view String();  // valid as long as the document
  // The text of a string, a number or a boolean; empty for null.
  std::string Text();
  bool Bool();      // null: false
  double Number();  // null: 0
  Value ToValue();  // everything below; the last of equal keys counts, as for Python
  void EachField(Visitor<std::string_view, JsonNode&> visit);  // null: none
  // As EachField; the text of the map as it is written, which is valid as long as the file. Null: empty.
  std::string_view EachFieldOfText(Visitor<std::string_view, JsonNode&> visit);
  void EachItem(Visitor<JsonNode&> visit);                     // null: none

  // W-ART-005 at this value.
  [[noreturn]] void Refuse(const std::string& message);
  [[noreturn]] void RefuseAs(const std::string& code, const std::string& message);

 private:
  friend class JsonDocument;
  JsonNode(void* value, JsonReading* reading) : value_(value), reading_(reading) {}
  Value ToValueAt(std::size_t depth);

  void* value_;  // simdjson's
  JsonReading* reading_;
};

class JsonDocument {
 public:
  static constexpr std::size_t kMaxDepth = 200;

  // `remedy` ends the messages about a damaged file: "run `dbt build` again". `file` outlives the document.
  JsonDocument(const ArtifactFile& file, std::string remedy);
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // The text is one map; every field of it. Once.
  void EachField(Visitor<std::string_view, JsonNode&> visit);

 private:
  std::unique_ptr<JsonReading> reading_;
};

}  // namespace weir::manifest
