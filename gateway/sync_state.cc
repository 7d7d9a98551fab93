#include "gateway/sync_state.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

#include "audit/seal.h"
#include "gateway/fault_point.h"
#include "gateway/side_file.h"
#include "gateway/state_format.h"
#include "gateway/state_records.h"
#include "gateway/state_updates.h"
#include "gateway/writer_lock.h"

namespace weir::gateway {
namespace {

constexpr std::string_view kHeaderPlace = "header";
constexpr std::string_view kPublishedName = "published";
constexpr std::uint64_t kMaxPublishedBytes = 4096;

std::string NameOf(std::uint32_t generation, std::string_view ending) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "g%08u", generation);
  return digits + std::string(ending);
}

// The number in `g00000007.state`; nullopt for any other name.
std::optional<std::uint32_t> GenerationOf(std::string_view name, std::string_view ending) {
  if (!name.starts_with('g') || !name.ends_with(ending) || name.size() < 9 + ending.size()) return std::nullopt;
  const std::string_view digits = name.substr(1, name.size() - 1 - ending.size());
  std::uint32_t number = 0;
  const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || stopped != digits.data() + digits.size()) return std::nullopt;
  if (NameOf(number, ending) != name) return std::nullopt;
  return number;
}

void RemoveFile(const std::string& path) {
  FaultPoint("remove");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw audit::FileError("remove", path, errno);
}

void RenameFile(const std::string& from, const std::string& to) {
  FaultPoint("rename");
  if (::rename(from.c_str(), to.c_str()) != 0) throw audit::FileError("rename", from, errno);
}

PairId NewPairId() {
  const audit::SecretKey random = audit::SecretKey::Random();
  PairId pair;
  std::transform(random.bytes().begin(), random.bytes().begin() + pair.size(), pair.begin(),
                 [](std::byte b) { return static_cast<std::uint8_t>(b); });
  return pair;
}

// What is open: the two files of one generation, or nothing before the first.
struct Generation {
  std::uint32_t number = 0;
  StateHeader header;
  StateRecords records;
  std::unique_ptr<SideFile> side;
};

std::string OpenHeader(std::string_view sealed, const audit::SecretKey& key, const std::string& path) {
  std::string header;
  try {
    audit::Sealer(key).Open(sealed, kHeaderPlace, &header);
  } catch (const audit::SealError&) {
    // Its bytes are authentic, so it was sealed under another root.
    throw StateError("W-STATE-004", "the state file `" + path +
                                        "` was sealed with another key file; restore the key file that belongs to it");
  }
  return header;
}

// nullptr, and why in *damage, when the generation is not whole. Throws StateError for one of another sync or key.
std::unique_ptr<Generation> OpenGeneration(const std::string& folder, std::uint32_t number, StateKeys* keys,
                                           std::string* damage) {
  const std::string state_path = folder + "/" + NameOf(number, ".state");
  const std::string side_path = folder + "/" + NameOf(number, ".side");
  MappedFile state_map(state_path);
  const std::optional<CheckedFile> state =
      CheckStateFile(state_map.bytes(), StateFileKind::kState, state_path, keys, damage);
  if (!state) return nullptr;
  if (!audit::RealFileSystem().Exists(side_path)) {
    *damage = "`" + side_path + "` is missing";
    return nullptr;
  }
  MappedFile side_map(side_path);
  const std::optional<CheckedFile> side =
      CheckStateFile(side_map.bytes(), StateFileKind::kSide, side_path, keys, damage);
  if (!side) return nullptr;
  if (side->preamble.pair != state->preamble.pair || side->preamble.records != state->preamble.records ||
      state->preamble.generation != number || side->preamble.generation != number) {
    *damage = "`" + side_path + "` does not belong to `" + state_path + "`";
    return nullptr;
  }
  auto generation = std::make_unique<Generation>();
  generation->number = number;
  const audit::SecretKey key = keys->SealingKey(state->preamble.pair);
  const std::string header = state->fields.size() == 3 ? OpenHeader(state->fields[0], key, state_path) : "";
  const bool decoded = DecodeStateHeader(header, &generation->header);
  if (decoded) generation->records = StateRecords(state_path, std::move(state_map), *state);
  generation->side = std::make_unique<SideFile>(side_path, std::move(side_map), *side, key);
  if (!decoded || !generation->records.whole() || !generation->side->whole()) {
    *damage = "`" + state_path + "` is malformed";
    return nullptr;
  }
  return generation;
}

class FolderState final : public SyncState {
 public:
  FolderState(const std::string& folder, const StateIds& ids, const audit::SecretKey& state_root,
              const audit::SecretKey& seal_root)
      : folder_(folder), lock_(folder), keys_(ids, state_root, seal_root) {
    OpenNewest();
    ReadPublished();
  }

  const std::optional<PublishedLog>& published() const override { return published_; }
  void Remember(const PublishedLog& published) override {
    FaultPoint("remember");
    audit::RealFileSystem().WriteAtomically(PublishedPath(), EncodePublishedLog(published, keys_.PublishedKey()));
    published_ = published;
  }

  const StateHeader& header() const override { return current_->header; }
  std::size_t size() const override { return current_->records.size(); }
  const StateRecord& at(std::size_t index) const override { return current_->records.at(index); }
  std::size_t Find(const RowKey& key) const override { return current_->records.Find(key); }
  void FindAll(std::span<const RowKey> keys, std::size_t* indices) const override {
    current_->records.FindAll(keys, indices);
  }

  std::optional<std::string> OpenSide(std::size_t index) override {
    const std::string_view value = current_->side->Value(index);
    if (value.empty()) return std::nullopt;
    return std::string(value);
  }

  std::unique_ptr<StateUpdates> NewUpdates() const override { return std::make_unique<StateUpdates>(folder_); }

  void Advance(const StateHeader& header, StateUpdates* updates, const std::function<void()>& before_switch) override {
    Preamble preamble;
    preamble.generation = newest_number_ + 1;
    preamble.pair = NewPairId();
    const std::string state_path = folder_ + "/" + NameOf(preamble.generation, ".state");
    const std::string side_path = folder_ + "/" + NameOf(preamble.generation, ".side");
    const audit::SecretKey key = keys_.SealingKey(preamble.pair);
    {
      StateRecordsWriter records(state_path + ".tmp", size() + updates->count());
      SideFileWriter side(side_path + ".tmp", key);
      Merge(updates, &records, &side);
      std::string sealed_header;
      audit::Sealer(key).Seal(EncodeStateHeader(header), kHeaderPlace, &sealed_header);
      side.Finish(&keys_, preamble);
      records.Finish(&keys_, sealed_header, preamble);
    }
    if (before_switch) before_switch();
    // The state file makes the generation: after a crash before its rename the side file alone counts for nothing.
    RenameFile(side_path + ".tmp", side_path);
    RenameFile(state_path + ".tmp", state_path);
    SyncFolder(folder_);
    Switch(preamble.generation);
  }

 private:
  std::string PublishedPath() const { return folder_ + "/" + std::string(kPublishedName); }

  void ReadPublished() {
    const auto bytes = audit::RealFileSystem().ReadAll(PublishedPath(), kMaxPublishedBytes);
    if (bytes) {
      published_ = DecodePublishedLog(*bytes, keys_.PublishedKey());
      if (published_) return;
      throw StateError("W-STATE-013", "`" + PublishedPath() +
                                          "`, in which the state keeps how long its log was, is damaged or was sealed "
                                          "with another key file; restore state, log and key file from one backup");
    }
    if (newest_number_ == 0) return;
    throw StateError("W-STATE-013", "the state in `" + folder_ + "` lacks the file `" + std::string(kPublishedName) +
                                        "`, in which it keeps how long its log was; restore state, log and key file "
                                        "from one backup");
  }

  void OpenNewest() {
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : audit::RealFileSystem().List(folder_)) {
      if (name.ends_with(".tmp")) RemoveFile(folder_ + "/" + name);
      if (const std::optional<std::uint32_t> number = GenerationOf(name, ".state")) numbers.push_back(*number);
    }
    std::sort(numbers.rbegin(), numbers.rend());
    if (!numbers.empty()) newest_number_ = numbers.front();
    std::string first_damage, damage;
    for (const std::uint32_t number : numbers) {
      current_ = OpenGeneration(folder_, number, &keys_, &damage);
      if (current_ != nullptr) return;
      if (first_damage.empty()) first_damage = damage;
    }
    if (!numbers.empty()) {
      throw StateError("W-STATE-001", "no state in `" + folder_ + "` is whole: " + first_damage +
                                          "; restore the folder from a backup");
    }
    current_ = std::make_unique<Generation>();
  }

  // Both sorted by key: one pass, and memory for one record.
  void Merge(StateUpdates* updates, StateRecordsWriter* records, SideFileWriter* side) {
    const std::size_t count = size();
    std::size_t old = 0;
    const auto keep_old = [&] {
      records->Append(at(old));
      side->Append(current_->side->Value(old));
      ++old;
    };
    KeyUpdate update;
    while (updates->Next(&update)) {
      while (old < count && at(old).key < update.record.key) keep_old();
      const bool known = old < count && at(old).key == update.record.key;
      if (!update.gone) {
        records->Append(update.record);
        side->Append(!update.keeps_side ? update.side : known ? current_->side->Value(old) : std::string_view());
      }
      if (known) ++old;
    }
    while (old < count) keep_old();
  }

  // The new generation is durable. It is read back through the same checks as after a restart.
  void Switch(std::uint32_t number) {
    std::string damage;
    std::unique_ptr<Generation> opened = OpenGeneration(folder_, number, &keys_, &damage);
    if (opened == nullptr) throw StateError("W-STATE-001", "the state just written is not whole: " + damage);
    const std::uint32_t predecessor = current_->number;
    current_ = std::move(opened);
    newest_number_ = number;
    for (const std::string& name : audit::RealFileSystem().List(folder_)) {
      std::optional<std::uint32_t> old = GenerationOf(name, ".state");
      if (!old) old = GenerationOf(name, ".side");
      if (old && *old != number && *old != predecessor) RemoveFile(folder_ + "/" + name);
    }
  }

  std::string folder_;
  WriterLock lock_;
  StateKeys keys_;
  std::uint32_t newest_number_ = 0;  // of any generation seen, whole or not
  std::unique_ptr<Generation> current_;
  std::optional<PublishedLog> published_;
};

}  // namespace

std::unique_ptr<SyncState> SyncState::Open(const std::string& folder, const StateIds& ids,
                                           const audit::SecretKey& state_root, const audit::SecretKey& seal_root) {
  audit::RealFileSystem().MakeFolders(folder);
  return std::make_unique<FolderState>(folder, ids, state_root, seal_root);
}

}  // namespace weir::gateway
