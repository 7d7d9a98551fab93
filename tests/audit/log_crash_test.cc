// Power losses and disk errors at every operation of a small log's life. For each of them:
//   acknowledged frames are there afterwards, unchanged and in order; the checkpoint never says more than what is
//   there; the recovered log extends every checkpoint that was ever returned; recovering twice is recovering once; and
//   the whole verifies.

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "audit/digest.h"
#include "audit/log.h"
#include "audit/log_reader.h"
#include "audit/verify.h"
#include "tests/audit/fault_file_system.h"
#include "tests/audit/test_clock.h"

namespace weir::audit {
namespace {

const LogIds kIds{"acme", "test", "crash"};
constexpr const char* kFolder = "/log";
constexpr std::uint64_t kSegmentBytes = 6000;  // so that a short life sees several segments

SecretKey Seed() { return SecretKey(Sha256(std::string_view("seed"))); }

struct Life {
  std::vector<std::string> acknowledged;  // frames, with the entries' and private frames' mark
  std::vector<std::string> attempted;     // appended since, not acknowledged
  std::string checkpoint;                 // the last that was returned
  std::string error;
};

std::unique_ptr<Log> OpenLog(FaultFileSystem& files, const TestClock& clock) {
  return Log::Open(files, clock, kFolder, kIds, Seed(), kSegmentBytes, TreeMode::kInline);
}

// Batches of entries and private frames; checkpoints by time and at the end; released now and then.
Life Live(FaultFileSystem& files, TestClock& clock, std::uint64_t seed, int batches) {
  Life life;
  std::mt19937_64 random(seed);
  try {
    auto log = OpenLog(files, clock);
    log->ForEachFrame(0, [&](const Log::Frame&) {});
    const auto acknowledge = [&] {
      life.acknowledged.insert(life.acknowledged.end(), life.attempted.begin(), life.attempted.end());
      life.attempted.clear();
      life.checkpoint = log->checkpoint();
    };
    for (int batch = 0; batch < batches; ++batch) {
      const std::size_t frames = 1 + random() % 40;
      for (std::size_t i = 0; i < frames; ++i) {
        const std::string id = std::to_string(seed) + "-" + std::to_string(batch) + "-" + std::to_string(i);
        if (random() % 4 == 0) {
          log->AppendPrivate("private " + id + std::string(random() % 100, 'p'));
          life.attempted.push_back("private " + id);
        } else {
          log->Append("{\"id\":\"" + id + "\",\"kind\":\"test\",\"text\":\"" + std::string(random() % 60, 'x') + "\"}");
          life.attempted.push_back("{\"id\":\"" + id + "\"");
        }
      }
      if (random() % 3 == 0) clock.Advance(std::chrono::seconds(1));
      log->Commit();
      acknowledge();
    }
    log->Publish();
    acknowledge();
  } catch (const LogError& error) {
    life.error = error.what();
  }
  return life;
}

void CheckAfter(FaultFileSystem& files, const TestClock& clock, const Life& life) {
  auto log = OpenLog(files, clock);
  std::vector<std::string> found;
  log->ForEachFrame(0, [&](const Log::Frame& frame) {
    const std::string bytes(frame.bytes);
    EXPECT_EQ(frame.number, found.size());
    EXPECT_EQ(frame.is_private, bytes.starts_with("private "));
    found.push_back(bytes);
  });
  ASSERT_EQ(found.size(), log->frame_count());
  ASSERT_GE(found.size(), life.acknowledged.size());
  for (std::size_t i = 0; i < life.acknowledged.size(); ++i) {
    ASSERT_TRUE(found[i].starts_with(life.acknowledged[i])) << found[i] << " is not " << life.acknowledged[i];
  }
  for (std::size_t i = life.acknowledged.size(); i < found.size(); ++i) {
    const std::size_t at = i - life.acknowledged.size();
    const bool is_attempt = at < life.attempted.size() && found[i].starts_with(life.attempted[at]);
    const bool is_recovery = i + 1 == found.size() && found[i].find("\"kind\":\"recovery\"") != std::string::npos;
    ASSERT_TRUE(is_attempt || is_recovery) << found[i];
  }
  const std::uint64_t frames = log->frame_count();
  log.reset();
  log = OpenLog(files, clock);
  EXPECT_EQ(log->frame_count(), frames);
  log->Append("{\"kind\":\"test\"}");
  log->Publish();
  VerifyOptions options;
  if (!life.checkpoint.empty()) options.earlier_checkpoint = life.checkpoint;
  log.reset();
  const auto key = NoteKey::Parse(VerifierKey(kIds, Seed()));
  const VerifyReport report = Verify(files, kFolder, *key, options);
  for (const Problem& problem : report.problems) ADD_FAILURE() << problem.where << ": " << problem.what;
  LogReader reader(files, kFolder);
  EXPECT_EQ(reader.size(), report.size);
}

// What a verifier sees on the disk before anybody repairs it: a checkpoint that its bundles and tiles back up.
void CheckCheckpointIsBacked(FaultFileSystem& files) {
  if (!files.Exists(std::string(kFolder) + "/checkpoint")) return;
  const auto key = NoteKey::Parse(VerifierKey(kIds, Seed()));
  for (const Problem& problem : Verify(files, kFolder, *key).problems) {
    if (problem.where.starts_with("segments/")) continue;  // torn, which the next run repairs
    ADD_FAILURE() << problem.where << ": " << problem.what;
  }
}

std::uint64_t OperationsOfOneLife(std::uint64_t seed, int batches) {
  FaultFileSystem files(seed);
  TestClock clock;
  const Life life = Live(files, clock, seed, batches);
  EXPECT_EQ(life.error, "");
  return files.operations();
}

TEST(LogCrash, PowerLossAtEveryOperation) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::uint64_t operations = OperationsOfOneLife(seed, 25);
    ASSERT_GT(operations, 60u);
    for (std::uint64_t at = 1; at <= operations; ++at) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " operation " + std::to_string(at));
      FaultFileSystem files(seed * 1'000'003 + at);
      TestClock clock;
      files.fail_at = at;
      const Life life = Live(files, clock, seed, 25);
      EXPECT_NE(life.error, "");
      files.Crash();
      CheckCheckpointIsBacked(files);
      CheckAfter(files, clock, life);
      if (HasFailure()) return;
    }
  }
}

TEST(LogCrash, PowerLossWhileRecovering) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::uint64_t operations = OperationsOfOneLife(seed, 12);
    for (std::uint64_t again = 1; again <= 12; ++again) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " operation " + std::to_string(again) + " of the recovery");
      FaultFileSystem files(seed * 1'000'003 + again);
      TestClock clock;
      files.fail_at = 1 + (seed * 7919 + again * 104'729) % operations;
      const Life life = Live(files, clock, seed, 12);
      files.Crash();
      files.fail_at = files.operations() + again;
      try {
        OpenLog(files, clock);
      } catch (const LogError&) {
        // as it should when the disk stops; when it did not get that far it has recovered
      }
      files.Crash();
      CheckAfter(files, clock, life);
      if (HasFailure()) return;
    }
  }
}

TEST(LogCrash, DiskErrorsPoisonAndLoseNothing) {
  for (const int error_number : {ENOSPC, EIO}) {
    const std::uint64_t operations = OperationsOfOneLife(3, 25);
    for (std::uint64_t at = 1; at <= operations; ++at) {
      SCOPED_TRACE("error " + std::to_string(error_number) + " at operation " + std::to_string(at));
      FaultFileSystem files(at);
      TestClock clock;
      files.fail_at = at;
      files.fail_error = error_number;
      const Life life = Live(files, clock, 3, 25);
      EXPECT_NE(life.error.find(error_number == ENOSPC ? "No space left on device" : "Input/output error"),
                std::string::npos)
          << life.error;
      CheckAfter(files, clock, life);
      if (HasFailure()) return;
    }
  }
}

TEST(LogCrash, AfterAFailureEveryCallIsRefused) {
  FaultFileSystem files(1);
  TestClock clock;
  auto log = OpenLog(files, clock);
  log->Append("{\"kind\":\"test\"}");
  files.fail_at = files.operations() + 2;  // the sync
  files.fail_error = EIO;
  EXPECT_THROW(log->Commit(), LogError);
  EXPECT_THROW(log->Commit(), LogError);
  EXPECT_THROW(log->Append("{}"), LogError);
  EXPECT_THROW(log->AppendPrivate("p"), LogError);
  EXPECT_THROW(log->Publish(), LogError);
  EXPECT_THROW(log->Release(0), LogError);
  EXPECT_THROW(log->ForEachFrame(0, [](const Log::Frame&) {}), LogError);
}

}  // namespace
}  // namespace weir::audit
