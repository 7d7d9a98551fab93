#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "audit/clock.h"
#include "audit/file.h"
#include "audit/secret.h"

namespace weir::audit {

// The log cannot go on: disk full, failed or uncertain sync, live file replaced, contents that do not verify. Whoever
// catches one stops the run for good; the object refuses every later call.
class LogError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Another program has the log; nothing was touched.
class LogBusyError final : public LogError {
 public:
  using LogError::LogError;
};

struct LogIds {
  std::string tenant;
  std::string environment;
  std::string stream;  // the sync's id, or `access`
  std::string origin() const;  // checkpoint origin line: `<tenant>.<environment>/<stream>`, reduced to [A-Za-z0-9._/-]
};

enum class TreeMode {
  kInline,      // every call does all of its work before it returns; file operations have the order of the calls
  kBackground,  // a thread of the log's own hashes, writes tiles and bundles, and publishes what Commit orders
};

// One transparency log: a directory of C2SP tlog-tiles with a single writer. audit/README.md has the bytes.
// Two kinds of frames share the segments and the fdatasync: entries (public, leaves of the tree) and private frames
// (state; no leaves). Frames are numbered together, from 0: the *frame number* is what a state file records as applied.
// Not thread-safe.
class Log {
 public:
  // Creates the directory or recovers it: cuts a torn tail (and appends a `recovery` entry that says so), checks that
  // the tree extends the last published checkpoint. Takes the writer's lock (fcntl). Throws LogError. `files` and
  // `clock` must outlive the log, and `files` bear two threads unless the mode is kInline; a segment that has reached `segment_bytes` is followed by another.
  static std::unique_ptr<Log> Open(FileSystem& files, const Clock& clock, const std::string& directory,
                                   const LogIds& ids, const SecretKey& signing_seed,
                                   std::uint64_t segment_bytes = std::uint64_t{64} << 20,
                                   TreeMode tree_mode = TreeMode::kBackground);
  virtual ~Log() = default;

  // Buffered; the entry's index (leaf number). An entry is a single line of JSON, at most 65,535 bytes.
  virtual std::uint64_t Append(std::string_view entry) = 0;
  // Buffered; the frame's number. At most 1 MiB.
  virtual std::uint64_t AppendPrivate(std::string_view frame) = 0;
  // On return everything appended is on disk (fdatasync). Orders a checkpoint when the last is ten seconds old;
  // it comes in the background.
  virtual void Commit() = 0;
  // Commit, and begins in the background what Publish waits for.
  virtual void StartPublish() = 0;
  // Commit, then write and sync bundles and tiles, then the signed checkpoint.
  virtual void Publish() = 0;

  virtual std::uint64_t size() const = 0;          // entries
  virtual std::uint64_t frame_count() const = 0;   // entries and private frames, durable ones
  // What the tree's last published checkpoint says, as text of the signed note; empty before the first.
  virtual std::string checkpoint() const = 0;

  struct Frame {
    std::uint64_t number;
    bool is_private;
    std::uint64_t entry_index;  // of an entry; of a private frame: the index that the next entry gets
    std::string_view bytes;     // valid during the call
  };
  // Durable frames numbered `from` and later, in order. Throws LogError when frames from `from` on are no longer there.
  virtual void ForEachFrame(std::uint64_t from, const std::function<void(const Frame&)>& visit) const = 0;

  // Everything below `frame` has been taken into the state: segments that hold nothing later, and whose entries are in
  // durable bundles, may be deleted.
  virtual void Release(std::uint64_t frame) = 0;
};

}  // namespace weir::audit
