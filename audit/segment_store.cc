#include "audit/segment_store.h"

#include <openssl/rand.h>

#include <utility>

#include "audit/digest.h"
#include "audit/segment_reader.h"

namespace weir::audit {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

SegmentHeader NewHeader(const LogIds& ids, std::uint64_t first_frame, std::uint64_t first_entry) {
  SegmentHeader header{ids, first_frame, first_entry, {}};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(header.salt.data()), static_cast<int>(header.salt.size())) != 1) {
    throw CryptoError("the system's random generator failed; no segment was made");
  }
  return header;
}

std::string IdsText(const LogIds& ids) { return ids.tenant + "/" + ids.environment + "/" + ids.stream; }

}  // namespace

SegmentStore::SegmentStore(FileSystem& files, std::string directory, LogIds ids, std::uint64_t segment_bytes)
    : files_(files),
      directory_(std::move(directory)),
      folder_(directory_ + "/segments"),
      ids_(std::move(ids)),
      segment_bytes_(segment_bytes) {}

std::string SegmentStore::PathOf(std::uint64_t first_frame) const { return folder_ + "/" + SegmentName(first_frame); }

std::vector<SegmentStore::Segment> SegmentStore::ReadHeaders() const {
  std::vector<Segment> segments;
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : files_.List(folder_)) {
    if (const auto number = ParseSegmentName(name)) numbers.push_back(*number);
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::string path = PathOf(numbers[i]);
    const auto reader = SegmentReader::Open(files_, path);
    if (reader == nullptr) {
      // A segment's header is durable before its first frame is written, so a crash while it was made leaves no more
      // bytes than a header has.
      const bool last = i + 1 == numbers.size();
      if (last && files_.Open(path, OpenMode::kRead)->Size() <= EncodeSegmentHeader({ids_, 0, 0, {}}).size()) {
        files_.Remove(path);
        files_.SyncFolder(folder_);
        break;
      }
      throw LogError("`" + path + "` does not begin with the header of a segment; restore the log from a backup");
    }
    const SegmentHeader& header = reader->header();
    if (IdsText(header.ids) != IdsText(ids_)) {
      throw LogError("the log at `" + directory_ + "` belongs to `" + IdsText(header.ids) + "`, not to `" +
                     IdsText(ids_) + "`; name another folder");
    }
    if (header.first_frame != numbers[i]) {
      throw LogError("`" + path + "` was renamed: its header says frame " + std::to_string(header.first_frame) +
                     "; restore the log from a backup");
    }
    segments.push_back({header.first_frame, header.first_entry});
  }
  return segments;
}

SegmentStore::Recovered SegmentStore::Open(std::uint64_t first_entry,
                                           const std::function<void(std::string_view entry)>& replay) {
  Recovered recovered;
  files_.MakeFolders(folder_);
  segments_ = ReadHeaders();
  if (segments_.empty()) {
    if (first_entry > 0) {
      throw LogError("the log at `" + directory_ + "` has a checkpoint of " + std::to_string(first_entry) +
                     " entries but no segments; restore it from a backup");
    }
    Begin();
    return recovered;
  }
  if (segments_.front().first_entry > first_entry) {
    throw LogError("the log at `" + directory_ + "` lacks the entries from " + std::to_string(first_entry) +
                   " on: its oldest segment begins with entry " + std::to_string(segments_.front().first_entry) +
                   "; restore it from a backup");
  }
  std::size_t at = segments_.size() - 1;
  while (segments_[at].first_entry > first_entry) --at;
  for (; at < segments_.size(); ++at) {
    const std::string path = PathOf(segments_[at].first_frame);
    const auto reader = SegmentReader::Open(files_, path);
    if (reader == nullptr) throw LogError("`" + path + "` changed while it was read");
    while (const auto frame = reader->Next()) {
      if (frame->kind == FrameKind::kEntry && frame->entry_index >= first_entry) replay(frame->bytes);
    }
    const bool last = at + 1 == segments_.size();
    const bool torn = reader->offset() < reader->size();
    if (torn && (!last || reader->BadFrameWasDurable())) {
      throw LogError("`" + path + "` is damaged at byte " + std::to_string(reader->offset()) + " (frame " +
                     std::to_string(reader->next_frame()) +
                     "), and durable frames follow: no crash leaves this; restore the log from a backup");
    }
    if (!last && (reader->next_frame() != segments_[at + 1].first_frame ||
                  reader->next_entry() != segments_[at + 1].first_entry)) {
      throw LogError("the log at `" + directory_ + "` lacks the frames from " + std::to_string(reader->next_frame()) +
                     " to " + std::to_string(segments_[at + 1].first_frame) + "; restore it from a backup");
    }
    if (!last) continue;
    next_frame_ = durable_frames_ = reader->next_frame();
    next_entry_ = reader->next_entry();
    live_size_ = reader->offset();
    codec_ = std::make_unique<FrameCodec>(reader->header().salt);
    live_ = files_.Open(path, OpenMode::kAppend);
    if (torn) {
      recovered = {reader->size() - reader->offset(), segments_[at].first_frame};
      live_->Truncate(reader->offset());
    }
    // What was read may be in memory only: frames written, never synced, left by a process that ended without its
    // machine. Durable they must be before anything builds on them.
    live_->Sync();
    files_.SyncFolder(folder_);
  }
  return recovered;
}

void SegmentStore::Begin() {
  const SegmentHeader header = NewHeader(ids_, next_frame_, next_entry_);
  const std::string bytes = EncodeSegmentHeader(header);
  live_ = files_.Open(PathOf(next_frame_), OpenMode::kCreate);
  live_->Append(bytes);
  live_->Sync();
  files_.SyncFolder(folder_);
  codec_ = std::make_unique<FrameCodec>(header.salt);
  live_size_ = bytes.size();
  segments_.push_back({next_frame_, next_entry_});
}

void SegmentStore::Append(FrameKind kind, std::string_view bytes) {
  if (live_size_ >= segment_bytes_) {
    Sync();
    Begin();
  }
  codec_->Append(kind, next_frame_, place_, bytes, &buffer_);
  live_size_ += kFrameHeader + bytes.size();
  ++place_;
  ++next_frame_;
  if (kind == FrameKind::kEntry) ++next_entry_;
  if (buffer_.size() >= kFlushBytes) Flush();
}

void SegmentStore::Flush() {
  if (!live_->IsLive()) {
    throw LogError("`" + PathOf(segments_.back().first_frame) +
                   "` was deleted, replaced or changed while the log was being written; find out who did it, and "
                   "restore the log from a backup");
  }
  live_->Append(buffer_);
  buffer_.clear();
}

void SegmentStore::Sync() {
  if (place_ == 0) return;
  Flush();
  live_->Sync();
  place_ = 0;
  durable_frames_ = next_frame_;
}

void SegmentStore::ForEach(std::uint64_t from, const std::function<void(const Log::Frame&)>& visit) const {
  if (from >= durable_frames_) return;
  std::size_t at = segments_.size();
  while (at > 0 && segments_[at - 1].first_frame > from) --at;
  if (at == 0) {
    throw LogError("frame " + std::to_string(from) + " of the log at `" + directory_ +
                   "` is no longer there: its segment was released; the oldest is frame " +
                   std::to_string(segments_.front().first_frame));
  }
  std::uint64_t expected = segments_[at - 1].first_frame;
  for (--at; at < segments_.size(); ++at) {
    const std::string path = PathOf(segments_[at].first_frame);
    const auto reader = SegmentReader::Open(files_, path);
    if (reader == nullptr || reader->next_frame() != expected) {
      throw LogError("`" + path + "` does not follow the segment before it; restore the log from a backup");
    }
    while (reader->next_frame() < durable_frames_) {
      const auto frame = reader->Next();
      if (!frame) break;
      if (frame->number < from) continue;
      visit({frame->number, frame->kind == FrameKind::kPrivate, frame->entry_index, frame->bytes});
    }
    expected = reader->next_frame();
  }
  if (expected != durable_frames_) {
    throw LogError("frame " + std::to_string(expected) + " of the log at `" + directory_ +
                   "` is damaged; restore the log from a backup");
  }
}

void SegmentStore::Release(std::uint64_t frame, std::uint64_t entry) {
  while (segments_.size() > 1 && segments_[1].first_frame <= frame && segments_[1].first_entry <= entry) {
    files_.Remove(PathOf(segments_.front().first_frame));
    segments_.erase(segments_.begin());
  }
}

}  // namespace weir::audit
