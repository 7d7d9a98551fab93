#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/log.h"

// The bytes of a segment file; audit/README.md has the prose. Numbers are big-endian.
//
//   segment = header frame*
//   header  = magic[8] version:u16 first_frame:u64 first_entry:u64 salt[16] (length:u16 text)*3 crc:u32
//             the three texts are tenant, environment and stream; crc is CRC-32C of all before it
//   frame   = kind:u8 length:u24 number:u32 place:u32 crc:u32 bytes[length]
//             number: the low 32 bits of the frame's number; place: frames before it in its batch (one Commit);
//             crc: CRC-32C of salt, the frame's whole number:u64, kind, length, place, bytes
//
// The salt keeps bytes of another file, or of this file's earlier life, from passing as frames. The place tells a torn
// batch from corruption: a later frame whose batch begins after a bad frame proves that the bad one was synced.
namespace weir::audit {

inline constexpr std::string_view kSegmentMagic = "WEIRSEG\n";
inline constexpr std::uint16_t kSegmentVersion = 1;
inline constexpr std::size_t kFrameHeader = 16;
inline constexpr std::size_t kMaxFrameBytes = std::size_t{1} << 20;

enum class FrameKind : std::uint8_t { kEntry = 1, kPrivate = 2 };

struct SegmentHeader {
  LogIds ids;
  std::uint64_t first_frame = 0;  // number of the first frame
  std::uint64_t first_entry = 0;  // index that the first entry in it gets
  std::array<std::byte, 16> salt{};
};

// Ids of at most 65,535 bytes each.
std::string EncodeSegmentHeader(const SegmentHeader& header);
// nullopt: not such a header, or another version. *size: the bytes it takes.
std::optional<SegmentHeader> DecodeSegmentHeader(std::string_view bytes, std::size_t* size);

std::string SegmentName(std::uint64_t first_frame);  // 16 hexadecimal digits and `.seg`
std::optional<std::uint64_t> ParseSegmentName(std::string_view name);

// Writes and checks frames of one segment.
class FrameCodec {
 public:
  explicit FrameCodec(const std::array<std::byte, 16>& salt);

  void Append(FrameKind kind, std::uint64_t number, std::uint32_t place, std::string_view bytes,
              std::string* out) const;

  struct Parsed {
    FrameKind kind = FrameKind::kEntry;
    std::uint32_t place = 0;
    std::string_view bytes;  // into the input
  };
  // The frame that `input` begins with. nullopt: it is cut, or is not frame `number` of this segment.
  std::optional<Parsed> Parse(std::string_view input, std::uint64_t number) const;
  // How many bytes the frame that begins with these takes, as its unchecked header says; kFrameHeader bytes at least.
  static std::size_t ClaimedSize(std::string_view header);

  // Whether `rest`, which follows the bad frame `number`, holds a frame whose batch begins later than that.
  bool HoldsLaterBatch(std::string_view rest, std::uint64_t number) const;

 private:
  std::uint32_t Checksum(std::uint64_t number, std::string_view kind_and_length, std::string_view place,
                         std::string_view bytes) const;
  std::uint32_t salt_crc_;
};

}  // namespace weir::audit
