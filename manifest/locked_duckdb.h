#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::manifest {

// DuckDB in a process of its own, for what strangers wrote: SQL of a pull request, Parquet files. The process is the
// program `weir-duckdb`, made by exec: no memory, no descriptor and no variable of this one, so no key. It has an empty
// database, limits on memory and time, and a filter of system calls without sockets, processes and writing
// (process_limits.h). Whatever it does, this process only reads bytes from a pipe, at most kMaxAnswerBytes.
// Not thread-safe.
class LockedDuckdb {
 public:
  static constexpr std::size_t kMaxQueryBytes = std::size_t{4} << 20;
  static constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20;
  static constexpr int kMaxStarts = 16;  // after that many deaths nobody tries again

  struct Options {
    std::string library;  // as LoadDuckdb's
    std::string program;  // weir-duckdb; empty: beside this program, or beside its folder
    std::string folder;   // the only folder whose files queries may read; empty: none
    std::chrono::milliseconds timeout{10'000};  // for one query
  };

  using Row = std::vector<std::optional<std::string>>;  // null: nullopt
  struct Answer {
    enum class Status : std::uint8_t {
      kRows,
      kRefused,      // DuckDB refused the query; problem: its message, which may quote the query
      kDied,         // the process crashed, ran out of memory or time, or said more than kMaxAnswerBytes
      kUnavailable,  // there is no library, no program, or no filter of system calls on this machine
    };
    Status status = Status::kUnavailable;
    std::vector<Row> rows;
    std::string problem;  // for a person; empty for kRows
  };

  explicit LockedDuckdb(Options options);  // starts nothing yet
  ~LockedDuckdb();
  LockedDuckdb(const LockedDuckdb&) = delete;
  LockedDuckdb& operator=(const LockedDuckdb&) = delete;

  // One statement whose columns are all VARCHAR. Never throws for what the process does. A process that died is started
  // again by the next query.
  Answer Query(const std::string& sql);

 private:
  class Process;

  Options options_;
  std::unique_ptr<Process> process_;
  int starts_ = 0;
  std::string unavailable_;  // why nothing was or will be started
};

// A string literal that DuckDB reads as `text`: nullopt for text with a zero byte, which no statement can hold.
std::optional<std::string> SqlLiteral(std::string_view text);

}  // namespace weir::manifest
