#include "audit/merkle.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "audit/tile.h"
#include "tests/audit/vectors.h"

namespace weir::audit {
namespace {

using nlohmann::json;

// A hash of a probe. Some probes have texts of other lengths where any value would do ("don't care"): our types cannot
// hold these, so their SHA-256 stands for them, which is equal for equal texts and different for different ones.
bool Take(const json& value, Digest* digest) {
  std::string bytes;
  if (!value.is_string() || !DecodeBase64(value.get<std::string>(), &bytes) || bytes.empty()) return false;
  if (bytes.size() != digest->size()) {
    *digest = Sha256(bytes);
    return true;
  }
  std::copy_n(Bytes(bytes).begin(), digest->size(), digest->begin());
  return true;
}

bool TakeProof(const json& values, std::vector<Digest>* proof) {
  if (values.is_null()) return true;
  for (const json& value : values) {
    if (!Take(value, &proof->emplace_back())) return false;
  }
  return true;
}

bool Accepts(const std::string& kind, const json& probe) {
  std::vector<Digest> proof;
  Digest first;
  Digest second;
  const bool inclusion = kind == "inclusion" || kind == "subtreeinclusion";
  if (!TakeProof(probe["proof"], &proof)) return false;
  if (!Take(probe[inclusion ? "leafHash" : "root1"], &first)) return false;
  if (!Take(probe[inclusion ? "root" : "root2"], &second)) return false;
  const auto number = [&](const char* name) { return probe[name].get<std::uint64_t>(); };
  if (kind == "inclusion") return VerifyInclusion(number("leafIdx"), number("treeSize"), first, proof, second);
  if (kind == "consistency") return VerifyConsistency(number("size1"), number("size2"), first, second, proof);
  if (kind == "subtreeinclusion") {
    return VerifySubtreeInclusion(number("leafIdx"), number("start"), number("end"), first, proof, second);
  }
  return VerifySubtreeConsistency(number("start"), number("end"), number("size"), first, second, proof);
}

TEST(Merkle, TransparencyDevProbes) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  int probes = 0;
  int refused = 0;
  for (const std::string kind : {"inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"}) {
    const auto folder = *vectors / "transparency-dev_merkle/testdata" / kind;
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
      if (item.path().extension() != ".json") continue;
      const json probe = json::parse(ReadFile(item.path()));
      ++probes;
      const bool accepted = Accepts(kind, probe);
      refused += !accepted;
      EXPECT_EQ(accepted, !probe["wantErr"].get<bool>()) << item.path() << " " << probe["desc"];
    }
  }
  EXPECT_EQ(probes, 518);
  EXPECT_EQ(refused, 482);
}

TEST(Merkle, Rfc6962Hashes) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  const json expected = json::parse(ReadFile(*vectors / "extracted/rfc6962.json"));
  EXPECT_EQ(Hex(EmptyRoot()), expected["empty_root"]);
  EXPECT_EQ(Hex(LeafHash("")), expected["empty_leaf"]);
  EXPECT_EQ(Hex(LeafHash("L123456")), expected["leaf"]["hash"]);
  EXPECT_EQ(Hex(Sha256Prefixed(1, "N123", "N456")), expected["node"]["hash"]);
  TileTree tree;
  for (std::size_t size = 0;; ++size) {
    EXPECT_EQ(Hex(tree.Root()), expected["roots_by_size"][size]);
    if (size == expected["leaf_inputs_hex"].size()) break;
    tree.Append(LeafHash(FromHex(expected["leaf_inputs_hex"][size].get<std::string>())), nullptr);
  }
}

// All hashes of complete subtrees over the leaves "record 0", "record 1", ...
class RecordTree {
 public:
  explicit RecordTree(std::uint64_t size) : levels_(1) {
    for (std::uint64_t i = 0; i < size; ++i) levels_[0].push_back(LeafHash("record " + std::to_string(i)));
    while (levels_.back().size() > 1) {
      std::vector<Digest> above;
      const std::vector<Digest>& below = levels_.back();
      for (std::size_t i = 0; i + 1 < below.size(); i += 2) above.push_back(NodeHash(below[i], below[i + 1]));
      levels_.push_back(std::move(above));
    }
  }
  SubtreeHash Source() const {
    return [this](unsigned height, std::uint64_t index) { return levels_.at(height).at(index); };
  }
  const Digest& leaf(std::uint64_t index) const { return levels_[0][index]; }

 private:
  std::vector<std::vector<Digest>> levels_;
};

TEST(Merkle, RootsAndProofsTo70000AsGoSumdbHasThem) {
  const auto vectors = TlogVectors();
  if (!vectors) GTEST_SKIP() << "no test vectors";
  const json expected = json::parse(ReadFile(*vectors / "extracted/derived_xmod_tlog.json"));
  const RecordTree records(70'000);
  TileTree tree;
  for (std::uint64_t size = 1; size <= 70'000; ++size) {
    tree.Append(records.leaf(size - 1), [](unsigned, std::uint64_t, std::span<const Digest>) {});
    const auto root = expected["roots"].find(std::to_string(size));
    if (root == expected["roots"].end()) continue;
    EXPECT_EQ(Hex(tree.Root()), root->get<std::string>()) << size;
    EXPECT_EQ(RangeRoot(0, size, records.Source()), tree.Root()) << size;
  }
  const auto hexes = [](const std::vector<Digest>& proof) {
    std::vector<std::string> text;
    for (const Digest& hash : proof) text.push_back(Hex(hash));
    return text;
  };
  for (const json& test : expected["inclusion"]) {
    const std::uint64_t index = test["index"];
    const std::uint64_t size = test["size"];
    const auto proof = InclusionProof(index, size, records.Source());
    EXPECT_EQ(hexes(proof), test["proof"].is_null() ? std::vector<std::string>() : test["proof"].get<std::vector<std::string>>()) << index << " " << size;
    EXPECT_TRUE(VerifyInclusion(index, size, records.leaf(index), proof, RangeRoot(0, size, records.Source())));
  }
  for (const json& test : expected["consistency"]) {
    const std::uint64_t size1 = test["size1"];
    const std::uint64_t size2 = test["size2"];
    const auto proof = ConsistencyProof(size1, size2, records.Source());
    EXPECT_EQ(hexes(proof), test["proof"].is_null() ? std::vector<std::string>() : test["proof"].get<std::vector<std::string>>()) << size1 << " " << size2;
    EXPECT_TRUE(VerifyConsistency(size1, size2, RangeRoot(0, size1, records.Source()),
                                  RangeRoot(0, size2, records.Source()), proof));
  }
}

TEST(Merkle, EveryProofOfSmallTreesVerifiesAndNoChangedOneDoes) {
  const RecordTree records(70);
  for (std::uint64_t size = 1; size <= 70; ++size) {
    const Digest root = RangeRoot(0, size, records.Source());
    for (std::uint64_t index = 0; index < size; ++index) {
      auto proof = InclusionProof(index, size, records.Source());
      EXPECT_TRUE(VerifyInclusion(index, size, records.leaf(index), proof, root));
      EXPECT_EQ(size == 1, VerifyInclusion(index, size, records.leaf(index), {}, root));
      EXPECT_FALSE(VerifyInclusion(index + 1, size, records.leaf(index), proof, root));
      proof.push_back(root);
      EXPECT_FALSE(VerifyInclusion(index, size, records.leaf(index), proof, root));
    }
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Digest old_root = RangeRoot(0, old_size, records.Source());
      auto proof = ConsistencyProof(old_size, size, records.Source());
      EXPECT_TRUE(VerifyConsistency(old_size, size, old_root, root, proof));
      proof.push_back(root);
      EXPECT_FALSE(VerifyConsistency(old_size, size, old_root, root, proof));
    }
  }
}

}  // namespace
}  // namespace weir::audit
