#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audit/clock.h"
#include "policies/allowed_signers.h"
#include "policies/policy.h"

namespace weir::gateway {

// Signatures by SSH keys (OpenSSH's PROTOCOL.sshsig). ssh-keygen makes and judges them; what is read here of one only
// says whose it claims to be and why it was refused. Blocking: each call starts a child process.

// What `ssh-keygen -Y sign -n` is told: a signature for anything else than an approval is none.
inline constexpr std::string_view kApprovalNamespace = "weir-approval@v1";

inline constexpr std::string_view kSignatureBegin = "-----BEGIN SSH SIGNATURE-----\n";
inline constexpr std::string_view kSignatureEnd = "-----END SSH SIGNATURE-----\n";

struct SshSignature {
  std::string public_key;  // in base64, as an allowed signers file has it
  std::string name_space;
};
// nullopt: no armored signature.
std::optional<SshSignature> ParseSshSignature(std::string_view armored);

struct SignatureVerdict {
  std::string principal;  // who signed; empty: it does not count
  std::string code, problem;
};

// Whether `armored` is a signature over `document` that one of the policy's signers may make at `now`. Throws
// ConfigError W-APR-020 when there is no ssh-keygen.
SignatureVerdict VerifySignature(std::string_view document, const std::string& armored,
                                 const policies::Approvals& policy, audit::Time now);

// An armored signature over `document` by the key in `key_file` (a private key, or a public one whose private part the
// SSH agent or a security key has). May ask for a passphrase on the terminal. Throws ConfigError W-APR-020, W-APR-021.
std::string SignWith(const std::string& key_file, std::string_view document);

}  // namespace weir::gateway
