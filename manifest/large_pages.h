#pragma once

#include <cstddef>

namespace weir::manifest {

// Asks Linux to back fresh memory of many megabytes by large pages: to be given 4 kB pages one by one costs a reader
// more than to fill them. Advice; nothing depends on it. Does nothing to small memory.
void AskForLargePages(void* begin, std::size_t size);

}  // namespace weir::manifest
