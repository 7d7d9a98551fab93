#include <algorithm>
#include <array>
#include <cstdint>

#include "audit/digest.h"

namespace weir::audit {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> MakeValues() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kStandard.size(); ++i) {
    values[static_cast<unsigned char>(kStandard[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

}  // namespace

std::string Hex(std::span<const std::byte> bytes) {
  std::string out;
  AppendHex(bytes, &out);
  return out;
}

void AppendHex(std::span<const std::byte> bytes, std::string* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t at = out->size();
  out->resize(at + 2 * bytes.size());
  for (const std::byte byte : bytes) {
    (*out)[at++] = kDigits[std::to_integer<std::size_t>(byte >> 4)];
    (*out)[at++] = kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
}

std::string Base64(std::span<const std::byte> bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      if (i <= count) {
        out.push_back(kStandard[group >> (18 - 6 * i) & 63]);
      } else {
        out.push_back('=');
      }
    }
  }
  return out;
}

std::string Base64Url(std::span<const std::byte> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  out.resize(static_cast<std::size_t>(WriteBase64Url(bytes, out.data()) - out.data()));
  return out;
}

char* WriteBase64Url(std::span<const std::byte> bytes, char* out) {
  const auto number = [](std::byte byte) { return std::to_integer<std::uint32_t>(byte); };
  for (; bytes.size() >= 3; bytes = bytes.subspan(3), out += 4) {
    const std::uint32_t group = number(bytes[0]) << 16 | number(bytes[1]) << 8 | number(bytes[2]);
    out[0] = kUrl[group >> 18];
    out[1] = kUrl[group >> 12 & 63];
    out[2] = kUrl[group >> 6 & 63];
    out[3] = kUrl[group & 63];
  }
  if (bytes.empty()) return out;
  const std::uint32_t group = number(bytes[0]) << 16 | (bytes.size() == 2 ? number(bytes[1]) << 8 : 0);
  *out++ = kUrl[group >> 18];
  *out++ = kUrl[group >> 12 & 63];
  if (bytes.size() == 2) *out++ = kUrl[group >> 6 & 63];
  return out;
}

bool DecodeBase64(std::string_view text, std::string* out) {
  static constexpr std::array<std::int8_t, 256> kValues = MakeValues();
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string decoded;
  decoded.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t pads = at + 4 == text.size() ? padding : 0;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::int8_t value = i < 4 - pads ? kValues[static_cast<unsigned char>(text[at + i])] : std::int8_t{0};
      if (value < 0) return false;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    if (pads != 0 && (group & ((1u << (8 * pads)) - 1)) != 0) return false;  // bits that encode nothing must be zero
    for (std::size_t i = 0; i < 3 - pads; ++i) decoded.push_back(static_cast<char>(group >> (16 - 8 * i) & 0xff));
  }
  *out = std::move(decoded);
  return true;
}

}  // namespace weir::audit
