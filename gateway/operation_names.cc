#include "gateway/operation_names.h"

namespace weir::gateway {

audit::Op LogName(Operation operation) {
  switch (operation) {
    case Operation::kUpsert: return audit::Op::kUpsert;
    case Operation::kInsert: return audit::Op::kInsert;
    case Operation::kUpdate: return audit::Op::kUpdate;
    case Operation::kDelete: return audit::Op::kDelete;
    case Operation::kBlank: return audit::Op::kBlank;
    case Operation::kSuppress: return audit::Op::kSuppress;
  }
  return audit::Op::kUpsert;
}

audit::OutcomeResult LogName(Result result) {
  switch (result) {
    case Result::kDelivered: return audit::OutcomeResult::kDelivered;
    case Result::kRejected: return audit::OutcomeResult::kRejected;
    case Result::kAlreadySo: return audit::OutcomeResult::kAlreadySo;
    case Result::kAccepted: return audit::OutcomeResult::kAccepted;
    case Result::kUnknown: return audit::OutcomeResult::kUnknown;
    case Result::kNotSent:
    case Result::kDeferred: return audit::OutcomeResult::kRejected;
  }
  return audit::OutcomeResult::kUnknown;
}

}  // namespace weir::gateway
