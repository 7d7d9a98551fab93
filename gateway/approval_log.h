#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::gateway {

// What a sync's log says of approvals. Reads beside a running writer. Throws audit::LogError.

// The last run, when it ended waiting for an approval or held by the gate, and nothing came after it.
struct HeldRun {
  std::uint64_t run = 0;  // index of its run_start
  std::string actor;
  std::string plan_digest;
  std::string result;     // waiting | held
  std::optional<std::uint64_t> deletes, changes, rows;  // of the guards that hold
  struct GateReason {
    std::string code, text;
  };
  std::vector<GateReason> gate;  // all that a held gate said
};
std::optional<HeldRun> FindHeldRun(const std::string& log_folder);

// Who started the run that begins at `run`, when it was one of that plan; nullopt: there is no such run.
std::optional<std::string> ActorOf(const std::string& log_folder, std::uint64_t run, const std::string& plan_digest);

// The entry that used the document, looked for from entry `from` on; nullopt: none did.
std::optional<std::uint64_t> FindUse(const std::string& log_folder, std::uint64_t from, const std::string& document_digest);

}  // namespace weir::gateway
