#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/clock.h"
#include "audit/json.h"

// The entries of the log: what each kind says, and its canonical bytes. An entry is one line of JSON (RFC 8259) with
// sorted keys and no spaces; optional members that are unset are absent. audit/README.md lists the members of each kind.
// Every AppendJson appends to *out, never throws but for want of memory, and takes any bytes in text.
namespace weir::audit {

inline constexpr std::size_t kMaxEntryBytes = 65'535;    // tlog-tiles: a bundle's length prefix has 16 bits
inline constexpr std::size_t kMaxOutcomeBytes = 400;     // holds for every Outcome whose indices are below 10^12
inline constexpr std::size_t kMaxIntentRecords = 512;    // of one part
inline constexpr std::size_t kMaxOutcomeSubjects = 2;
inline constexpr std::size_t kMaxCodeBytes = 20;         // longer codes are cut

// Keyed tag of a record or a subject, and commitment to an id of the destination: 22 characters of base64url.
using Tag = std::array<std::byte, 16>;
// Salted commitment to the outgoing bytes of a record: 32 characters of base64url.
using Commitment = std::array<std::byte, 24>;

enum class Op : std::uint8_t { kUpsert, kInsert, kUpdate, kAppend, kDelete, kBlank, kSuppress };
std::string_view Name(Op op);  // upsert insert update append delete blank suppress

// What became of one record of one intent. kAccepted alone is not terminal: the destination took a job whose result is
// not known yet; a later outcome resolves it.
enum class OutcomeResult : std::uint8_t { kDelivered, kRejected, kAlreadySo, kAccepted, kUnknown };
std::string_view Name(OutcomeResult result);  // delivered rejected already_so accepted unknown

struct RunStart {
  std::string run;   // unique text, for example a UUID
  std::string sync;
  std::string actor;
  std::string version;  // of the program
  std::string mode;     // sync | dry_run | baseline
  std::optional<std::string> plan_digest;
  Time time;
  void AppendJson(std::string* out) const;
};

struct PlanColumn {
  std::string column;
  std::string field;      // at the destination
  std::string transform;
  std::vector<std::string> rules;
  std::vector<std::string> classes;
};

// Once per run and plan; outcomes refer to it by index. The caller refuses a plan whose JSON exceeds kMaxEntryBytes.
struct Plan {
  std::uint64_t run = 0;  // index of the run_start, here and below
  std::string sync;
  std::string model;
  std::string destination;
  std::string object;
  std::string purpose;
  std::string mode;  // upsert | insert | mirror | append
  std::string plan_digest;  // hexadecimal, like the other digests
  std::string effect_digest;
  std::string policy_digest;
  std::string manifest_digest;
  std::vector<PlanColumn> columns;
  Time time;
  void AppendJson(std::string* out) const;
};

struct GateReason {
  std::string code;
  std::string text;
};

struct Gate {
  std::uint64_t run = 0;
  bool open = false;  // verdict: open | held
  std::vector<GateReason> reasons;
  Time time;
  void AppendJson(std::string* out) const;
};

struct Evidence {
  std::uint64_t run = 0;
  std::string invocation_id;
  std::string which;  // the dbt command
  std::string digest;
  std::map<std::string, std::uint64_t> tests;  // passed, failed, ...: how many
  Time time;
  void AppendJson(std::string* out) const;
};

// One request to a destination, or a part of one: durable before the request's first byte leaves.
struct Intent {
  std::uint64_t run = 0;
  std::uint64_t plan = 0;  // index of the plan
  std::string request;     // id of the request, the same in all its parts
  std::uint32_t part = 0;  // from 0
  std::uint32_t parts = 1;
  Op op = Op::kUpsert;
  std::uint32_t attempt = 1;
  std::optional<std::uint64_t> retry_of;   // index of the intent that this one repeats
  std::span<const Tag> records;            // at most kMaxIntentRecords; the caller keeps them
  std::span<const Commitment> commits;     // one a record, or none
  Time time;
  void AppendJson(std::string* out) const;
};

struct Outcome {
  std::uint64_t run = 0;
  std::uint64_t plan = 0;
  std::uint64_t intent = 0;  // index of the intent, an earlier entry
  std::uint32_t pos = 0;     // of the record in that intent, from 0
  Tag record{};
  std::span<const Tag> subjects;  // at most kMaxOutcomeSubjects, the rest is not written; the caller keeps them
  Op op = Op::kUpsert;
  OutcomeResult result = OutcomeResult::kUnknown;
  std::string_view code;  // machine code such as http_503; empty: none; the caller keeps it
  std::uint32_t status = 0;  // HTTP status; 0: none; written up to 999
  std::uint32_t attempt = 1;  // written up to 999
  Commitment commit{};
  std::optional<Tag> id_commit;
  Time time;
  void AppendJson(std::string* out) const;
};

// A first run that records the present rows without sending them.
struct Baseline {
  std::uint64_t run = 0;
  std::uint64_t plan = 0;
  std::uint64_t records = 0;  // how many
  Time time;
  void AppendJson(std::string* out) const;
};

struct RunEnd {
  std::uint64_t run = 0;
  std::map<std::string, std::uint64_t> counts;  // read, unchanged, created, updated, deleted, withheld, refused, ...
  std::string result;
  Time time;
  void AppendJson(std::string* out) const;
};

// A guard held the run, which waits for persons; or it goes on because they signed. `used` is durable before the first
// intent of the run that acts on it, and a document is used once in a log.
struct Approval {
  bool used = false;  // action: used | waiting
  std::uint64_t run = 0;
  std::string plan_digest;
  std::optional<std::uint64_t> deletes, changes, rows;  // of the guards that held: what there was
  // Used only.
  std::string document;                 // SHA-256 of what was signed, hexadecimal
  std::vector<std::string> principals;  // who signed
  std::string requested_by;
  std::string reason;
  Time time;
  void AppendJson(std::string* out) const;
};

// The gate held, and persons lifted its reasons for this run. Durable and used once, as above.
struct Override {
  std::uint64_t run = 0;
  std::string plan_digest;
  std::vector<std::string> lifted;  // codes of the gate's reasons
  std::string document;
  std::vector<std::string> principals;
  std::string requested_by;
  std::string reason;
  Time time;
  void AppendJson(std::string* out) const;
};

// A torn tail was cut when the log was opened after a crash. Written by Log::Open.
struct Recovery {
  std::uint64_t cut_bytes = 0;
  std::uint64_t segment = 0;  // first frame number of the segment that was cut
  std::uint64_t frame = 0;    // number of the first frame that was cut; the recovery entry takes it
  Time time;
  void AppendJson(std::string* out) const;
};

struct Key {
  std::string action;  // created | rotated | destroyed
  std::string key_id;
  std::string purpose;
  Time time;
  void AppendJson(std::string* out) const;
};

// `value.ToJson()` for kinds off the hot path.
template <typename EntryKind>
std::string ToJson(const EntryKind& entry) {
  std::string out;
  entry.AppendJson(&out);
  return out;
}

// Any entry, for reading: its kind and its members. Kinds that this program does not know parse as well.
struct Entry {
  std::string kind;
  JsonValue value;  // the whole object
};

// nullopt: not a canonical JSON object with a text member `kind`.
std::optional<Entry> ParseEntry(std::string_view json);

bool DecodeTag(std::string_view text, Tag* tag);

}  // namespace weir::audit
