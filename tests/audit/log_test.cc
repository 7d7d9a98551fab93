#include "audit/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/digest.h"
#include "audit/entry.h"
#include "audit/log_reader.h"
#include "tests/audit/temporary_folder.h"
#include "tests/audit/test_clock.h"

namespace weir::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const LogIds kIds{"acme", "prod", "crm_contacts"};

SecretKey Seed() { return SecretKey(Sha256(std::string_view("seed"))); }

std::string EntryText(std::uint64_t number) {
  return R"({"kind":"test","number":)" + std::to_string(number) + "}";
}

class LogTest : public ::testing::Test {
 protected:
  std::unique_ptr<Log> Open(TreeMode mode = TreeMode::kBackground) {
    return Log::Open(RealFileSystem(), clock_, folder_.path(), kIds, Seed(), std::uint64_t{64} << 20, mode);
  }
  std::string OpenError() {
    try {
      Open();
    } catch (const LogError& error) {
      return error.what();
    }
    return "opened";
  }
  // A log of `count` entries, one private frame after each hundredth.
  void Make(std::uint64_t count) {
    auto log = Open();
    for (std::uint64_t i = log->size(); i < count; ++i) {
      log->Append(EntryText(i));
      if (i % 100 == 99) log->AppendPrivate("private " + std::to_string(i));
    }
    log->Publish();
  }
  std::string Segment() const {
    std::string last;
    for (const auto& item : std::filesystem::directory_iterator(folder_.path() + "/segments")) {
      last = std::max(last, item.path().string());
    }
    return last;
  }

  TemporaryFolder folder_;
  TestClock clock_;
};

TEST_F(LogTest, EntriesComeBackInOrderFromBundlesAndSegments) {
  Make(1000);
  auto log = Open();
  EXPECT_EQ(log->size(), 1000u);
  EXPECT_EQ(log->frame_count(), 1010u);
  for (std::uint64_t i = 1000; i < 1100; ++i) EXPECT_EQ(log->Append(EntryText(i)), i);
  log->Commit();
  LogReader reader(RealFileSystem(), folder_.path());
  EXPECT_EQ(reader.size(), 1100u);
  EXPECT_EQ(reader.published_size(), 1000u);
  std::uint64_t expected = 250;
  reader.ForEach(250, 5000, [&](std::uint64_t index, std::string_view entry) {
    EXPECT_EQ(index, expected++);
    EXPECT_EQ(entry, EntryText(index));
    return true;
  });
  EXPECT_EQ(expected, 1100u);
  for (const std::uint64_t index : {0u, 255u, 256u, 999u, 1000u, 1099u}) EXPECT_EQ(reader.Entry(index), EntryText(index));
  EXPECT_THROW(reader.Entry(1100), LogError);
  EXPECT_EQ(reader.ids()->stream, "crm_contacts");
}

TEST_F(LogTest, EveryFrameIsVisitedWithItsNumberAndIndex) {
  Make(250);
  auto log = Open();
  std::vector<std::string> seen;
  log->ForEachFrame(99, [&](const Log::Frame& frame) {
    if (seen.size() < 3 || frame.is_private) {
      seen.push_back(std::to_string(frame.number) + (frame.is_private ? " private " : " entry ") +
                     std::to_string(frame.entry_index) + " " + std::string(frame.bytes));
    }
  });
  EXPECT_THAT(seen, ::testing::ElementsAre("99 entry 99 " + EntryText(99), "100 private 100 private 99",
                                           "101 entry 100 " + EntryText(100), "201 private 200 private 199"));
}

TEST_F(LogTest, BufferedFramesAreNotDurableBeforeCommit) {
  auto log = Open();
  log->Append(EntryText(0));
  log->AppendPrivate("p");
  EXPECT_EQ(log->size(), 1u);
  EXPECT_EQ(log->frame_count(), 0u);
  log->Commit();
  EXPECT_EQ(log->frame_count(), 2u);
}

TEST_F(LogTest, CommitPublishesEveryTenSeconds) {
  auto log = Open(TreeMode::kInline);
  log->Append(EntryText(0));
  log->Commit();
  EXPECT_EQ(log->checkpoint(), "");
  clock_.Advance(std::chrono::seconds(10));
  log->Append(EntryText(1));
  log->Commit();
  EXPECT_THAT(log->checkpoint(), StartsWith("acme.prod/crm_contacts\n2\n"));
  log->Append(EntryText(2));
  log->Commit();
  EXPECT_THAT(log->checkpoint(), StartsWith("acme.prod/crm_contacts\n2\n"));
}

TEST_F(LogTest, TornTailIsCutAndTheCutIsAnEntry) {
  Make(10);
  {
    auto log = Open();
    for (std::uint64_t i = 10; i < 20; ++i) log->Append(EntryText(i));
    log->Commit();
  }
  std::filesystem::resize_file(Segment(), std::filesystem::file_size(Segment()) - 5);
  auto log = Open();
  EXPECT_EQ(log->size(), 20u);  // the cut one's place is taken by the recovery entry
  LogReader reader(RealFileSystem(), folder_.path());
  EXPECT_EQ(reader.Entry(18), EntryText(18));
  EXPECT_EQ(reader.Entry(19),
            R"({"cut_bytes":38,"frame":19,"kind":"recovery","segment":0,"time":"2026-11-22T21:00:00.000000Z"})");
  log.reset();
  EXPECT_EQ(Open()->size(), 20u);
}

TEST_F(LogTest, RefusesWhatNoCrashLeaves) {
  struct Case {
    std::string name;
    std::function<void(const std::string& folder, const std::string& segment)> damage;
    std::string expected;
  };
  const auto flip = [](const std::string& path, std::int64_t at) {
    std::string bytes = *RealFileSystem().ReadAll(path, 1 << 30);
    bytes[static_cast<std::size_t>(at < 0 ? static_cast<std::int64_t>(bytes.size()) + at : at)] ^= 1;
    RealFileSystem().Write(path, bytes);
  };
  const std::vector<Case> cases = {
      {"byte of a frame before durable ones", [&](auto&, auto& segment) { flip(segment, 200); },
       "and durable frames follow: no crash leaves this; restore the log from a backup"},
      {"header of the segment", [&](auto&, auto& segment) { flip(segment, 3); },
       "does not begin with the header of a segment"},
      {"segments gone", [&](auto& folder, auto&) { std::filesystem::remove_all(folder + "/segments"); },
       "has a checkpoint of 300 entries but no segments; restore it from a backup"},
      {"published entries cut", [&](auto&, auto& segment) { std::filesystem::resize_file(segment, 500); },
       "but its checkpoint says 300: its segments were cut or replaced"},
      {"checkpoint changed", [&](auto& folder, auto&) { flip(folder + "/checkpoint", 25); },
       "does not verify under this log's key"},
      {"published entry changed", [&](auto& folder, auto&) { flip(folder + "/tile/entries/001.p/44", 5); },
       "they were changed; find where with `weir-verify`"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    std::filesystem::remove_all(folder_.path());
    Make(100);
    Make(300);
    test.damage(folder_.path(), Segment());
    EXPECT_THAT(OpenError(), HasSubstr(test.expected));
  }
}

TEST_F(LogTest, MissingTilesAreRebuiltFromBundles) {
  Make(70'000);
  const std::string tile = folder_.path() + "/tile/0/000";
  const std::string partial = folder_.path() + "/tile/1/001.p/17";
  const std::string before = *RealFileSystem().ReadAll(tile, 1 << 20);
  const std::string before_partial = *RealFileSystem().ReadAll(partial, 1 << 20);
  std::filesystem::remove(tile);
  std::filesystem::remove(partial);
  EXPECT_EQ(Open()->size(), 70'000u);
  EXPECT_EQ(RealFileSystem().ReadAll(tile, 1 << 20), before);
  EXPECT_EQ(RealFileSystem().ReadAll(partial, 1 << 20), before_partial);
}

TEST_F(LogTest, DeletedReplacedOrExtendedLiveFileStopsTheLog) {
  for (const std::string how : {"delete", "replace", "extend", "cut"}) {
    SCOPED_TRACE(how);
    std::filesystem::remove_all(folder_.path());
    auto log = Open();
    log->Append(EntryText(0));
    log->Commit();
    const std::string segment = Segment();
    if (how == "delete") std::filesystem::remove(segment);
    if (how == "replace") {
      std::filesystem::copy_file(segment, segment + "x");
      std::filesystem::rename(segment + "x", segment);
    }
    if (how == "extend") std::filesystem::resize_file(segment, 5000);
    if (how == "cut") std::filesystem::resize_file(segment, 20);
    log->Append(EntryText(1));
    try {
      log->Commit();
      ADD_FAILURE();
    } catch (const LogError& error) {
      EXPECT_THAT(error.what(), HasSubstr("was deleted, replaced or changed while the log was being written"));
    }
    EXPECT_THROW(log->Append(EntryText(2)), LogError);
    EXPECT_THROW(log->Publish(), LogError);
  }
}

TEST_F(LogTest, OneWriterAtATime) {
  auto log = Open();
  EXPECT_THAT(OpenError(), HasSubstr("another program writes to the log at `"));
  log.reset();
  EXPECT_EQ(OpenError(), "opened");
}

TEST_F(LogTest, LogOfAnotherStreamOrKeyIsRefused) {
  Make(3);
  try {
    Log::Open(RealFileSystem(), clock_, folder_.path(), kIds, SecretKey(Sha256(std::string_view("other"))));
    ADD_FAILURE();
  } catch (const LogError& error) {
    EXPECT_THAT(error.what(), HasSubstr("does not verify under this log's key: no known key signed it"));
  }
  std::filesystem::remove(folder_.path() + "/checkpoint");
  try {
    Log::Open(RealFileSystem(), clock_, folder_.path(), {"acme", "dev", "crm_contacts"}, Seed());
    ADD_FAILURE();
  } catch (const LogError& error) {
    EXPECT_THAT(error.what(), HasSubstr("belongs to `acme/prod/crm_contacts`, not to `acme/dev/crm_contacts`"));
  }
}

TEST_F(LogTest, RefusesEntriesThatCannotBeLogged) {
  for (const std::string& entry : {std::string("a\nb"), std::string(65'536, 'x')}) {
    auto log = Open();
    EXPECT_THROW(log->Append(entry), LogError);
  }
}

TEST_F(LogTest, ReleasedSegmentsGoAndTheRestStays) {
  const std::string big(1 << 20, 'x');
  auto log = Open();
  for (int i = 0; i < 140; ++i) {
    log->Append(EntryText(static_cast<std::uint64_t>(i)));
    log->AppendPrivate(big);
  }
  log->Commit();
  const auto segments = [&] { return RealFileSystem().List(folder_.path() + "/segments").size(); };
  EXPECT_EQ(segments(), 3u);
  log->Release(log->frame_count());
  EXPECT_EQ(segments(), 3u);  // their entries are not in durable bundles yet
  log->Publish();
  log->Release(130);
  EXPECT_EQ(segments(), 2u);
  EXPECT_THROW(log->ForEachFrame(0, [](const Log::Frame&) {}), LogError);
  log->Release(log->frame_count());
  EXPECT_EQ(segments(), 1u);
  log.reset();
  log = Open();
  EXPECT_EQ(log->size(), 140u);
  EXPECT_EQ(log->frame_count(), 280u);
  LogReader reader(RealFileSystem(), folder_.path());
  EXPECT_EQ(reader.Entry(0), EntryText(0));
}

TEST_F(LogTest, PartialTilesStayUntilTheFullOneIsThere) {
  Make(100);
  Make(200);
  const std::string tile = folder_.path() + "/tile/0/000";
  EXPECT_THAT(RealFileSystem().List(tile + ".p"), ::testing::ElementsAre("100", "200"));
  Make(300);
  EXPECT_FALSE(RealFileSystem().Exists(tile + ".p"));
  EXPECT_FALSE(RealFileSystem().Exists(folder_.path() + "/tile/entries/000.p"));
  EXPECT_TRUE(RealFileSystem().Exists(tile));
}

}  // namespace
}  // namespace weir::audit
