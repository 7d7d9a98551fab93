#include "gateway/state_updates.h"

#include <algorithm>
#include <cstring>

namespace weir::gateway {
namespace {

constexpr std::size_t kMaxInMemory = 48u << 20;  // of full pieces; each partition has one beside that fills
constexpr unsigned kPartitionBits = 9;
constexpr std::size_t kPieceBytes = 16u << 10;
constexpr std::size_t kPieceSlack = 512;  // an update that begins below kPieceBytes ends beyond them
constexpr std::size_t kHeadBytes = sizeof(StateRecord) + 4;  // record, size of the side value

std::uint64_t Prefix(const char* key) {
  std::uint64_t number = 0;
  std::memcpy(&number, key, sizeof number);
  return __builtin_bswap64(number);
}

std::size_t SideSize(const char* encoded) {
  std::uint32_t size = 0;
  std::memcpy(&size, encoded + sizeof(StateRecord), sizeof size);
  return size;
}

void Wipe(std::string* text) {
  ::explicit_bzero(text->data(), text->size());
  text->clear();
}

void Encode(const StateUpdate& update, std::string* out) {
  const auto size = static_cast<std::uint32_t>(update.side.size());
  out->append(reinterpret_cast<const char*>(&update.record), sizeof update.record);
  out->append(reinterpret_cast<const char*>(&size), sizeof size);
  out->append(update.side);
}

}  // namespace

StateUpdates::StateUpdates(std::string folder)
    : partitions_(std::size_t{1} << kPartitionBits), file_(std::move(folder)) {}

StateUpdates::~StateUpdates() {
  Wipe(&loaded_);
  for (Partition& partition : partitions_) {
    for (std::string& piece : partition.pieces) Wipe(&piece);
    Wipe(&partition.waiting);
  }
}

void StateUpdates::Add(const StateUpdate& update) {
  ++count_;
  const std::uint64_t prefix = Prefix(reinterpret_cast<const char*>(update.record.key.data()));
  Partition& partition = partitions_[prefix >> (64 - kPartitionBits)];
  Encode(update, &partition.waiting);
  if (partition.waiting.size() < kPieceBytes) return;
  if (partition.on_disk.empty() && in_memory_ + partition.waiting.size() <= kMaxInMemory) {
    in_memory_ += partition.waiting.size();
    partition.pieces.push_back(std::move(partition.waiting));
    partition.waiting = {};
    partition.waiting.reserve(kPieceBytes + kPieceSlack);
  } else {
    partition.on_disk.push_back(file_.Append(partition.waiting));
    partition.waiting.clear();
  }
}

// The next partition that has updates, whole and sorted; false: there is none.
bool StateUpdates::Load() {
  Wipe(&loaded_);
  std::string piece;
  while (loaded_.empty() && next_partition_ < partitions_.size()) {
    Partition& partition = partitions_[next_partition_++];
    for (std::string& kept : partition.pieces) {
      loaded_.append(kept);
      Wipe(&kept);
    }
    for (const std::size_t number : partition.on_disk) {
      file_.Read(number, &piece);
      loaded_.append(piece);
    }
    loaded_.append(partition.waiting);
    Wipe(&partition.waiting);
    partition = {};
  }
  Wipe(&piece);
  SortLoaded();
  return !loaded_.empty();
}

void StateUpdates::SortLoaded() {
  places_.clear();
  next_ = 0;
  for (std::size_t at = 0; at < loaded_.size(); at += kHeadBytes + SideSize(loaded_.data() + at)) {
    places_.push_back({Prefix(loaded_.data() + at), at});
  }
  std::sort(places_.begin(), places_.end(), [this](const Place& a, const Place& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int order = std::memcmp(loaded_.data() + a.offset, loaded_.data() + b.offset, sizeof(RowKey));
    return order != 0 ? order < 0 : a.offset < b.offset;
  });
}

bool StateUpdates::Next(KeyUpdate* update) {
  if (next_ == places_.size() && !Load()) return false;
  *update = {};
  const char* first = loaded_.data() + places_[next_].offset;
  for (; next_ < places_.size(); ++next_) {
    const char* at = loaded_.data() + places_[next_].offset;
    if (std::memcmp(first, at, sizeof(RowKey)) != 0) break;
    std::memcpy(&update->record, at, sizeof update->record);
    update->gone = (update->record.flags() & StateRecord::kGone) != 0;
    const std::size_t size = SideSize(at);
    if (update->gone) {
      // A key that comes back afterwards comes without what was kept of it.
      update->keeps_side = false;
      update->side = {};
    } else if (size != 0) {
      update->keeps_side = false;
      update->side = std::string_view(at + kHeadBytes, size);
    }
  }
  return true;
}

}  // namespace weir::gateway
