#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/digest.h"
#include "audit/json.h"
#include "audit/log.h"
#include "audit/proof.h"
#include "audit/verify.h"

namespace weir::audit {
namespace {

constexpr std::string_view kHelp = R"help(weir-verify: check a Weir audit log without trusting who wrote it

usage:
  weir-verify DIR --key VKEY [--checkpoint FILE] [--format text|json]
  weir-verify --proof FILE --entry FILE --key VKEY

  DIR                log directory: checkpoint, tile/ and, where the writer left them, segments/
  --key VKEY         the log's verifier key, name+hash+base64, as `weir audit key` prints it; get it from somebody
                     other than the one whose log you check, or at least at another time
  --checkpoint FILE  a checkpoint of this log that you kept: the log must extend it, else it was rolled back or forked
  --format json      the report as one JSON object
  --proof FILE       a .tlog-proof (`weir audit prove N`), checked against the exact bytes of one entry, without the log
  --entry FILE       those bytes, without a newline at the end (one is taken off)

what is checked:
  the checkpoint's Ed25519 signature; the whole Merkle tree (RFC 6962), recomputed from the entries; every tile; that
  the segments are whole and hold the same entries; that every outcome belongs to an earlier intent, and that no record
  of an intent has two.
what it cannot know:
  whether the writer left something out, or keeps a second log: for this, compare checkpoints with other holders and
  keep one yourself. Deliveries without outcome are listed as `delivery unknown`: that is honest, not an error.

exit status: 0 sound; 1 problems found; 2 wrong usage; 3 the log cannot be read
example:
  weir-verify build/quickstart/log/crm_contacts --key "$(weir audit key crm_contacts)"
)help";

enum Exit { kSound = 0, kProblems = 1, kUsage = 2, kUnreadable = 3 };

struct Arguments {
  std::string directory;
  std::string key;
  std::string checkpoint;
  std::string proof;
  std::string entry;
  std::string format = "text";
  bool help = false;
};

// nullopt: *error says what is wrong.
std::optional<Arguments> ParseArguments(const std::vector<std::string>& words, std::string* error) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    std::string* value = word == "--key"          ? &arguments.key
                         : word == "--checkpoint" ? &arguments.checkpoint
                         : word == "--proof"      ? &arguments.proof
                         : word == "--entry"      ? &arguments.entry
                         : word == "--format"     ? &arguments.format
                                                  : nullptr;
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (value != nullptr) {
      if (i + 1 == words.size()) {
        *error = "`" + word + "` needs a value";
        return std::nullopt;
      }
      *value = words[++i];
    } else if (word.starts_with("-") || !arguments.directory.empty()) {
      *error = "unknown argument `" + word + "`";
      return std::nullopt;
    } else {
      arguments.directory = word;
    }
  }
  const bool of_proof = !arguments.proof.empty();
  if (arguments.help) return arguments;
  if (arguments.key.empty()) *error = "`--key VKEY` is missing: without it nobody vouches for the log";
  if (arguments.format != "text" && arguments.format != "json") *error = "`--format` is text or json";
  if (of_proof != !arguments.entry.empty()) *error = "`--proof` and `--entry` go together";
  if (of_proof != arguments.directory.empty()) *error = "name a log's directory, or `--proof` and `--entry`";
  if (!error->empty()) return std::nullopt;
  return arguments;
}

std::string ReadFile(const std::string& path) {
  auto bytes = RealFileSystem().ReadAll(path, 1 << 24);
  if (!bytes) throw LogError("there is no file `" + path + "`");
  return *std::move(bytes);
}

void PrintText(const VerifyReport& report) {
  std::printf("%s  %s\n", report.good() ? "sound   " : "PROBLEMS", report.origin.c_str());
  std::printf("entries   %llu under the checkpoint, %llu after it\n", static_cast<unsigned long long>(report.size),
              static_cast<unsigned long long>(report.unpublished));
  std::printf("root      %s\n", Base64(report.root).c_str());
  std::printf("trust     %s\n", report.trust.c_str());
  std::printf("delivery  %llu intents, %llu outcomes\n", static_cast<unsigned long long>(report.intents),
              static_cast<unsigned long long>(report.outcomes));
  for (const auto& [run, count] : report.delivery_unknown) {
    std::printf("          delivery unknown of %llu records in the run that began with entry %llu\n",
                static_cast<unsigned long long>(count), static_cast<unsigned long long>(run));
  }
  for (const std::string& remark : report.remarks) std::printf("remark    %s\n", remark.c_str());
  for (const Problem& problem : report.problems) {
    std::printf("problem   %s: %s\n", problem.where.c_str(), problem.what.c_str());
  }
  if (report.problem_count > report.problems.size()) {
    std::printf("problem   and %llu more\n",
                static_cast<unsigned long long>(report.problem_count - report.problems.size()));
  }
}

void PrintJson(const VerifyReport& report) {
  std::string out = "{\"delivery_unknown\":{";
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ',';
    first = false;
  };
  for (const auto& [run, count] : report.delivery_unknown) {
    comma();
    out += "\"" + std::to_string(run) + "\":" + std::to_string(count);
  }
  out += "},\"good\":";
  out += report.good() ? "true" : "false";
  out += ",\"intents\":" + std::to_string(report.intents) + ",\"origin\":";
  AppendJsonString(report.origin, &out);
  out += ",\"outcomes\":" + std::to_string(report.outcomes) +
         ",\"problem_count\":" + std::to_string(report.problem_count) + ",\"problems\":[";
  first = true;
  for (const Problem& problem : report.problems) {
    comma();
    out += "{\"what\":";
    AppendJsonString(problem.what, &out);
    out += ",\"where\":";
    AppendJsonString(problem.where, &out);
    out += '}';
  }
  out += "],\"remarks\":[";
  first = true;
  for (const std::string& remark : report.remarks) {
    comma();
    AppendJsonString(remark, &out);
  }
  out += "],\"root\":\"" + Base64(report.root) + "\",\"size\":" + std::to_string(report.size) + ",\"trust\":";
  AppendJsonString(report.trust, &out);
  out += ",\"unpublished\":" + std::to_string(report.unpublished) + "}";
  std::printf("%s\n", out.c_str());
}

int RunProof(const Arguments& arguments, const NoteKey& key) {
  std::string entry = ReadFile(arguments.entry);
  if (entry.ends_with('\n')) entry.pop_back();
  std::string error;
  const bool good = VerifyProof(ReadFile(arguments.proof), entry, key, &error);
  if (arguments.format == "json") {
    std::string out = good ? "{\"good\":true}" : "{\"good\":false,\"problem\":";
    if (!good) {
      AppendJsonString(error, &out);
      out += '}';
    }
    std::printf("%s\n", out.c_str());
  } else {
    std::printf("%s\n", good ? "sound: the entry is in the log" : ("problem: " + error).c_str());
  }
  return good ? kSound : kProblems;
}

int RunMain(const std::vector<std::string>& words) {
  std::string error;
  const auto arguments = ParseArguments(words, &error);
  if (!arguments) {
    std::fprintf(stderr, "weir-verify: %s; see `weir-verify --help`\n", error.c_str());
    return kUsage;
  }
  if (arguments->help) {
    std::fputs(kHelp.data(), stdout);
    return kSound;
  }
  const auto key = NoteKey::Parse(arguments->key);
  if (!key) {
    std::fprintf(stderr, "weir-verify: `--key` is no Ed25519 verifier key (name+8 hexadecimal digits+base64)\n");
    return kUsage;
  }
  if (!arguments->proof.empty()) return RunProof(*arguments, *key);
  VerifyOptions options;
  if (!arguments->checkpoint.empty()) options.earlier_checkpoint = ReadFile(arguments->checkpoint);
  const VerifyReport report = Verify(RealFileSystem(), arguments->directory, *key, options);
  if (arguments->format == "json") {
    PrintJson(report);
  } else {
    PrintText(report);
  }
  return report.good() ? kSound : kProblems;
}

}  // namespace
}  // namespace weir::audit

int main(int count, char** words) {
  try {
    return weir::audit::RunMain({words + 1, words + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weir-verify: %s\n", error.what());
    return weir::audit::kUnreadable;
  }
}
