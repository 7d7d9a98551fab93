#pragma once

#include <cstdint>
#include <string>

#include "audit/file.h"
#include "audit/secret.h"

namespace weir::gateway {

// The key file: magic, format version, tenant, environment, and five independent random roots. Mode 0600, owned by who
// runs; its management (rotation, wrapping) follows, so every key carries a version.
struct Keyring {
  std::string tenant, environment;
  std::string id;                // of the file, random: names it in messages
  audit::SecretKey token_root;   // transforms at destinations
  audit::SecretKey state_root;   // key hashes and fingerprints
  audit::SecretKey tag_root;     // record and subject tags in the log
  audit::SecretKey seal_root;    // spool, side file
  audit::SecretKey signing_seed; // Ed25519, the log's checkpoints
  std::uint32_t token_version = 1;
};

// Throws ConfigError W-KEY-00N: absent (run `weir init`), readable by others, wrong magic, damaged (checksum), another
// tenant or environment. No message holds any byte of a key.
Keyring ReadKeyring(const std::string& path, const std::string& tenant, const std::string& environment);

// Makes one; refuses to overwrite.
void CreateKeyring(const std::string& path, const std::string& tenant, const std::string& environment);

}  // namespace weir::gateway
