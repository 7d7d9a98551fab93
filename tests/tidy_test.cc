// The house rules that a program can check, over every source file of the tree. Each rule lists all that break it, as
// `path:line: what`, so that one run tells everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLines = 500;

// From the ground up: a folder includes itself and those before it.
const std::vector<std::string> kFloors = {"audit", "manifest", "policies", "gateway"};

// Where exceptions may be caught: adapters over throwing libraries, the runners of one sync, entry points. Whoever adds a
// file here says in the file what is caught and what becomes of it.
const std::set<std::string> kBoundaries = {
    "audit/log.cc",               // the disk: whatever fails, the log is closed for good
    "audit/tree_writer.cc",       // a thread: what it fails with comes out of the next call
    "audit/log_reader.cc",        // the disk: as LogError
    "audit/proof.cc",             // the disk: as LogError
    "audit/verify.cc",            // the disk: as a problem of the report
    "audit/weir_verify_main.cc",  // entry point: exit status
    "gateway/command_line.cc",    // entry point: exit status
    "gateway/evidence_wait.cc",   // a half-written artifact: looked at again
    "gateway/file_destination.cc",  // the disk: as outcomes of rows
    "gateway/forecast.cc",          // no state is no reason not to plan
    "gateway/postgres_source.cc",   // its reader thread: carried over to who asks for rows
    "gateway/outgoing_rows.cc",     // its thread: carried over to the scan
    "gateway/request_preparer.cc",  // its thread: carried over to who waits
    "gateway/submitter.cc",         // its thread: carried over to who waits
    "gateway/commands/init.cc",   // no warehouse is no reason not to propose anything
    "gateway/operator_log.cc",    // spdlog
    "gateway/published_log.cc",   // sealed bytes: as nothing; the disk: as LogError
    "gateway/run_sync.cc",        // runner of one sync: status of its report
    "gateway/side_file.cc",       // sealed bytes: as StateError
    "gateway/state_frames.cc",    // sealed bytes: as StateError
    "gateway/sync_state.cc",      // the disk: as StateError
    "manifest/column_lineage.cc", // a parser's answer about strangers' SQL: as unproven
    "manifest/yaml_document.cc",  // yaml-cpp
};

// Heavy headers, and the only files that may include them.
const std::map<std::string, std::set<std::string>> kAdapters = {
    {"yaml-cpp/", {"manifest/yaml_document.cc"}},
    {"simdjson", {"manifest/json_index.cc", "tests/bench/manifest_bench.cc"}},
    {"spdlog/", {"gateway/operator_log.cc"}},
    {"re2/", {"policies/pattern.cc"}},
    {"pqxx/", {"gateway/postgres_source.cc", "tests/gateway/postgres_server.cc"}},
    {"libpq-fe.h", {"gateway/postgres_options.cc"}},
    {"httplib.h", {"gateway/http_destination.cc"}},
};

// System headers that a header may need; everything else outside the C++ standard library belongs into a .cc file.
const std::set<std::string> kHeadersInHeaders = {"sys/types.h", "unistd.h"};

struct SourceFile {
  std::string path;  // from the root
  std::vector<std::string> lines;
  bool IsHeader() const { return path.ends_with(".h"); }
  std::string Folder() const { return path.substr(0, path.find('/')); }
};

std::vector<std::string> ReadLines(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Every file below the six folders with one of these endings, sorted.
std::vector<SourceFile> Files(const std::vector<std::string>& endings) {
  const fs::path root = WEIR_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const char* folder : {"audit", "manifest", "policies", "gateway", "tests", "examples"}) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string path = entry.path().lexically_relative(root).generic_string();
      const bool wanted = std::any_of(endings.begin(), endings.end(),
                                      [&path](const std::string& ending) { return path.ends_with(ending); });
      if (entry.is_regular_file() && wanted) files.push_back({path, ReadLines(entry.path())});
    }
  }
  std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

const std::vector<SourceFile>& Sources() {
  static const std::vector<SourceFile> files = Files({".h", ".cc"});
  return files;
}

struct Include {
  std::size_t line = 0;
  bool quoted = false;
  std::string path;
};

std::vector<Include> IncludesOf(const SourceFile& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<Include> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::smatch match;
    if (std::regex_search(file.lines[i], match, kInclude)) includes.push_back({i + 1, match[1] == "\"", match[2]});
  }
  return includes;
}

// Collects what breaks a rule; the destructor of the test's scope prints it all.
class Findings {
 public:
  void Add(const SourceFile& file, std::size_t line, const std::string& what) {
    out_ << file.path << ':' << line << ": " << what << '\n';
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

std::size_t FloorOf(const std::string& folder) {
  return static_cast<std::size_t>(std::find(kFloors.begin(), kFloors.end(), folder) - kFloors.begin());
}

// The floor that a file may include up to; tests of a floor see what the floor sees, the tree's own tests see all.
std::size_t HighestFloor(const SourceFile& file) {
  const std::string folder = file.Folder();
  if (folder != "tests") return FloorOf(folder);
  const std::string rest = file.path.substr(folder.size() + 1);
  const std::size_t floor = FloorOf(rest.substr(0, rest.find('/')));
  return std::min(floor, kFloors.size() - 1);
}

TEST(Tidy, FindsTheSources) {
  EXPECT_GT(Sources().size(), 100u) << "nothing is checked when nothing is found";
}

TEST(Tidy, FoldersIncludeOnlyFoldersBelow) {
  Findings findings;
  for (const SourceFile& file : Sources()) {
    for (const Include& include : IncludesOf(file)) {
      if (!include.quoted) continue;
      std::string folder = include.path.substr(0, include.path.find('/'));
      if (folder == "tests") {
        if (file.Folder() != "tests") findings.Add(file, include.line, "includes a test");
        continue;
      }
      const std::size_t floor = FloorOf(folder);
      if (floor == kFloors.size() || include.path.find('/') == std::string::npos) {
        findings.Add(file, include.line, "`" + include.path + "` is not written from the root");
      } else if (floor > HighestFloor(file)) {
        findings.Add(file, include.line, "includes `" + include.path + "`, which lies above");
      }
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, OwnHeaderComesFirst) {
  Findings findings;
  std::set<std::string> headers;
  for (const SourceFile& file : Sources()) {
    if (file.IsHeader()) headers.insert(file.path);
  }
  for (const SourceFile& file : Sources()) {
    if (file.IsHeader()) continue;
    const std::string own = file.path.substr(0, file.path.size() - 3) + ".h";
    if (!headers.contains(own)) continue;
    const std::vector<Include> includes = IncludesOf(file);
    if (includes.empty() || includes.front().path != own) findings.Add(file, 1, "does not include `" + own + "` first");
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, HeadersAreGuarded) {
  Findings findings;
  for (const SourceFile& file : Sources()) {
    if (!file.IsHeader()) continue;
    if (std::find(file.lines.begin(), file.lines.end(), "#pragma once") == file.lines.end()) {
      findings.Add(file, 1, "has no `#pragma once`");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, ThirdPartyHeadersStayInSources) {
  Findings findings;
  for (const SourceFile& file : Sources()) {
    if (!file.IsHeader() || file.Folder() == "tests") continue;
    for (const Include& include : IncludesOf(file)) {
      const bool standard = include.path.find_first_of("./") == std::string::npos;
      if (include.quoted || standard || kHeadersInHeaders.contains(include.path)) continue;
      findings.Add(file, include.line, "`<" + include.path + ">` belongs into a .cc file");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, HeavyHeadersHaveOneAdapter) {
  Findings findings;
  for (const SourceFile& file : Sources()) {
    for (const Include& include : IncludesOf(file)) {
      for (const auto& [prefix, adapters] : kAdapters) {
        if (include.quoted || !include.path.starts_with(prefix) || adapters.contains(file.path)) continue;
        findings.Add(file, include.line, "`<" + include.path + ">` is included by its adapter alone, " + *adapters.begin());
      }
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, NamesSayWhatIsInside) {
  static const std::set<std::string> kBanned = {"util",   "utils",  "utility", "utilities", "helper",  "helpers",
                                                "common", "misc",   "manager", "managers",  "stuff",   "base"};
  Findings findings;
  for (const SourceFile& file : Files({".h", ".cc", ".py", ".sh"})) {
    static const std::regex kSeparator("[/_.-]");
    for (std::sregex_token_iterator word(file.path.begin(), file.path.end(), kSeparator, -1), end; word != end; ++word) {
      if (kBanned.contains(word->str())) findings.Add(file, 1, "`" + word->str() + "` says nothing; name the concept");
    }
    static const std::regex kCamelOrDash("[A-Z]|-");
    const std::string name = fs::path(file.path).filename().string();
    if ((name.ends_with(".h") || name.ends_with(".cc")) && std::regex_search(name, kCamelOrDash)) {
      findings.Add(file, 1, "files are named in snake_case");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, FilesAreSmall) {
  Findings findings;
  for (const SourceFile& file : Sources()) {
    if (file.lines.size() > kMaxLines) {
      findings.Add(file, kMaxLines, std::to_string(file.lines.size()) + " lines; split it by concept");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, ExceptionsAreCaughtAtBoundaries) {
  static const std::regex kCatch(R"(\bcatch\s*\()");
  Findings findings;
  for (const SourceFile& file : Sources()) {
    if (file.Folder() == "tests" || kBoundaries.contains(file.path)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = file.lines[i].substr(0, file.lines[i].find("//"));
      if (std::regex_search(code, kCatch)) findings.Add(file, i + 1, "catches; only boundaries do (tests/tidy_test.cc)");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, NoUsingNamespace) {
  static const std::regex kUsing(R"(^\s*using\s+namespace\s+(?!std::))");
  Findings findings;
  for (const SourceFile& file : Sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (std::regex_search(file.lines[i], kUsing)) findings.Add(file, i + 1, "has `using namespace`");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, NoMachineIsNamed) {
  static const std::regex kPath(R"re((^|["'\s=(:])/(root|home|work|Users)/[a-z])re");
  Findings findings;
  for (const SourceFile& file : Files({".h", ".cc", ".py", ".sh", ".md", ".yml", ".txt", ".json", ".sql"})) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      // Artifacts of dbt are one line of megabytes: the place in the line is what helps.
      std::smatch match;
      if (file.lines[i].find("/root/") == std::string::npos && file.lines[i].find("/home/") == std::string::npos &&
          file.lines[i].find("/work/") == std::string::npos && file.lines[i].find("/Users/") == std::string::npos) {
        continue;
      }
      std::string line = file.lines[i];
      if (line.size() > 20'000) line = line.substr(line.find("/work/") == std::string::npos ? 0 : line.find("/work/") - 1, 200);
      if (std::regex_search(line, match, kPath)) {
        findings.Add(file, i + 1, "names a path of one machine: `" + match.str() + "…`");
      }
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

TEST(Tidy, LinesEndCleanly) {
  Findings findings;
  for (const SourceFile& file : Sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      if (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) findings.Add(file, i + 1, "ends in blanks");
      if (line.find('\t') != std::string::npos && !line.ends_with('\t')) findings.Add(file, i + 1, "holds a tab");
    }
  }
  EXPECT_TRUE(findings.text().empty()) << findings.text();
}

}  // namespace
