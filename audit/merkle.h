#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "audit/digest.h"

// Merkle trees with SHA-256 as in RFC 6962 section 2.1. Sizes and indices count leaves from 0.
namespace weir::audit {

Digest LeafHash(std::string_view entry);                       // SHA-256(0x00 | entry)
Digest NodeHash(const Digest& left, const Digest& right);      // SHA-256(0x01 | left | right)
Digest EmptyRoot();                                            // SHA-256("")

// The hash of the complete subtree of 2^height leaves that starts at leaf index * 2^height.
using SubtreeHash = std::function<Digest(unsigned height, std::uint64_t index)>;

// MTH of leaves [begin, end) as a subtree of their own; `begin` is a multiple of the next power of two >= end - begin.
Digest RangeRoot(std::uint64_t begin, std::uint64_t end, const SubtreeHash& subtree);

// RFC 6962 section 2.1.1, from the leaf's sibling up; index < size.
std::vector<Digest> InclusionProof(std::uint64_t index, std::uint64_t size, const SubtreeHash& subtree);
// RFC 6962 section 2.1.2; 0 < old_size <= size.
std::vector<Digest> ConsistencyProof(std::uint64_t old_size, std::uint64_t size, const SubtreeHash& subtree);

// RFC 9162 section 2.1.3.2 and 2.1.4.2. False for any index or size out of range and any surplus or missing hash.
bool VerifyInclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, std::span<const Digest> proof,
                     const Digest& root);
bool VerifyConsistency(std::uint64_t old_size, std::uint64_t size, const Digest& old_root, const Digest& root,
                       std::span<const Digest> proof);

// The same for a subtree of leaves [begin, end), as C2SP tlog-cosignature has them: `begin` is a multiple of the next
// power of two >= end - begin.
bool VerifySubtreeInclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const Digest& leaf,
                            std::span<const Digest> proof, const Digest& subtree_root);
bool VerifySubtreeConsistency(std::uint64_t begin, std::uint64_t end, std::uint64_t size, const Digest& subtree_root,
                              const Digest& root, std::span<const Digest> proof);

}  // namespace weir::audit
