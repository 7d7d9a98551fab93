#include "gateway/state_format.h"

#include <bit>
#include <cstring>

namespace weir::gateway {
namespace {

// Records are read where they lie in the file.
static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kIdFields = 4;  // tenant, environment, sync, check value of the key

std::string_view Magic(StateFileKind kind) { return kind == StateFileKind::kState ? "WEIRSTAT" : "WEIRSIDE"; }

void AppendLittleEndian32(std::uint32_t number, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(number >> shift));
}

std::uint32_t LoadLittleEndian32(const char* bytes) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

// The inverse of audit::AppendField.
bool TakeField(std::string_view* rest, std::string_view* field) {
  if (rest->size() < 8) return false;
  std::uint64_t size = 0;
  for (int i = 0; i < 8; ++i) size = size << 8 | static_cast<unsigned char>((*rest)[static_cast<std::size_t>(i)]);
  if (size > rest->size() - 8) return false;
  *field = rest->substr(8, size);
  rest->remove_prefix(8 + size);
  return true;
}

Preamble DecodePreamble(std::string_view bytes, StateFileKind kind) {
  Preamble preamble;
  preamble.kind = kind;
  preamble.generation = LoadLittleEndian32(bytes.data() + 12);
  std::memcpy(preamble.pair.data(), bytes.data() + 16, preamble.pair.size());
  preamble.records = LoadLittleEndian64(bytes.data() + 32);
  preamble.trailer_offset = LoadLittleEndian64(bytes.data() + 40);
  preamble.trailer_size = LoadLittleEndian64(bytes.data() + 48);
  return preamble;
}

void CheckIds(const std::vector<std::string_view>& fields, const StateKeys& keys, const std::string& path) {
  const StateIds& ids = keys.ids();
  const std::pair<const char*, const std::string*> expected[] = {
      {"tenant", &ids.tenant}, {"environment", &ids.environment}, {"sync", &ids.sync}};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    if (fields[i] == *expected[i].second) continue;
    throw StateError("W-STATE-003", "the state file `" + path + "` is of " + expected[i].first + " `" +
                                        std::string(fields[i]) + "`, not of `" + *expected[i].second +
                                        "`; check `state` in weir.yml");
  }
  if (fields[3] != keys.check_value()) {
    throw StateError("W-STATE-004", "the state file `" + path +
                                        "` was made with another key file; restore the key file that belongs to it");
  }
}

}  // namespace

std::uint64_t LoadLittleEndian64(const char* bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

void AppendLittleEndian64(std::uint64_t number, std::string* out) {
  for (int shift = 0; shift < 64; shift += 8) out->push_back(static_cast<char>(number >> shift));
}

StateKeys::StateKeys(const StateIds& ids, const audit::SecretKey& state_root, const audit::SecretKey& seal_root)
    : ids_(ids), seal_root_(seal_root.Clone()) {
  const std::string_view fields[] = {"weir state file", "HMAC-SHA-256", ids.tenant, ids.environment, ids.sync, "1"};
  hmac_.emplace(audit::DeriveKey(state_root, fields));
  const audit::Digest check = hmac_->Compute("key check");
  check_value_ = std::string(audit::Text(std::span(check).first<16>()));
}

audit::Digest StateKeys::Authenticate(std::string_view preamble, std::string_view trailer) {
  hmac_->Begin();
  hmac_->Update("state file\n");
  hmac_->Update(preamble);
  hmac_->Update(trailer);
  return hmac_->Finish();
}

audit::SecretKey StateKeys::SealingKey(const PairId& pair) const {
  const std::string_view id(reinterpret_cast<const char*>(pair.data()), pair.size());
  const std::string_view fields[] = {"weir state file", "AES-256-GCM", ids_.tenant, ids_.environment, ids_.sync, id};
  return audit::DeriveKey(seal_root_, fields);
}

audit::SecretKey StateKeys::PublishedKey() const {
  const std::string_view fields[] = {"weir published log", "AES-256-GCM", ids_.tenant, ids_.environment, ids_.sync, "1"};
  return audit::DeriveKey(seal_root_, fields);
}

std::string EncodePreamble(const Preamble& preamble) {
  std::string bytes(Magic(preamble.kind));
  AppendLittleEndian32(kStateFormat, &bytes);
  AppendLittleEndian32(preamble.generation, &bytes);
  bytes.append(reinterpret_cast<const char*>(preamble.pair.data()), preamble.pair.size());
  AppendLittleEndian64(preamble.records, &bytes);
  AppendLittleEndian64(preamble.trailer_offset, &bytes);
  AppendLittleEndian64(preamble.trailer_size, &bytes);
  bytes.resize(kPreambleBytes, '\0');
  return bytes;
}

std::string EncodeTrailer(StateKeys* keys, const std::vector<std::string>& fields, std::uint64_t trailer_offset,
                          Preamble* preamble) {
  std::string trailer;
  for (const std::string* id : {&keys->ids().tenant, &keys->ids().environment, &keys->ids().sync}) {
    audit::AppendField(&trailer, *id);
  }
  audit::AppendField(&trailer, keys->check_value());
  for (const std::string& field : fields) audit::AppendField(&trailer, field);
  preamble->trailer_offset = trailer_offset;
  preamble->trailer_size = trailer.size() + 2 * kDigestBytes;
  const std::string head = EncodePreamble(*preamble);
  const audit::Digest checksum = audit::Sha256(head + trailer);
  const audit::Digest tag = keys->Authenticate(head, trailer);
  trailer.append(audit::Text(checksum)).append(audit::Text(tag));
  return trailer;
}

std::optional<CheckedFile> CheckStateFile(std::string_view bytes, StateFileKind kind, const std::string& path,
                                          StateKeys* keys, std::string* damage) {
  const auto damaged = [&](const char* why) {
    *damage = "`" + path + "` " + why;
    return std::nullopt;
  };
  if (bytes.size() < kPreambleBytes) return damaged("is cut short");
  if (!bytes.starts_with(Magic(kind))) return damaged("does not begin as a state file does");
  const std::uint32_t format = LoadLittleEndian32(bytes.data() + 8);
  if (format != kStateFormat) {
    throw StateError("W-STATE-005", "the state file `" + path + "` has format " + std::to_string(format) +
                                        ", and this program reads format 1; use the program that wrote it");
  }
  CheckedFile file;
  file.preamble = DecodePreamble(bytes, kind);
  const Preamble& preamble = file.preamble;
  if (preamble.trailer_offset < kPreambleBytes || preamble.trailer_offset > bytes.size() ||
      preamble.trailer_size != bytes.size() - preamble.trailer_offset || preamble.trailer_size < 2 * kDigestBytes) {
    return damaged("does not have the size that it names");
  }
  const std::string_view head = bytes.substr(0, kPreambleBytes);
  const std::string_view trailer =
      bytes.substr(preamble.trailer_offset, preamble.trailer_size - 2 * kDigestBytes);
  const std::string_view sums = bytes.substr(bytes.size() - 2 * kDigestBytes);
  const audit::Digest checksum = audit::Sha256(std::string(head).append(trailer));
  if (sums.substr(0, kDigestBytes) != audit::Text(checksum)) return damaged("does not have the checksum that it names");

  std::string_view rest = trailer, field;
  while (!rest.empty()) {
    if (!TakeField(&rest, &field)) return damaged("is malformed");
    file.fields.push_back(field);
  }
  if (file.fields.size() < kIdFields) return damaged("is malformed");
  CheckIds(file.fields, *keys, path);
  const audit::Digest tag = keys->Authenticate(head, trailer);
  if (sums.substr(kDigestBytes) != audit::Text(tag)) return damaged("was altered");
  file.fields.erase(file.fields.begin(), file.fields.begin() + kIdFields);
  file.body = bytes.substr(kPreambleBytes, preamble.trailer_offset - kPreambleBytes);
  return file;
}

std::string EncodeStateHeader(const StateHeader& header) {
  std::string bytes;
  AppendLittleEndian64(header.applied_frame, &bytes);
  AppendLittleEndian32(header.run, &bytes);
  audit::AppendField(&bytes, header.effect_digest);
  audit::AppendField(&bytes, header.place);
  for (const std::string& field : header.sent_fields) audit::AppendField(&bytes, field);
  return bytes;
}

bool DecodeStateHeader(std::string_view bytes, StateHeader* header) {
  if (bytes.size() < 12) return false;
  header->applied_frame = LoadLittleEndian64(bytes.data());
  header->run = LoadLittleEndian32(bytes.data() + 8);
  bytes.remove_prefix(12);
  std::string_view field;
  if (!TakeField(&bytes, &field)) return false;
  header->effect_digest = std::string(field);
  if (!TakeField(&bytes, &field)) return false;
  header->place = std::string(field);
  header->sent_fields.clear();
  while (!bytes.empty()) {
    if (!TakeField(&bytes, &field)) return false;
    header->sent_fields.emplace_back(field);
  }
  return true;
}

StateError DamagedStateFile(const std::string& path, const std::string& where) {
  return StateError("W-STATE-001",
                    "the state file `" + path + "` is damaged (" + where +
                        "); move both files of this generation aside, and the next run continues from the one before "
                        "it and from the log; when there is none before it, restore the folder from a backup");
}

}  // namespace weir::gateway
