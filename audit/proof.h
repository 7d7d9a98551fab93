#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"
#include "audit/file.h"
#include "audit/note.h"

// Proofs that an entry is in a log, checked without the log: C2SP tlog-proof v1.
namespace weir::audit {

struct TlogProof {
  std::uint64_t index = 0;
  std::vector<Digest> hashes;  // from the leaf's sibling up
  std::string checkpoint;      // signed note
  std::string extra;           // opaque, not authenticated

  std::string ToText() const;
  static std::optional<TlogProof> Parse(std::string_view text);
};

// The proof of entry `index` under the log's checkpoint. Throws LogError: no checkpoint covers the entry yet, or the
// log's files do not give its root.
std::string Prove(FileSystem& files, const std::string& directory, std::uint64_t index);

// Whether `proof` shows that `entry` (its exact bytes) is in the log of `key`; *error says why not.
bool VerifyProof(std::string_view proof, std::string_view entry, const NoteKey& key, std::string* error);

}  // namespace weir::audit
