#include "manifest/timestamp.h"

#include <cstdint>

namespace weir::manifest {
namespace {

// Takes exactly `count` digits off the front.
std::optional<int> TakeDigits(std::string_view* text, std::size_t count) {
  if (text->size() < count) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return number;
}

bool Take(std::string_view* text, char wanted) {
  if (text->empty() || text->front() != wanted) return false;
  text->remove_prefix(1);
  return true;
}

std::optional<std::chrono::nanoseconds> TakeFraction(std::string_view* text) {
  std::int64_t nanoseconds = 0;
  std::int64_t unit = 100'000'000;
  std::size_t count = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
    if (++count > 9) return std::nullopt;
    nanoseconds += (text->front() - '0') * unit;
    unit /= 10;
    text->remove_prefix(1);
  }
  if (count == 0) return std::nullopt;
  return std::chrono::nanoseconds(nanoseconds);
}

std::optional<std::chrono::minutes> TakeZone(std::string_view* text) {
  if (text->empty() || Take(text, 'Z')) return std::chrono::minutes(0);
  const bool east = Take(text, '+');
  if (!east && !Take(text, '-')) return std::nullopt;
  const std::optional<int> hours = TakeDigits(text, 2);
  Take(text, ':');
  const std::optional<int> minutes = TakeDigits(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes zone = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return east ? zone : -zone;
}

}  // namespace

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  const std::optional<int> year = TakeDigits(&text, 4);
  if (!year || !Take(&text, '-')) return std::nullopt;
  const std::optional<int> month = TakeDigits(&text, 2);
  if (!month || !Take(&text, '-')) return std::nullopt;
  const std::optional<int> day = TakeDigits(&text, 2);
  if (!day || (!Take(&text, 'T') && !Take(&text, ' '))) return std::nullopt;
  const std::optional<int> hour = TakeDigits(&text, 2);
  if (!hour || !Take(&text, ':')) return std::nullopt;
  const std::optional<int> minute = TakeDigits(&text, 2);
  if (!minute || !Take(&text, ':')) return std::nullopt;
  const std::optional<int> second = TakeDigits(&text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::chrono::nanoseconds fraction(0);
  if (Take(&text, '.')) {
    const std::optional<std::chrono::nanoseconds> taken = TakeFraction(&text);
    if (!taken) return std::nullopt;
    fraction = *taken;
  }
  const std::optional<std::chrono::minutes> zone = TakeZone(&text);
  if (!zone || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1678 || *year > 2261)
    return std::nullopt;  // what 64 bits of nanoseconds can hold
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + fraction - *zone;
}

std::optional<Timestamp> FromSeconds(double seconds) {
  if (!(seconds > 0 && seconds < 9e9)) return std::nullopt;
  return Timestamp(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

}  // namespace weir::manifest
