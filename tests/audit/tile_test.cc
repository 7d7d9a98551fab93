#include "audit/tile.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "audit/tile_reader.h"
#include "tests/audit/vectors.h"

namespace weir::audit {
namespace {

using nlohmann::json;

TEST(Tile, TesseraPaths) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  const json expected = json::parse(ReadFile(*vectors / "extracted/tlog_tiles_paths.json"));
  for (const json& test : expected["entries_path_for_index"]) {
    const std::uint64_t index = test[0].get<std::uint64_t>() / kTileWidth;
    EXPECT_EQ(BundlePath(index, TileWidthIn(test[1], 0, index)), test[2]);
  }
  for (const json& test : expected["tile_path"]) {
    const std::uint64_t width = test[2];
    EXPECT_EQ(TilePath(test[0], test[1], width == 0 ? kTileWidth : width), test[3]);
  }
  for (const json& test : expected["parse_ok"]) {
    const auto address = ParseTileAddress(test[0].get<std::string>(), test[1].get<std::string>());
    ASSERT_TRUE(address) << test;
    EXPECT_EQ(address->level, test[2]);
    EXPECT_EQ(address->index, test[3]);
    EXPECT_EQ(address->width, test[4] == 0 ? json(kTileWidth) : test[4]);
  }
  for (const json& test : expected["parse_err"]) {
    EXPECT_FALSE(ParseTileAddress(test[0].get<std::string>(), test[1].get<std::string>())) << test;
  }
  for (const json& test : expected["bundle_unmarshal"]) {
    EXPECT_EQ(!ParseBundle(FromHex(test[0].get<std::string>())), test[1].get<bool>()) << test;
  }
}

TEST(Tile, WidthsOf70000) {
  EXPECT_EQ(TileWidthIn(70'000, 0, 272), 256u);
  EXPECT_EQ(TileWidthIn(70'000, 0, 273), 112u);
  EXPECT_EQ(TileWidthIn(70'000, 0, 274), 0u);
  EXPECT_EQ(TileWidthIn(70'000, 1, 0), 256u);
  EXPECT_EQ(TileWidthIn(70'000, 1, 1), 17u);
  EXPECT_EQ(TileWidthIn(70'000, 2, 0), 1u);
  EXPECT_EQ(TileWidthIn(70'000, 3, 0), 0u);
  EXPECT_EQ(TileWidthIn(70'000, 63, 0), 0u);
  EXPECT_EQ(TileWidthIn(256, 1, 0), 1u);
}

TEST(Tile, BundlesHoldAnyBytes) {
  std::string bundle;
  AppendBundleEntry("", &bundle);
  AppendBundleEntry(std::string(65'535, '\xff'), &bundle);
  AppendBundleEntry("a", &bundle);
  const auto entries = ParseBundle(bundle);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[1].size(), 65'535u);
  EXPECT_EQ((*entries)[2], "a");
  EXPECT_FALSE(ParseTile(""));
  EXPECT_FALSE(ParseTile(std::string(33, 'x')));
  EXPECT_FALSE(ParseTile(std::string(257 * 32, 'x')));
}

TEST(TileTree, TilesAreWhatTheStandardSaysAndResume) {
  const std::uint64_t size = 70'000;
  std::map<std::string, std::uint64_t> tiles;
  const auto emit = [&](unsigned level, std::uint64_t index, std::span<const Digest> hashes) {
    EXPECT_EQ(hashes.size(), kTileWidth);
    ++tiles[TilePath(level, index, kTileWidth)];
  };
  TileTree tree;
  TileTree resumed;
  for (std::uint64_t i = 0; i < size; ++i) {
    const Digest leaf = LeafHash("record " + std::to_string(i));
    tree.Append(leaf, emit);
    if (i == 66'000) resumed = TileTree::Resume(tree.size(), tree.partial()).value();
    if (i > 66'000) resumed.Append(leaf, [](unsigned, std::uint64_t, std::span<const Digest>) {});
  }
  EXPECT_EQ(resumed.Root(), tree.Root());
  EXPECT_EQ(tiles.size(), 274u);
  EXPECT_EQ(tiles["tile/0/272"], 1u);
  EXPECT_EQ(tiles["tile/1/000"], 1u);
  EXPECT_EQ(tree.partial()[0].size(), 112u);
  EXPECT_EQ(tree.partial()[1].size(), 17u);
  EXPECT_EQ(tree.partial()[2].size(), 1u);
  EXPECT_FALSE(TileTree::Resume(tree.size() + 1, tree.partial()));
}

// A log that others wrote and signed, read by our reader and checked by our functions.
TEST(Tile, WholeTesseraLog) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  const auto key = NoteKey::Parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  ASSERT_TRUE(key);
  const std::string folder = (*vectors / "transparency-dev_tessera/testdata/log").string();
  std::optional<Checkpoint> last;
  for (std::uint64_t size = 1; size <= 15; ++size) {
    SCOPED_TRACE(size);
    std::string error;
    const auto checkpoint = OpenCheckpoint(ReadFile(folder + "/checkpoint." + std::to_string(size)), *key, &error);
    ASSERT_TRUE(checkpoint) << error;
    EXPECT_EQ(checkpoint->size, size);
    TileReader reader(RealFileSystem(), folder, size);
    const auto bundle = reader.ReadBundle(0);
    const auto tile = reader.Tile(0, 0);
    ASSERT_TRUE(bundle);
    ASSERT_TRUE(tile);
    TileTree tree;
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_EQ(LeafHash(bundle->entries[i]), (*tile)[i]);
      tree.Append(LeafHash(bundle->entries[i]), nullptr);
    }
    EXPECT_EQ(tree.Root(), checkpoint->root);
    const auto subtree = [&](unsigned height, std::uint64_t index) { return reader.Subtree(height, index); };
    for (std::uint64_t i = 0; i < size; ++i) {
      EXPECT_TRUE(VerifyInclusion(i, size, (*tile)[i], InclusionProof(i, size, subtree), checkpoint->root));
    }
    if (last) {
      EXPECT_TRUE(VerifyConsistency(last->size, size, last->root, checkpoint->root,
                                    ConsistencyProof(last->size, size, subtree)));
    }
    last = checkpoint;
  }
}

}  // namespace
}  // namespace weir::audit
