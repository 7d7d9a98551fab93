#include "audit/tree_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <thread>

#include "audit/digest.h"
#include "tests/audit/fault_file_system.h"
#include "tests/audit/temporary_folder.h"

namespace weir::audit {
namespace {

SecretKey Seed() { return SecretKey(Sha256(std::string_view("seed"))); }

// Entries of many sizes, with a checkpoint ordered after some and waited for after others.
void Feed(TreeWriter* writer, std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) {
    writer->Append(std::string(random() % 900, static_cast<char>('a' + i % 26)));
    if (random() % 3000 == 0) writer->Publish();
  }
  writer->Publish();
}

std::map<std::string, std::string> FilesBelow(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
    if (!item.is_regular_file()) continue;
    std::ifstream in(item.path(), std::ios::binary);
    files[std::filesystem::relative(item.path(), folder).string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return files;
}

TEST(TreeWriterTest, BothModesWriteTheSameFiles) {
  const TemporaryFolder inline_folder, background_folder;
  std::string checkpoints[2];
  for (const TreeMode mode : {TreeMode::kInline, TreeMode::kBackground}) {
    const bool background = mode == TreeMode::kBackground;
    TreeStore tree(RealFileSystem(), (background ? background_folder : inline_folder).path(), "acme.prod/crm", Seed());
    TreeWriter writer(tree, mode);
    Feed(&writer, 7, 20'000);
    EXPECT_EQ(writer.published_size(), 20'000u);
    checkpoints[background ? 1 : 0] = writer.checkpoint();
  }
  EXPECT_EQ(checkpoints[0], checkpoints[1]);
  const auto files = FilesBelow(inline_folder.path());
  EXPECT_GT(files.size(), 150u);
  EXPECT_TRUE(files == FilesBelow(background_folder.path()));
}

TEST(TreeWriterTest, AnOrderedCheckpointCoversWhatWasAppendedBefore) {
  const TemporaryFolder folder;
  TreeStore tree(RealFileSystem(), folder.path(), "acme.prod/crm", Seed());
  TreeWriter writer(tree, TreeMode::kBackground);
  writer.Append("one");
  writer.StartPublish();
  writer.Append("two");
  while (writer.published_size() == 0) std::this_thread::yield();
  EXPECT_EQ(writer.published_size(), 1u);
  writer.Publish();
  EXPECT_EQ(writer.published_size(), 2u);
}

// INVARIANT: what fails in the background is said by the next call and by all later ones, and nothing is published.
TEST(TreeWriterTest, AFailureInTheBackgroundComesOutOfEveryLaterCall) {
  FaultFileSystem files(1);
  files.MakeFolders("/log");
  files.fail_at = files.operations() + 20;
  files.fail_error = ENOSPC;
  TreeStore tree(files, "/log", "acme.prod/crm", Seed());
  TreeWriter writer(tree, TreeMode::kBackground);
  EXPECT_THROW(Feed(&writer, 1, 100'000), FileError);
  EXPECT_THROW(writer.Publish(), FileError);
  EXPECT_THROW(writer.StartPublish(), FileError);
  EXPECT_EQ(writer.checkpoint(), "");
}

TEST(TreeWriterTest, WhatIsPendingIsLeftUndoneAtTheEnd) {
  const TemporaryFolder folder;
  TreeStore tree(RealFileSystem(), folder.path(), "acme.prod/crm", Seed());
  {
    TreeWriter writer(tree, TreeMode::kBackground);
    for (int i = 0; i < 5'000; ++i) writer.Append(std::string(800, 'x'));
  }
  EXPECT_EQ(tree.checkpoint(), "");
  EXPECT_LT(tree.size(), 5'000u);
}

}  // namespace
}  // namespace weir::audit
