#include "audit/log.h"

#include <utility>

#include "audit/entry.h"
#include "audit/segment_store.h"
#include "audit/tree_store.h"
#include "audit/tree_writer.h"

namespace weir::audit {
namespace {

constexpr std::chrono::seconds kPublishInterval{10};

class LogWriter final : public Log {
 public:
  LogWriter(FileSystem& files, const Clock& clock, std::string directory, const LogIds& ids,
            const SecretKey& signing_seed, std::uint64_t segment_bytes, TreeMode tree_mode,
            std::unique_ptr<FileLock> lock)
      : lock_(std::move(lock)),
        clock_(clock),
        tree_mode_(tree_mode),
        directory_(std::move(directory)),
        segments_(files, directory_, ids, segment_bytes),
        tree_(files, directory_, ids.origin(), signing_seed) {}

  void Recover() {
    Guard([this] {
      tree_.Open();
      const auto recovered = segments_.Open(tree_.size(), [this](std::string_view entry) { tree_.Append(entry); });
      if (segments_.next_entry() < tree_.size()) {
        throw LogError("the log at `" + directory_ + "` ends at entry " + std::to_string(segments_.next_entry()) +
                       ", but its checkpoint says " + std::to_string(tree_.size()) +
                       ": its segments were cut or replaced; restore it from a backup");
      }
      published_at_ = clock_.Monotonic();
      writer_ = std::make_unique<TreeWriter>(tree_, tree_mode_);
      if (recovered.cut_bytes == 0) return;
      std::string entry;
      Recovery{recovered.cut_bytes, recovered.segment, segments_.next_frame(), clock_.Now()}.AppendJson(&entry);
      AppendEntry(entry);
      segments_.Sync();
    });
  }

  std::uint64_t Append(std::string_view entry) override {
    return Guard([&] {
      if (entry.size() > kMaxEntryBytes) {
        throw LogError("an entry of " + std::to_string(entry.size()) + " bytes is longer than the log takes (65535)");
      }
      if (entry.find('\n') != std::string_view::npos) throw LogError("an entry of the log must be a single line");
      return AppendEntry(entry);
    });
  }

  std::uint64_t AppendPrivate(std::string_view frame) override {
    return Guard([&] {
      if (frame.size() > kMaxFrameBytes) {
        throw LogError("a private frame of " + std::to_string(frame.size()) + " bytes is longer than 1 MiB");
      }
      const std::uint64_t number = segments_.next_frame();
      segments_.Append(FrameKind::kPrivate, frame);
      return number;
    });
  }

  void Commit() override {
    Guard([this] {
      segments_.Sync();
      if (clock_.Monotonic() - published_at_ >= kPublishInterval) {
        writer_->StartPublish();
        published_at_ = clock_.Monotonic();
      }
    });
  }

  void StartPublish() override {
    Guard([this] {
      segments_.Sync();
      writer_->StartPublish();
    });
  }

  void Publish() override {
    Guard([this] {
      segments_.Sync();
      writer_->Publish();
      published_at_ = clock_.Monotonic();
    });
  }

  std::uint64_t size() const override { return segments_.next_entry(); }
  std::uint64_t frame_count() const override { return segments_.durable_frames(); }
  std::string checkpoint() const override { return writer_->checkpoint(); }

  void ForEachFrame(std::uint64_t from, const std::function<void(const Frame&)>& visit) const override {
    RefuseIfPoisoned();
    try {
      segments_.ForEach(from, visit);
    } catch (const FileError& error) {
      throw LogError("the log at `" + directory_ + "` cannot be read: " + error.what());
    }
  }

  void Release(std::uint64_t frame) override {
    Guard([&] { segments_.Release(frame, writer_->published_size()); });
  }

 private:
  std::uint64_t AppendEntry(std::string_view entry) {
    const std::uint64_t index = segments_.next_entry();
    segments_.Append(FrameKind::kEntry, entry);
    writer_->Append(entry);
    return index;
  }

  void RefuseIfPoisoned() const {
    if (!poison_.empty()) throw LogError(poison_);
  }

  // The boundary of the log: whatever fails below leaves it poisoned, because after a failed write or sync nobody
  // knows what is on the disk (pages may be marked clean although they were never written).
  template <typename Operation>
  auto Guard(const Operation& operation) -> decltype(operation()) {
    RefuseIfPoisoned();
    try {
      return operation();
    } catch (const LogError& error) {
      poison_ = error.what();
    } catch (const FileError& error) {
      poison_ = "the log at `" + directory_ + "` cannot go on: " + error.what() +
                "; everything acknowledged before is safe; mend the disk and run again";
    } catch (const std::exception& error) {  // no memory, no cryptography: segments and tree may be out of step
      poison_ = "the log at `" + directory_ + "` cannot go on: " + error.what();
    }
    throw LogError(poison_);
  }

  std::unique_ptr<FileLock> lock_;
  const Clock& clock_;
  const TreeMode tree_mode_;
  std::string directory_;
  SegmentStore segments_;
  TreeStore tree_;
  // INVARIANT: it is told to publish only what is durable in the segments: a reader finds every entry in one or the other.
  std::unique_ptr<TreeWriter> writer_;
  std::chrono::steady_clock::time_point published_at_;
  std::string poison_;  // why every later call is refused; empty: it is not
};

}  // namespace

std::string LogIds::origin() const {
  std::string text = tenant + "." + environment + "/" + stream;
  for (char& c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                       c == '_' || c == '/' || c == '-';
    if (!plain) c = '_';
  }
  return text;
}

std::unique_ptr<Log> Log::Open(FileSystem& files, const Clock& clock, const std::string& directory, const LogIds& ids,
                               const SecretKey& signing_seed, std::uint64_t segment_bytes, TreeMode tree_mode) {
  std::unique_ptr<FileLock> lock;
  try {
    files.MakeFolders(directory);
    lock = files.Lock(directory + "/lock");
  } catch (const FileError& error) {
    throw LogError("the log at `" + directory + "` cannot be opened: " + error.what());
  }
  if (lock == nullptr) {
    throw LogBusyError("another program writes to the log at `" + directory + "`; wait until it ends, or stop it");
  }
  auto log =
      std::make_unique<LogWriter>(files, clock, directory, ids, signing_seed, segment_bytes, tree_mode,
                                         std::move(lock));
  log->Recover();
  return log;
}

}  // namespace weir::audit
