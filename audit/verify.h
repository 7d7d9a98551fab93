#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"
#include "audit/file.h"
#include "audit/note.h"

namespace weir::audit {

struct Problem {
  std::string where;  // a path in the log's directory, or `entry N`
  std::string what;
};

struct VerifyOptions {
  // Text of a checkpoint of this log that the reviewer kept: the log must extend it. Without one, a log that was rolled
  // back as a whole to an older state looks sound.
  std::optional<std::string> earlier_checkpoint;
  std::size_t max_problems = 100;  // kept in the report; more are counted
};

struct VerifyReport {
  std::vector<Problem> problems;
  std::uint64_t problem_count = 0;
  std::vector<std::string> remarks;  // what a reviewer should know and is no fault

  std::string origin;
  std::uint64_t size = 0;  // entries under the checkpoint
  Digest root{};
  std::uint64_t unpublished = 0;  // entries in segments after those
  std::uint64_t intents = 0;
  std::uint64_t outcomes = 0;
  std::map<std::uint64_t, std::uint64_t> delivery_unknown;  // by index of the run_start: records without outcome
  std::string trust = "self-signed";  // who vouches for the checkpoint

  bool good() const { return problem_count == 0; }
};

// Checks everything that a log's directory claims: the checkpoint's signature under `key`; the whole tree, recomputed
// from the entry bundles; every tile and partial file; that segments are whole and agree with bundles; what entries owe
// one another (delivery_rules.h). Finds all problems, not the first. Works beside a running writer and on the public
// part alone. Memory: a few MiB, and what delivery_rules.h says. Throws LogError when the directory cannot be read.
VerifyReport Verify(FileSystem& files, const std::string& directory, const NoteKey& key,
                    const VerifyOptions& options = {});

}  // namespace weir::audit
