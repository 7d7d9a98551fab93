#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::policies {

// Writes one JSON object or array, compact, members in the order of the calls. Any bytes may stand in a text:
// what is no UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  void BeginObject(std::string_view key = {});
  void EndObject();
  void BeginArray(std::string_view key = {});
  void EndArray();
  void Text(std::string_view key, std::string_view value);
  void Bool(std::string_view key, bool value);
  void Integer(std::string_view key, std::uint64_t value);
  void Texts(std::string_view key, const std::vector<std::string>& values);
  void TextOrNull(std::string_view key, std::string_view value);  // null when empty

  const std::string& text() const { return out_; }

 private:
  void Open(std::string_view key);

  std::string out_;
  bool comma_ = false;
};

}  // namespace weir::policies
