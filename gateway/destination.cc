#include "gateway/destination.h"

#include "gateway/config.h"
#include "gateway/file_destination.h"
#include "gateway/http_destination.h"

namespace weir::gateway {

std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kUpsert: return "upsert";
    case Operation::kInsert: return "insert";
    case Operation::kUpdate: return "update";
    case Operation::kDelete: return "delete";
    case Operation::kBlank: return "blank";
    case Operation::kSuppress: return "suppress";
  }
  return "unknown";
}

std::string_view Name(Result result) {
  switch (result) {
    case Result::kDelivered: return "delivered";
    case Result::kRejected: return "rejected";
    case Result::kAlreadySo: return "already_so";
    case Result::kAccepted: return "accepted";
    case Result::kUnknown: return "unknown";
    case Result::kNotSent: return "not_sent";
    case Result::kDeferred: return "deferred";
  }
  return "unknown";
}

std::unique_ptr<Destination> MakeDestination(const DestinationConfig& config) {
  if (config.kind == "file") return std::make_unique<FileDestination>(config, audit::RealFileSystem());
  if (config.kind == "http") return std::make_unique<HttpDestination>(config);
  throw DestinationError("W-DST-001", "destination `" + config.name + "`: kind `" + config.kind +
                                          "` is not known; there are `file` and `http`");
}

}  // namespace weir::gateway
