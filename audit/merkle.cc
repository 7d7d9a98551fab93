#include "audit/merkle.h"

#include <bit>

namespace weir::audit {
namespace {

// The largest power of two smaller than `size`, which is at least 2.
std::uint64_t Split(std::uint64_t size) { return std::bit_floor(size - 1); }

bool IsSubtree(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end || end - begin > std::uint64_t{1} << 63) return false;
  return begin % std::bit_ceil(end - begin) == 0;
}

void Inclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const SubtreeHash& subtree,
               std::vector<Digest>* proof) {
  if (end - begin < 2) return;
  const std::uint64_t middle = begin + Split(end - begin);
  if (index < middle) {
    Inclusion(index, begin, middle, subtree, proof);
    proof->push_back(RangeRoot(middle, end, subtree));
  } else {
    Inclusion(index, middle, end, subtree, proof);
    proof->push_back(RangeRoot(begin, middle, subtree));
  }
}

// SUBPROOF of RFC 6962: `known` says that the verifier has the root of [begin, end) already.
void Consistency(std::uint64_t old_size, std::uint64_t begin, std::uint64_t end, bool known,
                 const SubtreeHash& subtree, std::vector<Digest>* proof) {
  if (old_size == end) {
    if (!known) proof->push_back(RangeRoot(begin, end, subtree));
    return;
  }
  const std::uint64_t middle = begin + Split(end - begin);
  if (old_size <= middle) {
    Consistency(old_size, begin, middle, known, subtree, proof);
    proof->push_back(RangeRoot(middle, end, subtree));
  } else {
    Consistency(old_size, middle, end, false, subtree, proof);
    proof->push_back(RangeRoot(begin, middle, subtree));
  }
}

}  // namespace

Digest LeafHash(std::string_view entry) { return Sha256Prefixed(0x00, entry); }

Digest NodeHash(const Digest& left, const Digest& right) { return Sha256Prefixed(0x01, Text(left), Text(right)); }

Digest EmptyRoot() { return Sha256(std::string_view()); }

Digest RangeRoot(std::uint64_t begin, std::uint64_t end, const SubtreeHash& subtree) {
  if (begin == end) return EmptyRoot();
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto height = static_cast<unsigned>(std::countr_zero(size));
    return subtree(height, begin >> height);
  }
  const std::uint64_t middle = begin + Split(size);
  const Digest left = RangeRoot(begin, middle, subtree);
  return NodeHash(left, RangeRoot(middle, end, subtree));
}

std::vector<Digest> InclusionProof(std::uint64_t index, std::uint64_t size, const SubtreeHash& subtree) {
  std::vector<Digest> proof;
  Inclusion(index, 0, size, subtree, &proof);
  return proof;
}

std::vector<Digest> ConsistencyProof(std::uint64_t old_size, std::uint64_t size, const SubtreeHash& subtree) {
  std::vector<Digest> proof;
  Consistency(old_size, 0, size, true, subtree, &proof);
  return proof;
}

bool VerifyInclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, std::span<const Digest> proof,
                     const Digest& root) {
  if (index >= size) return false;
  std::uint64_t at = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      hash = NodeHash(sibling, hash);
      while ((at & 1) == 0 && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool VerifyConsistency(std::uint64_t old_size, std::uint64_t size, const Digest& old_root, const Digest& root,
                       std::span<const Digest> proof) {
  if (old_size == 0) return size == 0 ? proof.empty() && old_root == root && root == EmptyRoot() : false;
  return VerifySubtreeConsistency(0, old_size, size, old_root, root, proof);
}

bool VerifySubtreeInclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const Digest& leaf,
                            std::span<const Digest> proof, const Digest& subtree_root) {
  if (!IsSubtree(begin, end) || index < begin || index >= end) return false;
  return VerifyInclusion(index - begin, end - begin, leaf, proof, subtree_root);
}

bool VerifySubtreeConsistency(std::uint64_t begin, std::uint64_t end, std::uint64_t size, const Digest& subtree_root,
                              const Digest& root, std::span<const Digest> proof) {
  if (begin == end && end <= size) return proof.empty() && subtree_root == EmptyRoot();  // is in every tree
  if (!IsSubtree(begin, end) || end > size) return false;
  std::uint64_t first = begin;
  std::uint64_t last = end - 1;
  std::uint64_t tree_last = size - 1;
  const auto rise = [&] {
    first >>= 1;
    last >>= 1;
    tree_last >>= 1;
  };
  if (last == tree_last) {
    while (first != last) rise();
  } else {
    while (first != last && (last & 1) != 0) rise();
  }
  Digest small;
  if (first == last) {
    small = subtree_root;
  } else {
    if (proof.empty()) return false;
    small = proof.front();
    proof = proof.subspan(1);
  }
  Digest large = small;
  for (const Digest& hash : proof) {
    if (tree_last == 0) return false;
    if ((last & 1) != 0 || last == tree_last) {
      if (first < last) small = NodeHash(hash, small);
      large = NodeHash(hash, large);
      while ((last & 1) == 0 && last != 0) rise();
    } else {
      large = NodeHash(large, hash);
    }
    rise();
  }
  return tree_last == 0 && small == subtree_root && large == root;
}

}  // namespace weir::audit
