#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/seal.h"
#include "gateway/mapped_file.h"
#include "gateway/new_file.h"
#include "gateway/state_format.h"

namespace weir::gateway {

// The side values of a generation's records, by index: sealed in blocks, each bound to its place and its generation.
// Opens one block at a time and keeps it, so reading in order of the records costs each block once. Not thread-safe.
class SideFile {
 public:
  // `checked`: of `map`, which moves in here. `whole()` is false when the sizes do not agree.
  SideFile(std::string path, MappedFile map, const CheckedFile& checked, const audit::SecretKey& key);
  ~SideFile();
  SideFile(const SideFile&) = delete;
  SideFile& operator=(const SideFile&) = delete;

  bool whole() const { return whole_; }
  // The value, valid until the next call; empty: none kept. Throws StateError when the block does not open.
  std::string_view Value(std::size_t index);

 private:
  void OpenBlock(std::size_t block);

  std::string path_;
  MappedFile map_;
  std::string_view body_;
  std::string_view ends_;  // of the sealed blocks, in the body
  std::size_t records_;
  audit::Sealer sealer_;
  std::size_t open_block_ = ~std::size_t{0};
  std::string plain_;
  std::vector<std::size_t> offsets_;  // of the open block's values in plain_
  bool whole_ = true;
};

// Writes a `.side` file: a value for each record, in order; empty for none. Throws audit::FileError.
class SideFileWriter {
 public:
  SideFileWriter(std::string path, const audit::SecretKey& key);
  ~SideFileWriter();
  SideFileWriter(const SideFileWriter&) = delete;
  SideFileWriter& operator=(const SideFileWriter&) = delete;

  void Append(std::string_view value);
  void Finish(StateKeys* keys, Preamble preamble);  // completes and syncs it

 private:
  void EndBlock();

  NewFile file_;
  audit::Sealer sealer_;
  std::string sizes_, values_, sealed_;
  std::string ends_;
  std::size_t in_block_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace weir::gateway
