#include "gateway/approval_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "audit/digest.h"
#include "audit/file.h"
#include "gateway/config.h"
#include "gateway/file_descriptor.h"
#include "gateway/ssh_signature.h"

namespace weir::gateway {
namespace {

constexpr std::string_view kEnding = ".approval";
constexpr std::string_view kUnreadable = "W-APR-010";
constexpr std::string_view kNoApproval = "W-APR-011";

// The bytes of a plain file. Empty *problem: they are in *bytes.
void ReadBytes(const std::string& path, std::string* bytes, std::string* problem) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  struct stat status {};
  if (!file.good()) {
    *problem = errno == ELOOP ? "is a link, which is not followed" : "cannot be read: " + std::generic_category().message(errno);
  } else if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    *problem = "is no plain file";
  }
  if (!problem->empty()) return;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) *problem = "cannot be read: " + std::generic_category().message(errno);
    if (got <= 0) return;
    bytes->append(buffer, static_cast<std::size_t>(got));
    if (bytes->size() > kMaxApprovalBytes) {
      *problem = "has more than 65536 bytes; an approval is shorter";
      return;
    }
  }
}

// False: what follows the document is not signatures alone.
bool TakeSignatures(std::string_view text, std::vector<std::string>* signatures) {
  while (!text.empty()) {
    if (!text.starts_with(kSignatureBegin) || signatures->size() == kMaxSignatures) return false;
    const std::size_t end = text.find(kSignatureEnd);
    if (end == std::string_view::npos) return false;
    const std::size_t size = end + kSignatureEnd.size();
    signatures->emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return true;
}

std::string Joined(const std::string& document, const std::vector<std::string>& signatures) {
  std::string out = document;
  for (const std::string& signature : signatures) out += signature;
  return out;
}

// `crm/1` of an exposure with several syncs.
std::string Stem(std::string_view sync_name) {
  std::string out(sync_name);
  std::replace(out.begin(), out.end(), '/', '_');
  return out + "-";
}

bool IsLink(const std::string& folder) {
  std::error_code error;
  return std::filesystem::is_symlink(std::filesystem::path(folder), error);
}

}  // namespace

StoredApproval ReadApprovalFile(const std::string& path, const std::string& shown) {
  StoredApproval out;
  out.file = shown;
  out.path = path;
  std::string bytes;
  ReadBytes(path, &bytes, &out.problem);
  if (!out.problem.empty()) {
    out.code = kUnreadable;
    return out;
  }
  const std::size_t end = std::min(bytes.find(kSignatureBegin), bytes.size());
  std::optional<policies::Approval> approval = policies::Approval::Parse(std::string_view(bytes).substr(0, end), &out.problem);
  if (approval && !TakeSignatures(std::string_view(bytes).substr(end), &out.signatures)) {
    out.problem = "holds something else than a document and at most " + std::to_string(kMaxSignatures) + " signatures";
    approval.reset();
  }
  if (!approval) {
    out.code = kNoApproval;
    return out;
  }
  out.approval = std::move(*approval);
  out.document = bytes.substr(0, end);
  out.digest = audit::Hex(audit::Sha256(out.document));
  return out;
}

std::vector<StoredApproval> ReadApprovals(const std::string& folder, std::string_view sync_id, std::string_view sync_name) {
  const auto refused = [&](std::string problem) {
    StoredApproval out;
    out.file = folder;
    out.path = folder;
    out.code = kUnreadable;
    out.problem = std::move(problem);
    return std::vector<StoredApproval>{std::move(out)};
  };
  if (IsLink(folder)) return refused("is a link, which is not followed: name the folder itself in weir.yml");
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  std::vector<std::string> names;
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    std::string name = entries->path().filename().string();
    if (name.ends_with(kEnding) && !name.starts_with('.')) names.push_back(std::move(name));
    if (names.size() > kMaxApprovalFiles) return refused("holds more than 1000 approvals; remove old ones");
  }
  if (error) return refused("cannot be listed: " + error.message());
  std::sort(names.begin(), names.end());
  const std::string stem = Stem(sync_name);
  std::vector<StoredApproval> out;
  for (const std::string& name : names) {
    StoredApproval stored = ReadApprovalFile(folder + "/" + name, name);
    const bool named = name.starts_with(stem) && name.size() == stem.size() + 16 + kEnding.size();
    const bool ours = stored.problem.empty() && stored.approval.sync == sync_id;
    if (named || ours) out.push_back(std::move(stored));
  }
  return out;
}

std::string WriteApproval(const std::string& folder, std::string_view sync_name, const policies::Approval& approval,
                          const std::vector<std::string>& signatures) {
  if (IsLink(folder)) {
    throw ConfigError(std::string(kUnreadable), folder + " is a link, which is not followed: name the folder itself in weir.yml");
  }
  const std::string document = approval.ToText();
  const std::string path = folder + "/" + Stem(sync_name) + audit::Hex(audit::Sha256(document)).substr(0, 16) +
                           std::string(kEnding);
  audit::FileSystem& files = audit::RealFileSystem();
  files.MakeFolders(folder);
  files.WriteAtomically(path, Joined(document, signatures));
  return path;
}

void AddSignature(const StoredApproval& stored, const std::string& signature) {
  std::vector<std::string> signatures = stored.signatures;
  signatures.push_back(signature);
  audit::RealFileSystem().WriteAtomically(stored.path, Joined(stored.document, signatures));
}

}  // namespace weir::gateway
