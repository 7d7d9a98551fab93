// weir-duckdb LIBRARY [FOLDER]: DuckDB with an empty database and no rights; queries on standard input, answers on
// standard output (query_frames.h). Started by LockedDuckdb; of no use by hand.
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "manifest/duckdb_api.h"
#include "manifest/duckdb_stream.h"
#include "manifest/locked_duckdb.h"
#include "manifest/process_limits.h"
#include "manifest/query_frames.h"

namespace weir::manifest {
namespace {

constexpr std::size_t kMemoryBytes = std::size_t{2} << 30;  // address space; DuckDB itself is held to less
constexpr std::size_t kCpuSeconds = 300;                    // of the process's whole life

bool ReadAll(void* bytes, std::size_t size) {
  char* out = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t count = ::read(STDIN_FILENO, out, size);
    if (count == 0) return false;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    out += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

// A buffer before standard output. Nobody reads any more: the process ends.
class Output {
 public:
  void Byte(std::uint8_t byte) { Bytes(&byte, 1); }
  void Number(std::uint32_t number) { Bytes(&number, 4); }
  void Text(std::string_view text) {
    Number(static_cast<std::uint32_t>(text.size()));
    Bytes(text.data(), text.size());
  }
  void Flush() {
    for (std::size_t done = 0; done < held_.size();) {
      const ssize_t count = ::write(STDOUT_FILENO, held_.data() + done, held_.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) ::_exit(1);
      done += static_cast<std::size_t>(count);
    }
    held_.clear();
  }

 private:
  void Bytes(const void* bytes, std::size_t size) {
    held_.append(static_cast<const char*>(bytes), size);
    if (held_.size() > 65'536) Flush();
  }
  std::string held_;
};

struct Database {
  DuckdbDatabase* database = nullptr;
  DuckdbConnection* connection = nullptr;
};

std::string Open(const DuckdbApi& api, const std::string& folder, Database* out) {
  DuckdbConfig* config = nullptr;
  if (api.create_config(&config) != kDuckdbSuccess) return "DuckDB cannot make a configuration";
  std::vector<std::pair<const char*, std::string>> settings = {
      {"temp_directory", ""},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"memory_limit", "512MB"},
      {"threads", "1"},
  };
  for (const auto& [name, value] : settings) {
    if (api.set_config(config, name, value.c_str()) == kDuckdbSuccess) continue;
    api.destroy_config(&config);
    return std::string("DuckDB ") + api.library_version() + " does not know the setting `" + name + "`; use version 1.5";
  }
  char* error = nullptr;
  const DuckdbState state = api.open_ext(":memory:", &out->database, config, &error);
  api.destroy_config(&config);
  if (state != kDuckdbSuccess) return std::string("DuckDB does not open: ") + (error == nullptr ? "" : error);
  if (api.connect(out->database, &out->connection) != kDuckdbSuccess) return "DuckDB does not connect";
  std::vector<std::string> commands;
  if (!folder.empty()) {
    const std::optional<std::string> literal = SqlLiteral(folder.ends_with("/") ? folder : folder + "/");
    if (!literal) return "the folder's name holds a zero byte";
    commands.push_back("SET allowed_directories = [" + *literal + "]");
  }
  commands.push_back("SET enable_external_access = false");
  commands.push_back("SET lock_configuration = true");
  for (const std::string& command : commands) {
    const DuckdbStream done(api, out->connection, command);
    if (done.failed()) return "DuckDB " + std::string(api.library_version()) + " cannot be locked: " + done.error();
  }
  return {};
}

void Answer(const DuckdbApi& api, DuckdbConnection* connection, const std::string& sql, std::size_t columns_at_most,
            Output* output) {
  DuckdbStream stream(api, connection, sql);
  if (stream.failed()) {
    output->Byte(kQueryRefused);
    output->Text(stream.error());
    return;
  }
  const std::size_t columns = stream.columns();
  if (columns > columns_at_most) {
    output->Byte(kQueryRefused);
    output->Text("too many columns");
    return;
  }
  output->Byte(kQueryRows);
  while (stream.Advance() != nullptr) {
    for (std::size_t row = 0; row < stream.rows(); ++row) {
      output->Byte(kQueryRow);
      output->Number(static_cast<std::uint32_t>(columns));
      for (std::size_t column = 0; column < columns; ++column) {
        const DuckdbStream::Cells cells = stream.Column(column);
        if (cells.IsNull(row)) {
          output->Number(kNullCell);
        } else {
          output->Text(cells.Text(row));
        }
      }
    }
  }
  // Rows that broke off are no answer: what was sent of them ends here, and the process with it.
  if (stream.failed()) {
    output->Flush();
    ::_exit(1);
  }
  output->Byte(kQueryEnd);
}

int Run(int argc, char** argv) {
  Output output;
  const auto unavailable = [&output](const std::string& why) {
    output.Byte(kQueryUnavailable);
    output.Text(why);
    output.Flush();
    return 1;
  };
  if (argc < 2 || argc > 3) return unavailable("weir-duckdb is started by weir");
  const std::string folder = argc == 3 ? argv[2] : "";
  if (std::string problem = LimitResources(kMemoryBytes, kCpuSeconds); !problem.empty()) return unavailable(problem);
  std::string problem;
  const DuckdbApi* api = LoadDuckdb(argv[1], &problem);
  if (api == nullptr) return unavailable(problem);
  Database database;
  problem = Open(*api, folder, &database);
  if (problem.empty()) problem = ForbidSystemCalls(!folder.empty());
  if (!problem.empty()) return unavailable(problem);
  output.Byte(kQueryReady);
  output.Text("");
  output.Flush();
  std::string sql;
  for (std::uint32_t length = 0; ReadAll(&length, 4);) {
    if (length > LockedDuckdb::kMaxQueryBytes) return 1;
    sql.resize(length);
    if (!ReadAll(sql.data(), length)) return 1;
    Answer(*api, database.connection, sql, 64, &output);
    output.Flush();
  }
  return 0;
}

}  // namespace
}  // namespace weir::manifest

int main(int argc, char** argv) { return weir::manifest::Run(argc, argv); }
