#include "gateway/operator_log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "audit/clock.h"
#include "audit/json.h"
#include "gateway/config.h"

namespace weir::gateway {
namespace {

struct OpenLog {
  std::shared_ptr<spdlog::logger> logger;  // shared with spdlog's registry by its interface
  bool json = false;
};

// Set once, before any thread starts.
OpenLog& TheLog() {
  static OpenLog log;
  return log;
}

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) >= 0x7F) return true;
  }
  return false;
}

void AppendText(bool json, std::string_view text, std::string* out) {
  if (json || NeedsQuotes(text)) {
    audit::AppendJsonString(text, out);
  } else {
    *out += text;
  }
}

void AppendMember(bool json, std::string_view key, std::string* out) {
  if (!out->empty()) *out += json ? ',' : ' ';
  AppendText(json, key, out);
  *out += json ? ':' : '=';
}

}  // namespace

std::string FormatLogFields(bool json, LogLevel level, const char* message, std::initializer_list<LogField> fields) {
  std::string out;
  AppendMember(json, "level", &out);
  AppendText(json, LevelName(level), &out);
  AppendMember(json, "msg", &out);
  AppendText(json, message, &out);
  for (const LogField& field : fields) {
    AppendMember(json, field.key, &out);
    if (field.value.is_number()) {
      out += field.value.number();
    } else {
      AppendText(json, field.value.id(), &out);
    }
  }
  return out;
}

namespace {

// A file that is there is appended to only when this log began it: a path given by mistake may be the key file, the audit
// log or the state, which a single line would spoil.
bool MayAppendTo(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return true;  // not there yet, or a pipe
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return true;  // opening it tells why
  std::array<char, 8> begin{};
  stream.read(begin.data(), begin.size());
  const std::string_view text(begin.data(), static_cast<std::size_t>(stream.gcount()));
  return text.empty() || text.starts_with("time=") || text.starts_with("{\"time\":");
}

}  // namespace

void OpenOperatorLog(const std::string& file, const std::string& format) {
  OpenLog& log = TheLog();
  log = OpenLog{};
  if (file.empty() && format.empty()) return;
  log.json = format == "json";
  if (!file.empty() && file != "-" && !MayAppendTo(file)) {
    throw ConfigError("W-CLI-030", "`" + file + "` is there and is no operator's log, so nothing is appended to it; name another file");
  }
  try {
    spdlog::sink_ptr sink;
    if (file.empty() || file == "-") {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file, /*truncate=*/false);
    }
    log.logger = std::make_shared<spdlog::logger>("weir", std::move(sink));
  } catch (const spdlog::spdlog_ex&) {
    throw ConfigError("W-CLI-006", "cannot open `" + file + "` for the operator's log; name a file in a folder that you may write to");
  }
  log.logger->set_pattern("%v");
  log.logger->flush_on(spdlog::level::info);
  // A log for people is not worth a run; that it is not whole is said once.
  log.logger->set_error_handler([file, told = std::make_shared<std::atomic_flag>()](const std::string&) {
    if (told->test_and_set()) return;
    std::fprintf(stderr, "warning: the operator's log `%s` cannot be written (is its disk full?); the command goes on without it [W-CLI-033]\n",
                 file.c_str());
  });
}

void LogEvent(LogLevel level, const char* message, std::initializer_list<LogField> fields) {
  const OpenLog& log = TheLog();
  if (log.logger == nullptr) return;
  const std::string time = audit::FormatTime(audit::SystemClock().Now());
  const std::string rest = FormatLogFields(log.json, level, message, fields);
  const spdlog::level::level_enum to = level == LogLevel::kError     ? spdlog::level::err
                                       : level == LogLevel::kWarning ? spdlog::level::warn
                                                                     : spdlog::level::info;
  if (log.json) {
    log.logger->log(to, spdlog::string_view_t("{\"time\":\"" + time + "\"," + rest + "}"));
  } else {
    log.logger->log(to, spdlog::string_view_t("time=" + time + " " + rest));
  }
}

}  // namespace weir::gateway
