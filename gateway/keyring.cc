#include "gateway/keyring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "audit/digest.h"
#include "gateway/config.h"
#include "gateway/file_descriptor.h"

namespace weir::gateway {
namespace {

constexpr std::string_view kMagic = "weir-keys v";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kMaxBytes = 4096;
constexpr std::size_t kIdBytes = 8;

struct Root {
  std::string_view name;
  audit::SecretKey Keyring::*key;
};
constexpr std::array<Root, 5> kRoots = {{{"token", &Keyring::token_root},
                                         {"state", &Keyring::state_root},
                                         {"tag", &Keyring::tag_root},
                                         {"seal", &Keyring::seal_root},
                                         {"sign", &Keyring::signing_seed}}};

std::string SystemReason() { return std::generic_category().message(errno); }

// Key material in text form, wiped when it goes.
class WipedText {
 public:
  WipedText() = default;
  ~WipedText() { ::explicit_bzero(text.data(), text.capacity()); }
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  std::string text;
};

// Checks are on the opened file, so that nobody can exchange it in between; a symbolic link is as good as its target.
void ReadChecked(const std::string& path, WipedText* out) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    throw ConfigError("W-KEY-001", "there is no key file `" + path +
                                       "`; run `weir init` to make one, or restore it from a backup: a new one cannot "
                                       "continue the state and the log of another");
  }
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    throw ConfigError("W-KEY-011", "cannot read the key file `" + path + "`: " + SystemReason());
  }
  if (!S_ISREG(status.st_mode)) throw ConfigError("W-KEY-002", "the key file `" + path + "` is not a plain file");
  if ((status.st_mode & 077) != 0) {
    throw ConfigError("W-KEY-003", "the key file `" + path + "` is open to others than its owner; run `chmod 600 " +
                                       path + "`, and if others were on this machine, treat its keys as known");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    throw ConfigError("W-KEY-004", "the key file `" + path + "` belongs to another user; it must be yours or root's");
  }
  out->text.resize(kMaxBytes + 1);
  std::size_t size = 0;
  while (size < out->text.size()) {
    const ssize_t got = ::read(file.get(), out->text.data() + size, out->text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw ConfigError("W-KEY-011", "cannot read the key file `" + path + "`: " + SystemReason());
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  out->text.resize(size);
}

[[noreturn]] void Damaged(const std::string& path) {
  throw ConfigError("W-KEY-007", "the key file `" + path + "` is damaged; restore it from a backup");
}

std::string Checksum(std::string_view text) { return audit::Hex(audit::Sha256(text)); }

// Takes `name VALUE\n` off the front of *rest.
std::string_view TakeLine(const std::string& path, std::string_view name, std::string_view* rest) {
  const std::size_t end = rest->find('\n');
  if (end == std::string_view::npos) Damaged(path);
  std::string_view line = rest->substr(0, end);
  rest->remove_prefix(end + 1);
  if (!line.starts_with(name) || line.size() <= name.size() + 1 || line[name.size()] != ' ') Damaged(path);
  return line.substr(name.size() + 1);
}

// The text without its first line and without its checksum, both good.
std::string_view CheckedBody(const std::string& path, std::string_view text) {
  if (!text.starts_with(kMagic)) {
    throw ConfigError("W-KEY-005", "`" + path + "` is not a key file of Weir");
  }
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) Damaged(path);
  const std::string_view version = text.substr(kMagic.size(), first - kMagic.size());
  if (version != kVersion) {
    const bool number = !version.empty() && version.size() <= 4 &&
                        version.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number) Damaged(path);
    throw ConfigError("W-KEY-006", "the key file `" + path + "` has format " + std::string(version) +
                                       ", and this program reads format 1; use the program that made it");
  }
  static constexpr std::string_view kLabel = "checksum sha256:";
  const std::size_t last = text.rfind(kLabel);
  if (last == std::string_view::npos || text[last - 1] != '\n') Damaged(path);
  if (text.substr(last + kLabel.size()) != Checksum(text.substr(0, last)) + "\n") Damaged(path);
  return text.substr(first + 1, last - first - 1);
}

std::uint32_t ReadRoot(const std::string& path, std::string_view value, audit::SecretKey* key) {
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos) Damaged(path);
  std::uint32_t version = 0;
  const auto [stopped, error] = std::from_chars(value.data(), value.data() + space, version);
  if (error != std::errc() || stopped != value.data() + space || version == 0) Damaged(path);
  WipedText bytes;
  if (!audit::DecodeBase64(value.substr(space + 1), &bytes.text) || bytes.text.size() != audit::SecretKey::kSize) {
    Damaged(path);
  }
  *key = audit::SecretKey(audit::Bytes(bytes.text).first<audit::SecretKey::kSize>());
  if (key->IsZero()) Damaged(path);
  return version;
}

void WriteAll(int file, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(file, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw audit::FileError("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

void SyncFolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) throw audit::FileError("sync", folder, errno);
}

}  // namespace

Keyring ReadKeyring(const std::string& path, const std::string& tenant, const std::string& environment) {
  WipedText file;
  ReadChecked(path, &file);
  if (file.text.size() > kMaxBytes) Damaged(path);
  std::string_view rest = CheckedBody(path, file.text);
  Keyring keyring;
  keyring.tenant = std::string(TakeLine(path, "tenant", &rest));
  keyring.environment = std::string(TakeLine(path, "environment", &rest));
  keyring.id = std::string(TakeLine(path, "id", &rest));
  if (keyring.tenant != tenant) {
    throw ConfigError("W-KEY-008", "the key file `" + path + "` (`" + keyring.id + "`) is of tenant `" +
                                       keyring.tenant + "`, and weir.yml says `" + tenant + "`");
  }
  if (keyring.environment != environment) {
    throw ConfigError("W-KEY-009", "the key file `" + path + "` (`" + keyring.id + "`) is of environment `" +
                                       keyring.environment + "`, and this run is in `" + environment + "`");
  }
  for (const Root& root : kRoots) {
    const std::uint32_t version = ReadRoot(path, TakeLine(path, root.name, &rest), &(keyring.*root.key));
    if (root.key == &Keyring::token_root) {
      keyring.token_version = version;
    } else if (version != 1) {
      Damaged(path);
    }
  }
  if (!rest.empty()) Damaged(path);
  return keyring;
}

void CreateKeyring(const std::string& path, const std::string& tenant, const std::string& environment) {
  WipedText file;
  file.text.reserve(kMaxBytes);  // grown in place, it leaves no copies behind
  file.text.append(kMagic).append(kVersion).append("\ntenant ").append(tenant);
  file.text.append("\nenvironment ").append(environment);
  const audit::SecretKey id = audit::SecretKey::Random();
  file.text.append("\nid ").append(audit::Hex(id.bytes().first<kIdBytes>())).append("\n");
  for (const Root& root : kRoots) {
    const audit::SecretKey key = audit::SecretKey::Random();
    WipedText encoded;
    encoded.text = audit::Base64(key.bytes());
    file.text.append(root.name).append(" 1 ").append(encoded.text).append("\n");
  }
  const std::string checksum = Checksum(file.text);
  file.text.append("checksum sha256:").append(checksum).append("\n");

  const FileDescriptor opened(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (opened.get() < 0 && errno == EEXIST) {
    throw ConfigError("W-KEY-010", "there is a key file `" + path +
                                       "` already; it is not overwritten, because state and log of its syncs could "
                                       "never be read again");
  }
  if (opened.get() < 0) throw ConfigError("W-KEY-011", "cannot make the key file `" + path + "`: " + SystemReason());
  bool whole = false;
  struct RemoveUnlessWhole {
    const std::string& path;
    const bool& whole;
    ~RemoveUnlessWhole() {
      if (!whole) ::unlink(path.c_str());
    }
  } guard{path, whole};
  if (::fchmod(opened.get(), 0600) != 0) throw audit::FileError("change mode of", path, errno);
  WriteAll(opened.get(), path, file.text);
  if (::fsync(opened.get()) != 0) throw audit::FileError("sync", path, errno);
  SyncFolderOf(path);
  whole = true;
}

}  // namespace weir::gateway
