// The low-level SHA-256 functions are deprecated in OpenSSL 3.0 in favour of EVP, whose fetch and context cost twice
// the hashing of a short entry (707 against 290 ns for 250 bytes). They run the same SHA-NI code and cannot fail.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "audit/digest.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::audit {
namespace {

constexpr std::size_t kBlock = 64;

unsigned char* Out(Digest* digest) { return reinterpret_cast<unsigned char*>(digest->data()); }

// State of SHA-256 after one block of `key` xor `pad` (RFC 2104).
SHA256_CTX AfterKeyBlock(std::span<const std::byte> key, unsigned char pad) {
  std::array<unsigned char, kBlock> block;
  block.fill(pad);
  for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= std::to_integer<unsigned char>(key[i]);
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
  return context;
}

}  // namespace

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

std::string_view Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Digest Sha256(std::span<const std::byte> data) { return Sha256(Text(data)); }

Digest Sha256(std::string_view data) {
  Digest digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, data.data(), data.size());
  SHA256_Final(Out(&digest), &context);
  return digest;
}

struct Sha256Stream::State {
  SHA256_CTX context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(std::string_view piece) { SHA256_Update(&state_->context, piece.data(), piece.size()); }

Digest Sha256Stream::Finish() {
  Digest digest;
  SHA256_Final(Out(&digest), &state_->context);
  return digest;
}

std::string Md5(std::string_view text) {
  std::array<std::byte, MD5_DIGEST_LENGTH> digest;
  MD5(reinterpret_cast<const unsigned char*>(text.data()), text.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return Hex(digest);
}

Digest Sha256Prefixed(std::uint8_t prefix, std::string_view first, std::string_view second) {
  Digest digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, &prefix, 1);
  SHA256_Update(&context, first.data(), first.size());
  if (!second.empty()) SHA256_Update(&context, second.data(), second.size());
  SHA256_Final(Out(&digest), &context);
  return digest;
}

struct Hmac::State {
  SHA256_CTX inner_start;
  SHA256_CTX outer_start;
  SHA256_CTX running;

  // Any length of key up to a block: HKDF needs the all-zero salt, which the public constructor refuses.
  explicit State(std::span<const std::byte> key)
      : inner_start(AfterKeyBlock(key, 0x36)), outer_start(AfterKeyBlock(key, 0x5c)), running(inner_start) {}
  ~State() { OPENSSL_cleanse(this, sizeof(*this)); }

  Digest Finish() {
    Digest inner;
    SHA256_Final(Out(&inner), &running);
    SHA256_CTX outer = outer_start;
    SHA256_Update(&outer, inner.data(), inner.size());
    SHA256_Final(Out(&inner), &outer);
    return inner;
  }
};

Hmac::Hmac(const SecretKey& key) : state_(nullptr) {
  if (key.IsZero()) throw CryptoError("an HMAC key is missing (all zero)");
  state_ = new State(key.bytes());
}

Hmac::~Hmac() { delete state_; }

Hmac::Hmac(Hmac&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Hmac& Hmac::operator=(Hmac&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Digest Hmac::Compute(std::string_view message) {
  Begin();
  Update(message);
  return Finish();
}

void Hmac::Begin() { state_->running = state_->inner_start; }

void Hmac::Update(std::string_view piece) { SHA256_Update(&state_->running, piece.data(), piece.size()); }

Digest Hmac::Finish() { return state_->Finish(); }

void AppendField(std::string* out, std::string_view field) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>((static_cast<std::uint64_t>(field.size()) >> shift) & 0xff));
  }
  out->append(field);
}

SecretKey Hkdf(std::span<const std::byte> input_key, std::string_view salt, std::string_view info) {
  if (salt.size() > kBlock) throw CryptoError("an HKDF salt is longer than 64 bytes");
  // Extract; then T(1) of expand.
  SHA256_CTX inner = AfterKeyBlock(Bytes(salt), 0x36);
  SHA256_CTX outer = AfterKeyBlock(Bytes(salt), 0x5c);
  Digest pseudo_random;
  SHA256_Update(&inner, input_key.data(), input_key.size());
  SHA256_Final(Out(&pseudo_random), &inner);
  SHA256_Update(&outer, pseudo_random.data(), pseudo_random.size());
  SHA256_Final(Out(&pseudo_random), &outer);
  inner = AfterKeyBlock(pseudo_random, 0x36);
  outer = AfterKeyBlock(pseudo_random, 0x5c);
  const unsigned char counter = 1;
  SHA256_Update(&inner, info.data(), info.size());
  SHA256_Update(&inner, &counter, 1);
  SHA256_Final(Out(&pseudo_random), &inner);
  SHA256_Update(&outer, pseudo_random.data(), pseudo_random.size());
  SHA256_Final(Out(&pseudo_random), &outer);
  SecretKey key(pseudo_random);
  OPENSSL_cleanse(pseudo_random.data(), pseudo_random.size());
  OPENSSL_cleanse(&inner, sizeof(inner));
  OPENSSL_cleanse(&outer, sizeof(outer));
  return key;
}

SecretKey DeriveKey(const SecretKey& root, std::span<const std::string_view> fields) {
  if (root.IsZero()) throw CryptoError("a root key is missing (all zero)");
  std::string info;
  for (const std::string_view field : fields) AppendField(&info, field);
  return Hkdf(root.bytes(), {}, info);
}

}  // namespace weir::audit
