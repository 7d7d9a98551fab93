#include "audit/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <limits>
#include <memory>

#include "audit/digest.h"

namespace weir::audit {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* In(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void Require(bool good) {
  if (!good) throw CryptoError("AES-256-GCM failed in the cryptographic library");
}

int Length(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) - 64) {
    throw CryptoError("a message to seal is longer than 2 GiB");
  }
  return static_cast<int>(text.size());
}

Context NewContext(const SecretKey& key, bool encrypt) {
  Context context(EVP_CIPHER_CTX_new());
  Require(context != nullptr);
  Require(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                            reinterpret_cast<const unsigned char*>(key.bytes().data()), nullptr, encrypt ? 1 : 0) == 1);
  return context;
}

}  // namespace

struct Sealer::State {
  Context seal;
  Context open;
  std::uint64_t sealed = 0;
};

Sealer::Sealer(const SecretKey& key) : state_(nullptr) {
  if (key.IsZero()) throw CryptoError("a sealing key is missing (all zero)");
  auto state = std::make_unique<State>();
  state->seal = NewContext(key, true);
  state->open = NewContext(key, false);
  state_ = state.release();
}

Sealer::~Sealer() { delete state_; }

void Sealer::Seal(std::string_view plaintext, std::string_view associated, std::string* out) {
  // SP 800-38D section 8.3: with random nonces no more than 2^32 messages under one key.
  if (state_->sealed >= std::uint64_t{1} << 32) throw CryptoError("a sealing key is used up; rotate it");
  ++state_->sealed;
  const std::size_t start = out->size();
  out->resize(start + kOverhead + plaintext.size());
  auto* nonce = reinterpret_cast<unsigned char*>(out->data() + start);
  EVP_CIPHER_CTX* context = state_->seal.get();
  int written = 0;
  Require(RAND_bytes(nonce, static_cast<int>(kNonce)) == 1);
  Require(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce) == 1);
  Require(EVP_EncryptUpdate(context, nullptr, &written, In(associated), Length(associated)) == 1);
  Require(EVP_EncryptUpdate(context, nonce + kNonce, &written, In(plaintext), Length(plaintext)) == 1);
  Require(EVP_EncryptFinal_ex(context, nonce + kNonce + plaintext.size(), &written) == 1);
  Require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTag),
                              nonce + kNonce + plaintext.size()) == 1);
}

void Sealer::Open(std::string_view sealed, std::string_view associated, std::string* out) {
  if (sealed.size() < kOverhead) throw SealError("a sealed message is cut short");
  const std::string_view cipher = sealed.substr(kNonce, sealed.size() - kOverhead);
  std::string tag(sealed.substr(sealed.size() - kTag));
  const std::size_t start = out->size();
  out->resize(start + cipher.size());
  auto* plain = reinterpret_cast<unsigned char*>(out->data() + start);
  EVP_CIPHER_CTX* context = state_->open.get();
  int written = 0;
  const bool good =
      EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, In(sealed)) == 1 &&
      EVP_DecryptUpdate(context, nullptr, &written, In(associated), Length(associated)) == 1 &&
      EVP_DecryptUpdate(context, plain, &written, In(cipher), Length(cipher)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context, plain + cipher.size(), &written) == 1;
  if (!good) {
    // Unauthenticated plaintext must not stay readable in the string's spare room.
    std::fill(out->begin() + static_cast<std::ptrdiff_t>(start), out->end(), '\0');
    out->resize(start);
    throw SealError("a sealed message does not verify under this key and place");
  }
}

}  // namespace weir::audit
