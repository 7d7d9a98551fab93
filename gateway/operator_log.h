#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::gateway {

// A value of the operator's log: a number, or an id out of a closed set of places (sync, run, destination, code). Made
// only from integers and from LogId, so that no cell, key or secret gets in by accident; a std::string does not convert.
class LogId {
 public:
  // `text` must be an id that configuration, policy or the program itself gave: never anything read from a warehouse.
  explicit LogId(std::string_view text) : text_(text) {}
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class LogValue {
 public:
  template <std::integral Integer>
    requires(!std::same_as<Integer, char> && !std::same_as<Integer, bool>)
  LogValue(Integer value) : is_number_(true), number_(static_cast<std::uint64_t>(value)) {  // implicit: {"rows", 12}
    if constexpr (std::is_signed_v<Integer>) {
      negative_ = value < 0;
      if (negative_) number_ = ~number_ + 1;
    }
  }
  LogValue(LogId id) : id_(id.text()) {}

  bool is_number() const { return is_number_; }
  std::string_view id() const { return id_; }
  std::string number() const { return (negative_ ? "-" : "") + std::to_string(number_); }

 private:
  bool is_number_ = false;
  bool negative_ = false;
  std::uint64_t number_ = 0;
  std::string_view id_;
};

struct LogField {
  std::string_view key;
  LogValue value;
};

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

// Opens the process's log: a file that is appended to, `-` for standard error, empty for none. `format`: `logfmt` (also
// when empty) or `json`; one line an event. Throws ConfigError W-CLI-006 when the file cannot be opened.
void OpenOperatorLog(const std::string& file, const std::string& format);

// One event: a constant message, and fields. Nothing per record. Does nothing when no log is open; never throws.
// Thread-safe. `message` has static storage.
void LogEvent(LogLevel level, const char* message, std::initializer_list<LogField> fields);

// The line that LogEvent writes, without its time: for tests.
std::string FormatLogFields(bool json, LogLevel level, const char* message, std::initializer_list<LogField> fields);

}  // namespace weir::gateway
