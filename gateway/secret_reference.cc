#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "gateway/command_output.h"
#include "gateway/config.h"
#include "gateway/file_descriptor.h"
#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kMaxSecretBytes = 64u << 10;
constexpr std::chrono::seconds kCommandTimeout{30};

bool IsVariableName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

std::string SystemReason() { return std::generic_category().message(errno); }

// One line break at the end is the editor's, not the secret's.
std::string WithoutLineBreak(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

// `shown`: the reference, for messages.
std::string ReadSecretFile(const std::string& path, const std::string& shown) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.good()) throw ConfigError("W-CFG-021", "cannot read " + shown + ": " + SystemReason());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw ConfigError("W-CFG-021", "cannot read " + shown + ": " + SystemReason());
  if (!S_ISREG(status.st_mode)) throw ConfigError("W-CFG-021", "cannot read " + shown + ": it is not a plain file");
  if ((status.st_mode & 077) != 0) {
    throw ConfigError("W-CFG-022", shown + " can be read by others than its owner; run `chmod 600` on it");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    throw ConfigError("W-CFG-022", shown + " belongs to another user; it must be yours or root's");
  }
  if (static_cast<std::uint64_t>(status.st_size) > kMaxSecretBytes) {
    throw ConfigError("W-CFG-021", shown + " is larger than 65536 bytes; a secret is not");
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw ConfigError("W-CFG-021", "cannot read " + shown + ": " + SystemReason());
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxSecretBytes) {
      throw ConfigError("W-CFG-021", shown + " is larger than 65536 bytes; a secret is not");
    }
  }
  ::explicit_bzero(buffer, sizeof buffer);
  return WithoutLineBreak(std::move(text));
}

std::string ReadSecretCommand(const std::string& command, const std::string& folder, const std::string& shown) {
  CommandOutput output = RunCommand(command, folder, kCommandTimeout, kMaxSecretBytes);
  switch (output.end) {
    case CommandOutput::End::kNotStarted:
      throw ConfigError("W-CFG-023", "cannot run " + shown + ": " + std::generic_category().message(output.status));
    case CommandOutput::End::kTimedOut:
      throw ConfigError("W-CFG-023", shown + " did not end within 30 seconds");
    case CommandOutput::End::kTooMuch:
      throw ConfigError("W-CFG-023", shown + " wrote more than 65536 bytes; a secret is shorter");
    case CommandOutput::End::kSignalled:
      throw ConfigError("W-CFG-023", shown + " was ended by signal " + std::to_string(output.status));
    case CommandOutput::End::kExited:
      break;
  }
  if (output.status != 0) {
    throw ConfigError("W-CFG-023", shown + " failed with status " + std::to_string(output.status));
  }
  return WithoutLineBreak(std::move(output.text));
}

}  // namespace

std::optional<SecretReference> SecretReference::Parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  const bool plain = rest.find('\n') == std::string_view::npos && rest.find('\0') == std::string_view::npos;
  // `file://…` is a URL, which no secret is read from.
  const bool known = (kind == "env" && IsVariableName(rest)) ||
                     (kind == "file" && !rest.empty() && !rest.starts_with("//")) ||
                     (kind == "command" && rest.find_first_not_of(' ') != std::string_view::npos);
  if (!known || !plain) return std::nullopt;
  SecretReference reference;
  reference.text_ = std::string(text);
  return reference;
}

std::string SecretReference::Resolve(const std::string& base_folder) const {
  if (text_.empty()) throw ConfigError("W-CFG-020", "a secret is needed, and none is configured");
  const std::size_t colon = text_.find(':');
  const std::string kind = text_.substr(0, colon);
  const std::string rest = text_.substr(colon + 1);
  // A command line can hold a secret of its own.
  const std::string shown = "`" + (manifest::LooksLikeSecret(rest) ? kind + ":***" : text_) + "`";

  std::string secret;
  if (kind == "env") {
    const char* value = std::getenv(rest.c_str());
    if (value == nullptr) throw ConfigError("W-CFG-020", shown + " is not set in the environment");
    secret = value;
  } else if (kind == "file") {
    secret = ReadSecretFile((std::filesystem::path(base_folder) / rest).string(), shown);
  } else {
    secret = ReadSecretCommand(rest, base_folder, shown);
  }
  if (secret.empty()) throw ConfigError("W-CFG-020", shown + " is empty");
  if (secret.find('\0') != std::string::npos) {
    throw ConfigError("W-CFG-020", shown + " holds a zero byte; a secret is text");
  }
  return secret;
}

}  // namespace weir::gateway
