#pragma once

#include <string>

namespace weir::manifest {

// Takes from this process, for good, what a parser of strangers' files does not need. Linux on x86-64 and arm64. Both return
// what could not be done; empty: all of it. Not thread-safe: call them from the only thread.

// Core dumps, writing files, more than 64 descriptors, more than `memory_bytes` of address space, more than
// `cpu_seconds`. (A build with a sanitizer keeps its address space.)
std::string LimitResources(std::size_t memory_bytes, std::size_t cpu_seconds);

// seccomp: from here on only memory, time, threads of its own, its open descriptors and, with `may_open_files`, opening files
// for reading. Sockets, new processes, other programs, signals to others, writing files and everything unknown fail
// with EPERM. Threads that exist keep their rights.
std::string ForbidSystemCalls(bool may_open_files);

}  // namespace weir::manifest
