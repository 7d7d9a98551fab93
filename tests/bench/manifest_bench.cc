// What tests/bench/manifest.py measures in processes of their own:
//   manifest_bench read|read_and_digest|dom FILE    for each line on the standard input reads FILE once, and prints the
//                                                   seconds it took, of processor time and on the clock
//   manifest_bench lineage FILE                     for each line traces the columns of FILE's project, and prints the seconds on
//                                                   the clock, the columns, and how many of them are proven
//   manifest_bench memory FILE                      reads FILE once, and prints by how many bytes the peak of the process's
//                                                   resident memory rose
#include <simdjson.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include "manifest/artifacts.h"
#include "manifest/column_lineage.h"

namespace {

void ReadWith(const std::string& path, bool digest) {
  weir::manifest::ReadOptions options;
  options.digest = digest;
  const weir::manifest::Project project = weir::manifest::ReadProject(path, options);
  if (project.nodes.empty()) throw std::runtime_error(path + ": no nodes were read");
}

// A parser that has read nothing before, as in a program that reads one file.
void ReadWithDom(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element whole;
  if (parser.load(path).get(whole) != simdjson::SUCCESS) throw std::runtime_error(path + ": not read by simdjson");
}

// The work is that of another process, weir-duckdb, which stands in the folder above.
void TraceAgainAndAgain(const std::string& path) {
  const weir::manifest::Project project = weir::manifest::ReadProject(path);
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = std::chrono::steady_clock::now();
    const auto lineage = weir::manifest::ProjectLineage::Trace(project, {});
    const weir::manifest::LineageCounts counts = lineage.Count(project);
    const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - begin;
    std::printf("%.9f %zu %zu\n", clock.count(), counts.of, counts.proven());
    std::fflush(stdout);
  }
}

// The program's own and what the system did for it, as long as it has one thread.
double ProcessorSeconds() {
  timespec spent = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

// Of this program, not of what started it, as getrusage has it.
long PeakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) * 1024;
  }
  throw std::runtime_error("/proc/self/status does not tell the peak of memory");
}

}  // namespace

int main(int count, char** arguments) {
  const std::map<std::string, std::function<void(const std::string&)>> subjects = {
      {"read", [](const std::string& path) { ReadWith(path, false); }},
      {"read_and_digest", [](const std::string& path) { ReadWith(path, true); }},
      {"dom", ReadWithDom}};
  const std::string subject = count == 3 ? arguments[1] : "";
  if (subject == "memory") {
    const long before = PeakBytes();
    ReadWith(arguments[2], false);
    std::printf("%ld\n", PeakBytes() - before);
    return 0;
  }
  if (subject == "lineage") {
    TraceAgainAndAgain(arguments[2]);
    return 0;
  }
  const auto found = subjects.find(subject);
  if (found == subjects.end()) {
    std::fprintf(stderr, "usage: manifest_bench read|read_and_digest|dom|lineage|memory FILE\n");
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = std::chrono::steady_clock::now();
    const double processor_begin = ProcessorSeconds();
    found->second(arguments[2]);
    const double processor = ProcessorSeconds() - processor_begin;
    const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - begin;
    std::printf("%.9f %.9f\n", processor, clock.count());
    std::fflush(stdout);
  }
  return 0;
}
