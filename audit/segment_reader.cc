#include "audit/segment_reader.h"

#include <algorithm>
#include <utility>

namespace weir::audit {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::size_t kMaxHeader = 64 + 3 * 65'537;

}  // namespace

std::unique_ptr<SegmentReader> SegmentReader::Open(FileSystem& files, const std::string& path) {
  std::unique_ptr<File> file = files.Open(path, OpenMode::kRead);
  std::size_t header_size = 0;
  auto header = DecodeSegmentHeader(file->Read(0, kMaxHeader), &header_size);
  if (!header) return nullptr;
  const std::uint64_t size = file->Size();
  return std::unique_ptr<SegmentReader>(new SegmentReader(std::move(file), *std::move(header), header_size, size));
}

SegmentReader::SegmentReader(std::unique_ptr<File> file, SegmentHeader header, std::uint64_t header_size,
                             std::uint64_t size)
    : file_(std::move(file)),
      header_(std::move(header)),
      codec_(header_.salt),
      size_(size),
      offset_(header_size),
      next_frame_(header_.first_frame),
      next_entry_(header_.first_entry) {}

void SegmentReader::Fill(std::size_t wanted) {
  const std::uint64_t have_end = buffer_offset_ + buffer_.size();
  if (offset_ >= buffer_offset_ && offset_ + wanted <= have_end) return;
  const std::uint64_t left = size_ - offset_;
  buffer_ = file_->Read(offset_, static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(wanted, kChunk))));
  buffer_offset_ = offset_;
}

std::optional<SegmentReader::Frame> SegmentReader::Next() {
  if (offset_ >= size_) return std::nullopt;
  const auto rest = [this] {
    return std::string_view(buffer_).substr(static_cast<std::size_t>(offset_ - buffer_offset_));
  };
  Fill(kFrameHeader);
  if (rest().size() < kFrameHeader) return std::nullopt;
  const std::size_t claimed = FrameCodec::ClaimedSize(rest());
  if (claimed > kFrameHeader + kMaxFrameBytes || claimed > size_ - offset_) return std::nullopt;
  Fill(claimed);
  const auto parsed = codec_.Parse(rest(), next_frame_);
  if (!parsed) return std::nullopt;
  offset_ += claimed;
  const Frame frame{parsed->kind, next_frame_, next_entry_, parsed->bytes};
  ++next_frame_;
  if (parsed->kind == FrameKind::kEntry) ++next_entry_;
  return frame;
}

bool SegmentReader::BadFrameWasDurable() {
  const std::string rest = file_->Read(offset_, static_cast<std::size_t>(size_ - offset_));
  return codec_.HoldsLaterBatch(rest, next_frame_);
}

}  // namespace weir::audit
