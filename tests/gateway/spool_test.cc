#include "gateway/spool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <random>

#include "audit/file.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

SpoolChunk RandomChunk(std::mt19937_64* random) {
  SpoolChunk chunk;
  const std::size_t rows = (*random)() % 50;
  chunk.fields.rows = rows;
  chunk.fields.columns.resize((*random)() % 5);
  for (policies::CellColumn& column : chunk.fields.columns) {
    for (std::size_t row = 0; row < rows; ++row) {
      if ((*random)() % 4 == 0) {
        column.AppendNull();
      } else {
        // The lengths around which their encoding changes, and any other.
        constexpr std::size_t kLengths[] = {0, 1, 253, 254, 255, 256, 70'000};
        const std::size_t size = (*random)() % 3 == 0 ? kLengths[(*random)() % std::size(kLengths)] : (*random)() % 30;
        column.AppendText(std::string(size, static_cast<char>((*random)())));
      }
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    SpoolRow each;
    each.operation = static_cast<Operation>((*random)() % 6);
    each.created = (*random)() % 2 == 0;
    each.record.input = (*random)();
    each.record.key[3] = static_cast<std::uint8_t>((*random)());
    each.subject_count = static_cast<std::uint32_t>((*random)() % 3);
    chunk.rows.push_back(each);
    chunk.subjects.resize(chunk.subjects.size() + each.subject_count, Tag{static_cast<std::byte>(row)});
  }
  return chunk;
}

void ExpectEqual(const SpoolChunk& a, const SpoolChunk& b) {
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    ASSERT_EQ(a.rows[i].operation, b.rows[i].operation);
    ASSERT_EQ(a.rows[i].created, b.rows[i].created);
    ASSERT_EQ(std::memcmp(&a.rows[i].record, &b.rows[i].record, sizeof(StateRecord)), 0);
    ASSERT_EQ(a.rows[i].subject_count, b.rows[i].subject_count);
  }
  ASSERT_EQ(a.subjects, b.subjects);
  ASSERT_EQ(a.fields.rows, b.fields.rows);
  ASSERT_EQ(a.fields.columns.size(), b.fields.columns.size());
  for (std::size_t c = 0; c < a.fields.columns.size(); ++c) {
    for (std::size_t row = 0; row < a.fields.rows; ++row) {
      ASSERT_EQ(a.fields.columns[c].IsNull(row), b.fields.columns[c].IsNull(row));
      ASSERT_EQ(a.fields.columns[c].Text(row), b.fields.columns[c].Text(row));
    }
  }
}

TEST(Spool, GivesBackWhatWasWritten) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder;
    std::mt19937_64 random(seed);
    Spool spool(folder / "spool");
    std::vector<SpoolChunk> chunks;
    std::uint64_t rows = 0;
    for (int i = 0; i < 10; ++i) {
      chunks.push_back(RandomChunk(&random));
      spool.Append(chunks.back());
      rows += chunks.back().rows.size();
    }
    EXPECT_EQ(spool.rows(), rows);
    SpoolChunk read;
    for (const SpoolChunk& chunk : chunks) {
      ASSERT_TRUE(spool.Next(&read));
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(chunk, read));
    }
    EXPECT_FALSE(spool.Next(&read));
    EXPECT_TRUE(read.rows.empty());
  }
}

TEST(Spool, AnEmptyOneEndsAtOnce) {
  const TemporaryFolder folder;
  Spool spool(folder / "spool");
  SpoolChunk chunk;
  EXPECT_FALSE(spool.Next(&chunk));
  EXPECT_EQ(spool.bytes(), 0u);
}

TEST(Spool, LeavesNoNameBehindAndAPrivateFolder) {
  const TemporaryFolder folder;
  Spool spool(folder / "a/spool");
  std::mt19937_64 random(1);
  spool.Append(RandomChunk(&random));
  EXPECT_TRUE(std::filesystem::is_empty(folder / "a/spool"));
  EXPECT_EQ(std::filesystem::status(folder / "a/spool").permissions(), std::filesystem::perms::owner_all);
}

TEST(Spool, SaysThatTheDiskIsFull) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{8192, 8192};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    Spool spool(folder.path());
    std::mt19937_64 random(1);
    try {
      for (int i = 0; i < 1000; ++i) spool.Append(RandomChunk(&random));
    } catch (const audit::FileError& error) {
      const std::string message = error.what();
      ::_exit(message.find(folder.path()) != std::string::npos && message.find("File too large") != std::string::npos ? 0
                                                                                                                      : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Spool, SaysThatItsFolderCannotBeMade) {
  const TemporaryFolder folder;
  WriteWhole(folder / "file", "");
  Spool spool(folder / "file/spool");
  EXPECT_THROW(spool.Append({}), audit::FileError);
}

}  // namespace
}  // namespace weir::gateway
