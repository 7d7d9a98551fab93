#include "audit/log_format.h"

#include <cstring>

#include "audit/crc32c.h"
#include "audit/digest.h"

namespace weir::audit {
namespace {

void Put(std::uint64_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint64_t Get(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

constexpr std::size_t kFixedHeader = 8 + 2 + 8 + 8 + 16;

}  // namespace

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string out(kSegmentMagic);
  Put(kSegmentVersion, 2, &out);
  Put(header.first_frame, 8, &out);
  Put(header.first_entry, 8, &out);
  out += Text(header.salt);
  for (const std::string* text : {&header.ids.tenant, &header.ids.environment, &header.ids.stream}) {
    Put(text->size(), 2, &out);
    out += *text;
  }
  Put(Crc32c(0, out), 4, &out);
  return out;
}

std::optional<SegmentHeader> DecodeSegmentHeader(std::string_view bytes, std::size_t* size) {
  if (bytes.size() < kFixedHeader || !bytes.starts_with(kSegmentMagic) || Get(bytes, 8, 2) != kSegmentVersion) {
    return std::nullopt;
  }
  SegmentHeader header;
  header.first_frame = Get(bytes, 10, 8);
  header.first_entry = Get(bytes, 18, 8);
  std::memcpy(header.salt.data(), bytes.data() + 26, header.salt.size());
  std::size_t at = kFixedHeader;
  for (std::string* text : {&header.ids.tenant, &header.ids.environment, &header.ids.stream}) {
    if (bytes.size() - at < 2) return std::nullopt;
    const std::size_t length = Get(bytes, at, 2);
    at += 2;
    if (bytes.size() - at < length) return std::nullopt;
    text->assign(bytes.substr(at, length));
    at += length;
  }
  if (bytes.size() - at < 4 || Get(bytes, at, 4) != Crc32c(0, bytes.substr(0, at))) return std::nullopt;
  *size = at + 4;
  return header;
}

std::string SegmentName(std::uint64_t first_frame) {
  std::string raw;
  Put(first_frame, 8, &raw);
  return Hex(Bytes(raw)) + ".seg";
}

std::optional<std::uint64_t> ParseSegmentName(std::string_view name) {
  if (name.size() != 20 || !name.ends_with(".seg")) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : name.substr(0, 16)) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  return value;
}

FrameCodec::FrameCodec(const std::array<std::byte, 16>& salt) : salt_crc_(Crc32c(0, Text(salt))) {}

std::uint32_t FrameCodec::Checksum(std::uint64_t number, std::string_view kind_and_length, std::string_view place,
                                   std::string_view bytes) const {
  char prefix[16];
  for (std::size_t i = 0; i < 8; ++i) prefix[i] = static_cast<char>(number >> (8 * (7 - i)) & 0xff);
  std::memcpy(prefix + 8, kind_and_length.data(), 4);
  std::memcpy(prefix + 12, place.data(), 4);
  return Crc32c(Crc32c(salt_crc_, {prefix, sizeof(prefix)}), bytes);
}

void FrameCodec::Append(FrameKind kind, std::uint64_t number, std::uint32_t place, std::string_view bytes,
                        std::string* out) const {
  const std::size_t start = out->size();
  Put(static_cast<std::uint64_t>(kind), 1, out);
  Put(bytes.size(), 3, out);
  Put(number, 4, out);
  Put(place, 4, out);
  const std::string_view header = std::string_view(*out).substr(start);
  Put(Checksum(number, header.substr(0, 4), header.substr(8, 4), bytes), 4, out);
  out->append(bytes);
}

std::size_t FrameCodec::ClaimedSize(std::string_view header) { return kFrameHeader + Get(header, 1, 3); }

std::optional<FrameCodec::Parsed> FrameCodec::Parse(std::string_view input, std::uint64_t number) const {
  if (input.size() < kFrameHeader) return std::nullopt;
  const std::uint64_t kind = Get(input, 0, 1);
  const std::size_t length = Get(input, 1, 3);
  if (kind != static_cast<std::uint64_t>(FrameKind::kEntry) && kind != static_cast<std::uint64_t>(FrameKind::kPrivate)) {
    return std::nullopt;
  }
  if (length > kMaxFrameBytes || input.size() - kFrameHeader < length || Get(input, 4, 4) != (number & 0xffffffff)) {
    return std::nullopt;
  }
  Parsed parsed{static_cast<FrameKind>(kind), static_cast<std::uint32_t>(Get(input, 8, 4)),
                input.substr(kFrameHeader, length)};
  if (Get(input, 12, 4) != Checksum(number, input.substr(0, 4), input.substr(8, 4), parsed.bytes)) return std::nullopt;
  return parsed;
}

bool FrameCodec::HoldsLaterBatch(std::string_view rest, std::uint64_t number) const {
  const std::uint64_t most = rest.size() / kFrameHeader + 1;  // frames that can follow in so many bytes
  for (std::size_t at = 0; at + kFrameHeader <= rest.size(); ++at) {
    const auto ahead = static_cast<std::uint32_t>(Get(rest, at + 4, 4) - number);
    const std::uint64_t place = Get(rest, at + 8, 4);
    if (ahead == 0 || ahead > most || place >= ahead) continue;  // its batch began at `number` or before
    if (Parse(rest.substr(at), number + ahead)) return true;
  }
  return false;
}

}  // namespace weir::audit
