#include "gateway/side_file.h"

#include <algorithm>
#include <cstring>

namespace weir::gateway {
namespace {

// A block opens at its own place only. The key is of this generation.
std::string Place(std::uint64_t block) { return "side " + std::to_string(block); }

void Wipe(std::string* text) { ::explicit_bzero(text->data(), text->size()); }

}  // namespace

SideFile::SideFile(std::string path, MappedFile map, const CheckedFile& checked, const audit::SecretKey& key)
    : path_(std::move(path)),
      map_(std::move(map)),
      body_(checked.body),
      records_(checked.preamble.records),
      sealer_(key) {
  const std::size_t blocks = (records_ + kSideBlockRecords - 1) / kSideBlockRecords;
  whole_ = checked.fields.size() == 1 && checked.fields[0].size() == blocks * 8;
  if (!whole_) return;
  ends_ = checked.fields[0];
  std::uint64_t before = 0;
  for (std::size_t block = 0; block < blocks && whole_; ++block) {
    const std::uint64_t end = LoadLittleEndian64(ends_.data() + block * 8);
    whole_ = end >= before;
    before = end;
  }
  whole_ = whole_ && before == body_.size();
}

SideFile::~SideFile() { Wipe(&plain_); }

std::string_view SideFile::Value(std::size_t index) {
  const std::size_t block = index / kSideBlockRecords;
  if (block != open_block_) OpenBlock(block);
  const std::size_t place = index % kSideBlockRecords;
  return std::string_view(plain_).substr(offsets_[place], offsets_[place + 1] - offsets_[place]);
}

void SideFile::OpenBlock(std::size_t block) {
  const std::uint64_t begin = block == 0 ? 0 : LoadLittleEndian64(ends_.data() + (block - 1) * 8);
  const std::uint64_t end = LoadLittleEndian64(ends_.data() + block * 8);
  const std::size_t count = std::min(kSideBlockRecords, records_ - block * kSideBlockRecords);
  Wipe(&plain_);
  plain_.clear();
  open_block_ = ~std::size_t{0};
  if (begin == end) {  // no record of it has a value
    offsets_.assign(count + 1, 0);
    open_block_ = block;
    return;
  }
  try {
    sealer_.Open(body_.substr(begin, end - begin), Place(block), &plain_);
  } catch (const audit::SealError&) {
    throw DamagedStateFile(path_, "block " + std::to_string(block));
  }
  // Authentic bytes are as they were written: sizes (4 bytes each), then values.
  offsets_.assign(1, count * 4);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t size = 0;
    std::memcpy(&size, plain_.data() + i * 4, sizeof size);
    offsets_.push_back(offsets_.back() + size);
  }
  open_block_ = block;
}

SideFileWriter::SideFileWriter(std::string path, const audit::SecretKey& key) : file_(std::move(path)), sealer_(key) {
  file_.Append(std::string(kPreambleBytes, '\0'));
}

SideFileWriter::~SideFileWriter() { Wipe(&values_); }

void SideFileWriter::Append(std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  sizes_.append(reinterpret_cast<const char*>(&size), sizeof size);
  values_.append(value);
  ++records_;
  if (++in_block_ == kSideBlockRecords) EndBlock();
}

void SideFileWriter::EndBlock() {
  if (!values_.empty()) {
    sealed_.clear();
    sealer_.Seal(sizes_.append(values_), Place((records_ - 1) / kSideBlockRecords), &sealed_);
    file_.Append(sealed_);
  }
  AppendLittleEndian64(file_.size() - kPreambleBytes, &ends_);
  sizes_.clear();
  values_.clear();
  in_block_ = 0;
}

void SideFileWriter::Finish(StateKeys* keys, Preamble preamble) {
  if (in_block_ != 0) EndBlock();
  preamble.kind = StateFileKind::kSide;
  preamble.records = records_;
  file_.Append(EncodeTrailer(keys, {ends_}, file_.size(), &preamble));
  file_.WriteAt(0, EncodePreamble(preamble));
  file_.Sync();
}

}  // namespace weir::gateway
