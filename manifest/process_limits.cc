#include "manifest/process_limits.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WEIR_SANITIZED 1
#endif
#endif

namespace weir::manifest {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the filter of system calls knows x86-64 and arm64"
#endif

constexpr std::uint32_t kErrno = SECCOMP_RET_ERRNO | EPERM;

// What memory management, C++'s threads and reading of open descriptors need.
constexpr int kAllowed[] = {
    SYS_read,          SYS_write,         SYS_close,           SYS_fstat,          SYS_lseek,       SYS_pread64,
    SYS_readv,         SYS_writev,        SYS_mmap,            SYS_mprotect,       SYS_munmap,      SYS_mremap,
    SYS_madvise,       SYS_brk,           SYS_rt_sigaction,    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,
    SYS_futex,         SYS_sched_yield,   SYS_nanosleep,       SYS_clock_nanosleep, SYS_clock_gettime,
    SYS_clock_getres,  SYS_gettimeofday,  SYS_getrandom,       SYS_getpid,         SYS_gettid,      SYS_exit,
    SYS_exit_group,    SYS_restart_syscall, SYS_set_robust_list, SYS_sched_getaffinity, SYS_sysinfo, SYS_getrusage,
    SYS_newfstatat,    SYS_statx,         SYS_faccessat,       SYS_readlinkat,     SYS_getcwd,      SYS_set_tid_address,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_access
    SYS_access,        SYS_stat,          SYS_lstat,           SYS_readlink,
#endif
};

sock_filter Load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter Return(std::uint32_t verdict) { return BPF_STMT(BPF_RET | BPF_K, verdict); }
// Skips `otherwise` instructions when the loaded number is another one.
sock_filter IfEqual(std::uint32_t value, std::uint8_t otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise);
}

// The low half of an argument of the call.
constexpr std::size_t Argument(std::size_t index) { return offsetof(seccomp_data, args) + 8 * index; }

std::vector<sock_filter> Filter(bool may_open_files) {
  std::vector<sock_filter> filter = {
      Load(offsetof(seccomp_data, arch)),
      IfEqual(kArchitecture, 1),
      BPF_STMT(BPF_JMP | BPF_JA, 1),
      Return(SECCOMP_RET_KILL_PROCESS),
      Load(offsetof(seccomp_data, nr)),
  };
  for (const int number : kAllowed) {
    filter.push_back(IfEqual(static_cast<std::uint32_t>(number), 1));
    filter.push_back(Return(SECCOMP_RET_ALLOW));
  }
  // glibc makes threads by clone when there is no clone3, whose flags a filter cannot see.
  filter.push_back(IfEqual(SYS_clone3, 1));
  filter.push_back(Return(SECCOMP_RET_ERRNO | ENOSYS));
  filter.push_back(IfEqual(SYS_clone, 4));
  filter.push_back(Load(Argument(0)));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
  filter.push_back(Return(SECCOMP_RET_ALLOW));
  filter.push_back(Return(kErrno));
  // fcntl without duplicating to somebody: flags and advisory locks of its own descriptors.
  filter.push_back(IfEqual(SYS_fcntl, 1));
  filter.push_back(Return(SECCOMP_RET_ALLOW));
  if (may_open_files) {
    filter.push_back(IfEqual(SYS_getdents64, 1));
    filter.push_back(Return(SECCOMP_RET_ALLOW));
    constexpr std::uint32_t kWrites = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    filter.push_back(IfEqual(SYS_openat, 4));
    filter.push_back(Load(Argument(2)));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kWrites, 1, 0));
    filter.push_back(Return(SECCOMP_RET_ALLOW));
    filter.push_back(Return(kErrno));
  }
  filter.push_back(Return(kErrno));
  return filter;
}

std::string Problem(const char* what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

bool Limit(__rlimit_resource resource, std::size_t value) {
  const rlimit limit = {value, value};
  return ::setrlimit(resource, &limit) == 0;
}

}  // namespace

std::string LimitResources(std::size_t memory_bytes, std::size_t cpu_seconds) {
  if (!Limit(RLIMIT_CORE, 0) || !Limit(RLIMIT_FSIZE, 0) || !Limit(RLIMIT_NOFILE, 64) ||
      !Limit(RLIMIT_CPU, cpu_seconds)) {
    return Problem("cannot limit resources");
  }
#ifndef WEIR_SANITIZED
  if (!Limit(RLIMIT_AS, memory_bytes)) return Problem("cannot limit memory");
#else
  static_cast<void>(memory_bytes);
#endif
  return {};
}

std::string ForbidSystemCalls(bool may_open_files) {
  std::vector<sock_filter> filter = Filter(may_open_files);
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_DUMPABLE, 0) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return Problem("cannot filter system calls");
  }
  return {};
}

}  // namespace weir::manifest
