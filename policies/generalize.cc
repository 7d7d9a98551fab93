#include "policies/generalize.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "policies/canonical_text.h"

namespace weir::policies {
namespace {

__extension__ typedef __int128 Wide;  // 37 digits fit, and every integer type of a warehouse has fewer but DuckDB's HUGEINT
constexpr std::size_t kMostDigits = 37;

// The units of US ZIP codes by their first three digits that hold 20,000 people or fewer: Guidance on
// De-identification of Protected Health Information (HHS, 2012), by the Census of 2000.
constexpr std::array<std::string_view, 17> kSmallAreas = {"036", "059", "063", "102", "203", "556", "692", "790", "821",
                                                          "823", "830", "831", "878", "879", "884", "890", "893"};

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool AppendDate(ColumnType type, bool year, std::string_view text, std::string* out) {
  const bool fits = type == ColumnType::kDate         ? IsDate(text)
                    : type == ColumnType::kTimestamp ? IsTimestamp(text)
                                                     : IsTimestampTz(text);
  if (!fits) return false;
  out->append(text.substr(0, year ? 4 : 7)).append(year ? "-01-01" : "-01");
  if (type != ColumnType::kDate) out->append(" 00:00:00");
  if (type == ColumnType::kTimestampTz) out->append("+00");
  return true;
}

// The number's floor.
std::optional<Wide> FloorOf(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (!AllDigits(whole) || whole.size() > kMostDigits) return std::nullopt;
  if (point != std::string_view::npos && !AllDigits(rest)) return std::nullopt;
  Wide value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  if (!negative) return value;
  return rest.find_first_not_of('0') == std::string_view::npos ? -value : -value - 1;
}

void AppendWide(Wide value, std::string* out) {
  if (value < 0) out->push_back('-');
  std::string digits;
  do {
    const int digit = static_cast<int>(value % 10);
    digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  out->append(digits.rbegin(), digits.rend());
}

bool AppendNumber(std::uint64_t bucket, std::string_view text, std::string* out) {
  const auto floor = FloorOf(text);
  if (!floor) return false;
  const Wide width = bucket;
  const Wide above = ((*floor % width) + width) % width;
  AppendWide(*floor - above, out);
  return true;
}

template <std::size_t kBytes>
bool AppendNetwork(int family, const std::string& address, std::uint32_t prefix, std::string* out) {
  std::array<unsigned char, kBytes> bytes{};
  if (inet_pton(family, address.c_str(), bytes.data()) != 1) return false;
  for (std::uint32_t i = 0; i < kBytes; ++i) {
    const std::uint32_t kept = prefix <= i * 8 ? 0 : std::min<std::uint32_t>(8, prefix - i * 8);
    bytes[i] = static_cast<unsigned char>(bytes[i] & (0xff00u >> kept));
  }
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (inet_ntop(family, bytes.data(), shown.data(), shown.size()) == nullptr) return false;
  out->append(shown.data()).append("/").append(std::to_string(prefix));
  return true;
}

bool AppendIp(const Generalization& generalize, std::string_view text, std::string* out) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return false;
  const std::string address(text);
  return address.find(':') == std::string::npos
             ? AppendNetwork<4>(AF_INET, address, generalize.v4_prefix, out)
             : AppendNetwork<16>(AF_INET6, address, generalize.v6_prefix, out);
}

bool AppendZip(std::string_view text, std::string* out) {
  const bool plain = AllDigits(text) && (text.size() == 5 || text.size() == 9);
  const bool plus_four =
      text.size() == 10 && text[5] == '-' && AllDigits(text.substr(0, 5)) && AllDigits(text.substr(6));
  if (!plain && !plus_four) return false;
  const std::string_view area = text.substr(0, 3);
  const bool small = std::find(kSmallAreas.begin(), kSmallAreas.end(), area) != kSmallAreas.end();
  out->append(small ? "000" : area);
  return true;
}

bool AppendAge(std::uint32_t cap, std::string_view text, std::string* out) {
  const auto age = FloorOf(text);
  if (!age || *age < 0) return false;
  AppendWide(std::min<Wide>(*age, cap), out);
  return true;
}

}  // namespace

bool AppendGeneralized(ColumnType type, const Generalization& generalize, std::string_view text, std::string* out) {
  switch (generalize.what) {
    case Generalization::What::kDate:
      return AppendDate(type, generalize.year, text, out);
    case Generalization::What::kNumber:
      return AppendNumber(generalize.bucket, text, out);
    case Generalization::What::kIp:
      return AppendIp(generalize, text, out);
    case Generalization::What::kZip:
      return AppendZip(text, out);
    case Generalization::What::kAge:
      return AppendAge(generalize.cap, text, out);
  }
  return false;
}

}  // namespace weir::policies
