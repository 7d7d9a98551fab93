#include "gateway/duplicate_keys.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "gateway/sealed_scratch.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kMaxInMemory = 2'000'000;
// A key is a keyed hash: its first byte spreads keys evenly.
constexpr std::size_t kPartitions = 256;
constexpr std::size_t kPieceKeys = 4096;

// Any order brings equal keys together; that of two machine words is the quickest.
struct Words {
  std::uint64_t high, low;
  explicit Words(const RowKey& key) {
    std::memcpy(&high, key.data(), sizeof high);
    std::memcpy(&low, key.data() + sizeof high, sizeof low);
  }
};

std::uint64_t CountRuns(std::vector<RowKey>* keys) {
  std::sort(keys->begin(), keys->end(), [](const RowKey& left, const RowKey& right) {
    const Words a(left), b(right);
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  });
  std::uint64_t duplicates = 0;
  for (std::size_t i = 1; i < keys->size(); ++i) {
    const bool again = (*keys)[i] == (*keys)[i - 1];
    const bool counted = i >= 2 && (*keys)[i - 1] == (*keys)[i - 2];
    if (again && !counted) ++duplicates;
  }
  return duplicates;
}

}  // namespace

struct DuplicateKeys::State {
  explicit State(std::string folder) : file(std::move(folder)) {}

  struct Partition {
    std::vector<RowKey> waiting;
    std::vector<std::size_t> pieces;
  };

  void Distribute(const RowKey& key) {
    Partition& partition = partitions[key[0]];
    partition.waiting.push_back(key);
    if (partition.waiting.size() == kPieceKeys) Write(&partition);
  }
  void Write(Partition* partition) {
    const std::span<const RowKey> keys(partition->waiting);
    partition->pieces.push_back(file.Append({reinterpret_cast<const char*>(keys.data()), keys.size_bytes()}));
    partition->waiting.clear();
  }
  std::vector<RowKey> Gather(const Partition& partition) {
    std::vector<RowKey> keys = partition.waiting;
    std::string piece;
    for (const std::size_t number : partition.pieces) {
      file.Read(number, &piece);
      const std::size_t before = keys.size();
      keys.resize(before + piece.size() / sizeof(RowKey));
      std::memcpy(keys.data() + before, piece.data(), piece.size());
    }
    return keys;
  }

  std::vector<RowKey> in_memory;  // while all fit
  bool on_disk = false;
  std::array<Partition, kPartitions> partitions;
  SealedScratch file;
};

DuplicateKeys::DuplicateKeys(std::string folder) : state_(std::make_unique<State>(std::move(folder))) {}
DuplicateKeys::~DuplicateKeys() = default;

void DuplicateKeys::Add(const RowKey& key) {
  State& state = *state_;
  if (state.on_disk) return state.Distribute(key);
  state.in_memory.push_back(key);
  if (state.in_memory.size() < kMaxInMemory) return;
  state.on_disk = true;
  for (const RowKey& kept : state.in_memory) state.Distribute(kept);
  state.in_memory = {};
}

std::uint64_t DuplicateKeys::CountDuplicates() {
  State& state = *state_;
  if (!state.on_disk) return CountRuns(&state.in_memory);
  std::uint64_t duplicates = 0;
  for (const State::Partition& partition : state.partitions) {
    std::vector<RowKey> keys = state.Gather(partition);
    duplicates += CountRuns(&keys);
  }
  return duplicates;
}

}  // namespace weir::gateway
