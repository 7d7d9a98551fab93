#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/digest.h"
#include "audit/file.h"
#include "audit/note.h"
#include "audit/secret.h"

namespace weir::gateway {

// How far a sync's log had been published when one of its runs last said so. The state keeps it, sealed, beside its
// generations (README.md, "State files"): a log whose checkpoint, tiles or segments were taken away afterwards is then
// known from one that never began, and no second history is signed. It is a file of its own because most runs change no
// record, and a generation is as large as the state.
struct PublishedLog {
  std::uint64_t size = 0;  // entries
  audit::Digest root{};    // RFC 6962 tree head of that size
};

// The file's bytes, and back. `key` is the state's sealing key for it. Nullopt: damaged, or sealed under another key.
std::string EncodePublishedLog(const PublishedLog& published, const audit::SecretKey& key);
std::optional<PublishedLog> DecodePublishedLog(std::string_view bytes, const audit::SecretKey& key);

// What a checkpoint of the log says. Throws audit::LogError when it is malformed; `key` is the log's own.
PublishedLog PublishedOf(const std::string& checkpoint, const audit::NoteKey& key);

// Before the log is opened: its checkpoint is there and says no less than `known`. Reads only. A checkpoint that does
// not verify is left to audit::Log::Open, which says so. Throws StateError W-STATE-012, audit::LogError.
void CheckLogIsThere(audit::FileSystem& files, const std::string& directory, const audit::NoteKey& key,
                     const PublishedLog& known);

// Once it is open and its tiles are whole: its first `known.size` entries are those of `known`. Throws as above.
void CheckLogExtends(audit::FileSystem& files, const std::string& directory, const audit::NoteKey& key,
                     const PublishedLog& known);

}  // namespace weir::gateway
