#include "gateway/run_sync.h"

namespace weir::gateway {

int ExitStatus(RunStatus status) {
  switch (status) {
    case RunStatus::kDone: return 0;
    case RunStatus::kRowsRefused: return 1;
    case RunStatus::kConfig: return 2;
    case RunStatus::kUnreadable: return 3;
    case RunStatus::kHeld: return 4;
    case RunStatus::kWaiting: return 5;
    case RunStatus::kInDoubt: return 6;
    case RunStatus::kInterrupted: return 130;
  }
  return 6;
}

std::string_view Name(RunStatus status) {
  switch (status) {
    case RunStatus::kDone: return "done";
    case RunStatus::kRowsRefused: return "rows_refused";
    case RunStatus::kConfig: return "not_allowed";
    case RunStatus::kUnreadable: return "unreadable";
    case RunStatus::kHeld: return "held";
    case RunStatus::kWaiting: return "waiting";
    case RunStatus::kInDoubt: return "in_doubt";
    case RunStatus::kInterrupted: return "interrupted";
  }
  return "in_doubt";
}

}  // namespace weir::gateway
