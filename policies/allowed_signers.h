#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/diagnostic.h"

namespace weir::policies {

// One line of an allowed signers file (ssh-keygen(1), "ALLOWED SIGNERS"), as far as it says who a key belongs to. When
// and for what the key counts (`valid-after`, `valid-before`, `namespaces`) is left to ssh-keygen.
struct AllowedSigner {
  std::string principal;  // one person: `ann@acme.example`
  std::string key;        // public key, in base64 as it stands there
  std::uint32_t line = 0;
};

// Strict, so that a signature tells one person: a line names one principal without patterns, a key belongs to one
// principal, and no certificate authority can make up others. Everything else is reported (W-APR-002), as is a file
// without any signer.
std::vector<AllowedSigner> ReadAllowedSigners(std::string_view text, const std::string& file,
                                              manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
