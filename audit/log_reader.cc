#include "audit/log_reader.h"

#include <algorithm>
#include <utility>

#include "audit/checkpoint.h"
#include "audit/segment_reader.h"
#include "audit/tile.h"

namespace weir::audit {
namespace {

constexpr std::uint64_t kMaxCheckpointBytes = 1 << 20;
constexpr std::uint64_t kMaxBundleBytes = kTileWidth * (2 + 65'535);

std::vector<std::uint64_t> SegmentNumbers(FileSystem& files, const std::string& folder) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : files.List(folder)) {
    if (const auto number = ParseSegmentName(name)) numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

struct LogReader::Bundle {
  std::uint64_t index = 0;
  std::string bytes;
  std::vector<std::string_view> entries;  // into bytes
};

LogReader::LogReader(FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {
  Refresh();
}

LogReader::~LogReader() = default;

void LogReader::Refresh() {
  try {
    if (!files_.Exists(directory_ + "/checkpoint") && !files_.Exists(directory_ + "/segments")) {
      throw LogError("there is no log at `" + directory_ + "`: neither `checkpoint` nor `segments` is in it");
    }
    bundle_.reset();
    checkpoint_ = files_.ReadAll(directory_ + "/checkpoint", kMaxCheckpointBytes).value_or("");
    published_size_ = 0;
    if (!checkpoint_.empty()) {
      const std::size_t blank = checkpoint_.rfind("\n\n");
      const auto parsed = Checkpoint::Parse(checkpoint_.substr(0, blank == std::string::npos ? 0 : blank + 1));
      if (!parsed) throw LogError("`" + directory_ + "/checkpoint` is no signed checkpoint");
      published_size_ = parsed->size;
    }
    size_ = published_size_;
    std::uint64_t next = published_size_;
    ForEachInSegments(&next, UINT64_MAX, [](std::uint64_t, std::string_view) { return true; });
    size_ = next;
    const auto numbers = SegmentNumbers(files_, directory_ + "/segments");
    if (!numbers.empty()) {
      const auto segment = SegmentReader::Open(files_, directory_ + "/segments/" + SegmentName(numbers.front()));
      if (segment != nullptr) ids_ = segment->header().ids;
    }
  } catch (const FileError& error) {
    throw LogError("the log at `" + directory_ + "` cannot be read: " + error.what());
  }
}

const LogReader::Bundle& LogReader::LoadBundle(std::uint64_t index) const {
  if (bundle_ != nullptr && bundle_->index == index) return *bundle_;
  const std::uint64_t width = TileWidthIn(published_size_, 0, index);
  const std::string path = directory_ + "/" + BundlePath(index, width);
  auto bytes = files_.ReadAll(path, kMaxBundleBytes);
  // The writer removes a partial bundle when the full one is there.
  if (!bytes) bytes = files_.ReadAll(directory_ + "/" + BundlePath(index, kTileWidth), kMaxBundleBytes);
  if (!bytes) throw LogError("`" + path + "` is missing");
  auto bundle = std::make_unique<Bundle>();
  bundle->index = index;
  bundle->bytes = *std::move(bytes);
  auto entries = ParseBundle(bundle->bytes);
  if (!entries || entries->size() < width) throw LogError("`" + path + "` is cut or malformed");
  bundle->entries = *std::move(entries);
  bundle_ = std::move(bundle);
  return *bundle_;
}

bool LogReader::ForEachInSegments(std::uint64_t* next, std::uint64_t end,
                                  const std::function<bool(std::uint64_t, std::string_view)>& visit) const {
  const std::string folder = directory_ + "/segments";
  const std::vector<std::uint64_t> numbers = SegmentNumbers(files_, folder);
  // From the newest backwards to the one that holds entry *next.
  std::vector<std::unique_ptr<SegmentReader>> segments;
  for (std::size_t i = numbers.size(); i > 0; --i) {
    const std::string path = folder + "/" + SegmentName(numbers[i - 1]);
    if (!files_.Exists(path)) break;  // released meanwhile
    auto segment = SegmentReader::Open(files_, path);
    if (segment == nullptr) {
      if (i == numbers.size()) continue;  // being made
      throw LogError("`" + path + "` does not begin with the header of a segment");
    }
    const bool reached = segment->header().first_entry <= *next;
    segments.push_back(std::move(segment));
    if (reached) break;
  }
  for (; !segments.empty(); segments.pop_back()) {
    SegmentReader& segment = *segments.back();
    if (segment.next_entry() > *next) return true;
    while (const auto frame = segment.Next()) {
      if (*next >= end) return true;
      if (frame->kind != FrameKind::kEntry || frame->entry_index < *next) continue;
      if (!visit(frame->entry_index, frame->bytes)) return false;
      *next = frame->entry_index + 1;
    }
  }
  return true;
}

void LogReader::ForEach(std::uint64_t begin, std::uint64_t end,
                        const std::function<bool(std::uint64_t index, std::string_view entry)>& visit) const {
  end = std::min(end, size_);
  std::uint64_t next = begin;
  try {
    for (; next < std::min(end, published_size_); ++next) {
      const Bundle& bundle = LoadBundle(next / kTileWidth);
      if (!visit(next, bundle.entries[next % kTileWidth])) return;
    }
    if (next >= end || !ForEachInSegments(&next, end, visit) || next >= end) return;
    // Its segment was released since: then it is in a bundle, which a later checkpoint covers.
    LogReader later(files_, directory_);
    if (later.published_size() <= next) {
      throw LogError("entry " + std::to_string(next) + " of the log at `" + directory_ + "` is missing or damaged");
    }
    later.ForEach(next, end, visit);
  } catch (const FileError& error) {
    throw LogError("the log at `" + directory_ + "` cannot be read: " + error.what());
  }
}

std::string LogReader::Entry(std::uint64_t index) const {
  std::string found;
  if (index >= size_) {
    throw LogError("the log at `" + directory_ + "` has " + std::to_string(size_) + " entries; entry " +
                   std::to_string(index) + " does not exist");
  }
  ForEach(index, index + 1, [&](std::uint64_t, std::string_view entry) {
    found = entry;
    return true;
  });
  return found;
}

}  // namespace weir::audit
