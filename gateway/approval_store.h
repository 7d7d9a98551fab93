#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/approval.h"

namespace weir::gateway {

// Approvals as files: the document, then the armored signatures over it, one after the other, so that plain ssh-keygen
// and `cat` can make one. Files lie in one folder (weir.yml's `approvals`) and are called
// `SYNC-<first 16 digits of the digest>.approval`. Whoever may write there can remove an approval, and cannot make one:
// nothing in the folder is trusted but what signatures show.

inline constexpr std::size_t kMaxApprovalBytes = 64u << 10;
inline constexpr std::size_t kMaxApprovalFiles = 1000;
inline constexpr std::size_t kMaxSignatures = 8;

struct StoredApproval {
  std::string file;  // as it is told to the user: its name in the folder, or the path that was given
  std::string path;
  std::string code, problem;  // why it cannot be used; then only `file` and `path` are set
  policies::Approval approval;
  std::string document;  // its exact bytes
  std::string digest;    // SHA-256 of `document`, hexadecimal
  std::vector<std::string> signatures;  // armored
};

// One file; the problem is in the result. Links and what is no plain file are refused, and nothing larger than
// kMaxApprovalBytes is read.
StoredApproval ReadApprovalFile(const std::string& path, const std::string& shown);

// The sync's approvals in `folder`, sorted by name: those that name it, and those whose file is named after it and that
// cannot be read. A folder that is not there has none; one that is a link, or holds more than kMaxApprovalFiles, gives
// one result with a problem.
std::vector<StoredApproval> ReadApprovals(const std::string& folder, std::string_view sync_id, std::string_view sync_name);

// Writes it durably under its name, makes the folder if need be; the path. Throws audit::FileError, ConfigError
// W-APR-010 for a folder that is a link.
std::string WriteApproval(const std::string& folder, std::string_view sync_name, const policies::Approval& approval,
                          const std::vector<std::string>& signatures);
// Replaces the file by itself and one more signature. Throws audit::FileError.
void AddSignature(const StoredApproval& stored, const std::string& signature);

}  // namespace weir::gateway
