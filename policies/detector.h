#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::policies {

// What Weir recognizes in text by itself: what `value:` of a class asks for and what `scrub` takes out. Only what can be
// told from the text alone: a date of birth or a name cannot.
enum class Detector : std::uint8_t { kEmail, kPhone, kUsSsn, kCreditCard, kIban, kIpAddress, kUrl };
constexpr std::size_t kDetectors = 7;

std::string_view Name(Detector detector);  // "email", "us_ssn", …
std::optional<Detector> FindDetector(std::string_view name);
const std::vector<std::string>& DetectorNames();

}  // namespace weir::policies
