#include "gateway/row_digests.h"

#include <algorithm>
#include <cstring>

namespace weir::gateway {
namespace {

audit::Hmac Keyed(const audit::SecretKey& root, std::string_view purpose, const Keyring& keyring,
                  const SyncPlan& plan, std::string_view entity) {
  const std::string_view fields[] = {purpose, "hmac-sha256", keyring.tenant, keyring.environment,
                                     plan.spec->destination, plan.spec->id, entity, "1"};
  return audit::Hmac(audit::DeriveKey(root, fields));
}

// Where a row goes, and how its fields are called: the same values in another place are another delivery.
std::string PlaceAndFields(const SyncPlan& plan) {
  std::string out;
  audit::AppendField(&out, plan.place);
  audit::AppendField(&out, plan.decision.destination == nullptr ? "" : plan.decision.destination->origin);
  for (const Field& field : plan.fields) {
    audit::AppendField(&out, field.name);
    audit::AppendField(&out, policies::Name(field.type));
  }
  return out;
}

template <typename Array>
Array Truncated(const audit::Digest& digest) {
  Array out;
  static_assert(sizeof(Array) <= sizeof(digest));
  std::memcpy(out.data(), digest.data(), out.size());
  return out;
}

template <typename Array>
std::string_view View(const Array& array) {
  return {reinterpret_cast<const char*>(array.data()), array.size()};
}

}  // namespace

void AppendCell(std::string* out, bool null, std::string_view text) {
  if (null) {
    out->push_back('\0');
    return;
  }
  const auto size = static_cast<std::uint32_t>(text.size());
  const char header[5] = {1, static_cast<char>(size), static_cast<char>(size >> 8), static_cast<char>(size >> 16),
                          static_cast<char>(size >> 24)};
  out->append(header, sizeof header);
  out->append(text);
}

bool ParseCells(std::string_view bytes, std::vector<std::optional<std::string>>* cells) {
  cells->clear();
  while (!bytes.empty()) {
    if (bytes[0] == 0) {
      cells->emplace_back(std::nullopt);
      bytes.remove_prefix(1);
      continue;
    }
    if (bytes[0] != 1 || bytes.size() < 5) return false;
    std::uint32_t size = 0;
    for (int i = 3; i >= 0; --i) size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i) + 1]);
    if (bytes.size() - 5 < size) return false;
    cells->emplace_back(std::string(bytes.substr(5, size)));
    bytes.remove_prefix(5 + static_cast<std::size_t>(size));
  }
  return true;
}

RowDigests::RowDigests(const SyncPlan& plan, const Keyring& keyring)
    : plan_(plan),
      key_(Keyed(keyring.state_root, "row-key", keyring, plan, "")),
      input_(Keyed(keyring.state_root, "input-fingerprint", keyring, plan, plan.effect_digest)),
      outgoing_(Keyed(keyring.state_root, "outgoing-fingerprint", keyring, plan, PlaceAndFields(plan))),
      record_tag_(Keyed(keyring.tag_root, "record-tag", keyring, plan, "")),
      idempotency_(Keyed(keyring.tag_root, "idempotency-key", keyring, plan, "")),
      commit_(Keyed(keyring.tag_root, "payload-commitment", keyring, plan, "")) {
  for (const SyncPlan::SubjectColumn& subject : plan.subject_columns) {
    // Per destination, not per sync: the same person has one tag in all logs about one recipient.
    const std::string_view fields[] = {"subject-tag",   "hmac-sha256",          keyring.tenant, keyring.environment,
                                       plan.spec->destination, subject.subject, "1"};
    subjects_.emplace_back(audit::DeriveKey(keyring.tag_root, fields));
  }
}

RowKey RowDigests::Key(std::string_view match_cells) { return Truncated<RowKey>(key_.Compute(match_cells)); }

std::uint64_t RowDigests::Input(std::string_view mapped_cells) {
  const audit::Digest digest = input_.Compute(mapped_cells);
  std::uint64_t out;
  std::memcpy(&out, digest.data(), sizeof out);
  return out;
}

std::array<std::uint8_t, 12> RowDigests::Outgoing(std::string_view outgoing_cells) {
  return Truncated<std::array<std::uint8_t, 12>>(outgoing_.Compute(outgoing_cells));
}

Tag RowDigests::RecordTag(std::string_view match_cells) {
  return Truncated<Tag>(record_tag_.Compute(match_cells));
}

Tag RowDigests::SubjectTag(std::size_t subject_column, std::string_view value) {
  return Truncated<Tag>(subjects_[subject_column].Compute(value));
}

std::uint32_t RowDigests::AppendSubjectTags(const policies::Batch& batch, std::uint32_t row, std::vector<Tag>* out) {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < plan_.subject_columns.size() && count < audit::kMaxOutcomeSubjects; ++i) {
    const policies::CellColumn& column = batch.columns[plan_.subject_columns[i].column];
    if (column.IsNull(row)) continue;
    out->push_back(SubjectTag(i, column.Text(row)));
    ++count;
  }
  return count;
}

void RowDigests::AppendIdempotencyKey(Operation operation, const RowKey& key,
                                      const std::array<std::uint8_t, 12>& outgoing, std::string* out) {
  buffer_.assign(View(key));
  buffer_.push_back(static_cast<char>(operation));
  buffer_.append(View(outgoing));
  const audit::Digest digest = idempotency_.Compute(buffer_);
  audit::AppendHex(std::span(digest).first(kIdempotencyKeyDigits / 2), out);
}

audit::Commitment RowDigests::Commit(const Tag& record_tag, Operation operation,
                                     const std::array<std::uint8_t, 12>& outgoing, std::string_view outgoing_cells) {
  buffer_.assign(View(record_tag));
  buffer_.push_back(static_cast<char>(operation));
  buffer_.append(View(outgoing));
  const audit::Digest salt = commit_.Compute(buffer_);
  buffer_.assign(View(salt));
  buffer_.append(outgoing_cells);
  return Truncated<audit::Commitment>(audit::Sha256(buffer_));
}

}  // namespace weir::gateway
