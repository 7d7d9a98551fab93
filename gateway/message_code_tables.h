#pragma once

#include <span>

#include "gateway/message_codes.h"

namespace weir::gateway {

// The explanations, by what a message is about; message_codes.h joins them.
std::span<const MessageCode> DocumentCodes();  // W-ART, W-YAML, W-CFG: artifacts, YAML, weir.yml
std::span<const MessageCode> PolicyCodes();    // W-POL, W-SYN, W-CHK: the policy folder, declared syncs, checks
std::span<const MessageCode> ImportCodes();    // W-IMP: other tools' rules
std::span<const MessageCode> RunCodes();       // W-PLAN, W-GATE, W-GUARD, W-SYNC, W-SRC, W-DST: what stops a run
std::span<const MessageCode> ProgramCodes();   // W-KEY, W-STATE, W-LOG, W-CLI, W-INIT: keys, files, command line

std::span<const MessageCode> ApprovalCodes();  // W-APR: who may sign, and why a signature does not count

}  // namespace weir::gateway
