#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"
#include "audit/secret.h"
#include "gateway/sync_state.h"

namespace weir::gateway {

// The bytes of a generation's two files, `g00000007.state` and `g00000007.side`; README.md, "State files", says it in
// prose. Both are: preamble (64 bytes) | body | trailer (length-prefixed fields, SHA-256, HMAC-SHA-256).

inline constexpr std::size_t kPreambleBytes = 64;
inline constexpr std::uint32_t kStateFormat = 1;
inline constexpr std::size_t kStateBlockRecords = 1024;  // one digest each
inline constexpr std::size_t kSideBlockRecords = 256;    // sealed together

enum class StateFileKind : std::uint8_t { kState, kSide };

// Drawn anew for each generation: joins its two files, and derives the key that seals them.
using PairId = std::array<std::uint8_t, 16>;

struct Preamble {
  StateFileKind kind = StateFileKind::kState;
  std::uint32_t generation = 0;
  PairId pair{};
  std::uint64_t records = 0;
  std::uint64_t trailer_offset = 0;
  std::uint64_t trailer_size = 0;
};

// What the files of one sync are checked and sealed with. Movable; not thread-safe.
class StateKeys {
 public:
  StateKeys(const StateIds& ids, const audit::SecretKey& state_root, const audit::SecretKey& seal_root);
  const StateIds& ids() const { return ids_; }
  // Tells whether the keys are those that made a file, and nothing about them.
  const std::string& check_value() const { return check_value_; }
  audit::Digest Authenticate(std::string_view preamble, std::string_view trailer);
  audit::SecretKey SealingKey(const PairId& pair) const;
  audit::SecretKey PublishedKey() const;  // seals what the state knows of its log

 private:
  StateIds ids_;
  audit::SecretKey seal_root_;
  std::optional<audit::Hmac> hmac_;
  std::string check_value_;
};

std::string EncodePreamble(const Preamble& preamble);

// Preamble and trailer of a file whose body is complete. `fields`: of the kind (state: sealed header, block digests,
// directory; side: ends of the sealed blocks, 8 bytes each). Completes preamble->trailer_offset and trailer_size.
std::string EncodeTrailer(StateKeys* keys, const std::vector<std::string>& fields, std::uint64_t trailer_offset,
                          Preamble* preamble);

struct CheckedFile {
  Preamble preamble;
  std::string_view body;
  std::vector<std::string_view> fields;
};

// What `bytes` of the file `path` hold, every check made save those of the body's blocks. nullopt and *damage set: not
// whole. Throws StateError when it is whole, and of another sync, another key file or a later program.
std::optional<CheckedFile> CheckStateFile(std::string_view bytes, StateFileKind kind, const std::string& path,
                                          StateKeys* keys, std::string* damage);

std::string EncodeStateHeader(const StateHeader& header);
bool DecodeStateHeader(std::string_view bytes, StateHeader* header);

std::uint64_t LoadLittleEndian64(const char* bytes);
void AppendLittleEndian64(std::uint64_t number, std::string* out);

// The message of W-STATE-001 for a file that is damaged inside.
StateError DamagedStateFile(const std::string& path, const std::string& where);

}  // namespace weir::gateway
