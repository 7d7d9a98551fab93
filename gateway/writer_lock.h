#pragma once

#include <string>

#include "gateway/file_descriptor.h"

namespace weir::gateway {

// One writer a folder: an exclusive lock on `<folder>/lock`, which the system gives back however the process ends. The
// file holds the number of the process, for the message of whoever comes second.
class WriterLock {
 public:
  // Throws StateBusyError W-STATE-002 when somebody holds it, audit::FileError.
  explicit WriterLock(const std::string& folder);

 private:
  FileDescriptor file_;
};

}  // namespace weir::gateway
