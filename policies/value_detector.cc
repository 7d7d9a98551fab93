#include "policies/value_detector.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "policies/check_digits.h"

namespace weir::policies {
namespace {

// A pattern of the policy may be found in many places that its check refuses; behind so many it is given up.
constexpr std::size_t kMostPlaces = 64;

// Candidates; what makes them valid is looked at behind them, which is quicker than a pattern that says all.
std::string PatternOf(Detector detector) {
  switch (detector) {
    case Detector::kEmail:
      return R"([A-Za-z0-9._%+'\x80-\xff-]{1,64}@(?:[A-Za-z0-9\x80-\xff-]{1,63}\.){1,8}[A-Za-z]{2,24})";
    case Detector::kPhone:
      // With its country; or as North America writes it, with a mark between its groups; or national, behind an
      // area code in parentheses, or a trunk prefix 0 and with one kind of mark between its groups.
      return R"(\+[1-9][0-9 ().\-/]{5,22}[0-9]|00[1-9][0-9 ().\-/]{6,22}[0-9]|)"
             R"((?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}|)"
             R"(\([1-9][0-9]{1,2}\) [0-9]{3,4}-[0-9]{3,4}|)"
             R"(\(?0[1-9][0-9]{0,3}\)?(?:(?: [0-9]{2,4}){2,5}|(?:\.[0-9]{2,4}){2,5}|(?:-[0-9]{2,4}){2,5}|[ -][0-9]{6,7}))";
    case Detector::kUsSsn:
      return R"([0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{3} [0-9]{2} [0-9]{4})";
    case Detector::kCreditCard:
      return R"([0-9]{12,19}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5})";
    case Detector::kIban:
      return R"([A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30})";
    case Detector::kIpAddress:
      return R"([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{0,40})";
    case Detector::kUrl:
      return R"((?i)(?:https?|ftp)://[^\s"'<>]{3})";
  }
  return {};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; }
bool IsWord(char c) { return IsDigit(c) || IsLetter(c) || c == '_'; }

// Neither end lies within a word, nor within a longer number: `-` and `.` go on when a word follows them.
bool StandsAlone(std::string_view text, Pattern::Place place) {
  const auto joins = [](char c) { return c == '-' || c == '.'; };
  if (place.begin > 0) {
    const char before = text[place.begin - 1];
    if (IsWord(before) || before == '+') return false;
    if (joins(before) && place.begin > 1 && IsWord(text[place.begin - 2])) return false;
  }
  if (place.end < text.size()) {
    const char after = text[place.end];
    if (IsWord(after)) return false;
    if (joins(after) && place.end + 1 < text.size() && IsWord(text[place.end + 1])) return false;
  }
  return true;
}

std::string Digits(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), IsDigit);
  return out;
}

// The candidate's end is not the number's: words that follow look like its groups.
bool IsIbanAt(std::string_view text, Pattern::Place place) {
  std::string compact;
  std::size_t length = 0, at = place.begin;
  for (; at < place.end && (length == 0 || compact.size() < length); ++at) {
    const char c = text[at];
    if (c == ' ' || c == '-') continue;
    compact.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    if (compact.size() == 2) {
      length = IbanLength(compact);
      if (length == 0) return false;
    }
  }
  return IsIban(compact) && StandsAlone(text, {place.begin, at});
}

bool IsIpAt(std::string_view text, Pattern::Place place) {
  while (place.end > place.begin && text[place.end - 1] == '.') --place.end;  // a sentence's
  const std::string address(text.substr(place.begin, place.end - place.begin));
  if (address.size() < 4 || !StandsAlone(text, place)) return false;
  if (place.begin > 0 && text[place.begin - 1] == ':') return false;
  std::array<unsigned char, 16> bytes{};
  return inet_pton(address.find(':') == std::string::npos ? AF_INET : AF_INET6, address.c_str(), bytes.data()) == 1;
}

// Nine to eleven digits, as national numbers have with their trunk prefix. Not in the groups of an SSN, and no part of a
// date, a path or a time.
bool IsNationalPhone(std::string_view text, Pattern::Place place, std::size_t digits) {
  if (digits < 9 || digits > 11) return false;
  const auto continues = [](char c) { return c == ':' || c == '/' || c == ','; };
  if (place.begin > 0 && continues(text[place.begin - 1])) return false;
  if (place.end + 1 < text.size() && continues(text[place.end]) && IsDigit(text[place.end + 1])) return false;
  const std::string_view number = text.substr(place.begin, place.end - place.begin);
  return digits != 9 || number.size() != 11 || IsDigit(number[3]) || IsDigit(number[6]);
}

bool IsPhoneAt(std::string_view text, Pattern::Place place) {
  std::string digits = Digits(text.substr(place.begin, place.end - place.begin));
  if (digits.starts_with('0') && !digits.starts_with("00") && !IsNationalPhone(text, place, digits.size())) return false;
  if (digits.starts_with("00")) digits.erase(0, 2);
  if (digits.size() < 7 || digits.size() > 15) return false;  // ITU-T E.164
  // An extension, `x123`, goes on behind it.
  if (place.end + 1 < text.size() && (text[place.end] == 'x' || text[place.end] == 'X') && IsDigit(text[place.end + 1]))
    return StandsAlone(text.substr(0, place.end), place);
  return StandsAlone(text, place);
}

bool IsEmailAt(std::string_view text, Pattern::Place place) {
  if (place.begin > 0 && (IsWord(text[place.begin - 1]) || text[place.begin - 1] == '@')) return false;
  return place.end == text.size() || (!IsWord(text[place.end]) && text[place.end] != '@');
}

// What a candidate cannot do without: most values are ruled out by one look at their bytes.
bool MayHold(Detector detector, std::string_view text) {
  switch (detector) {
    case Detector::kEmail:
      return text.find('@') != std::string_view::npos;
    case Detector::kUrl:
      return text.find("://") != std::string_view::npos;
    case Detector::kIpAddress:
      return text.find_first_of(".:") != std::string_view::npos;
    default:
      break;
  }
  const auto digits = std::count_if(text.begin(), text.end(), IsDigit);
  switch (detector) {
    case Detector::kPhone:
      return digits >= 7;
    case Detector::kUsSsn:
      return digits >= 9;
    case Detector::kCreditCard:
      return digits >= 12;
    default:
      return digits >= 2;
  }
}

}  // namespace

ValueDetector::ValueDetector(const ValueCriterion& criterion)
    : detector_(criterion.detector),
      check_(criterion.check),
      pattern_(detector_ ? PatternOf(*detector_) : criterion.pattern, detector_.has_value()) {}

bool ValueDetector::LooksAt(ColumnType type) const {
  return !detector_ || type == ColumnType::kText || type == ColumnType::kJson || type == ColumnType::kOther ||
         type == ColumnType::kInteger;
}

bool ValueDetector::Found(std::string_view text) const {
  text = text.substr(0, kMostBytes);
  if (!detector_) return FoundPattern(text);
  if (!MayHold(*detector_, text)) return false;
  for (std::size_t from = 0; const auto place = pattern_.Find(text, from);) {
    if (IsValid(text, *place)) return true;
    // Within what is no number of an account another may begin.
    from = *detector_ == Detector::kIban ? place->begin + 1 : place->end;
  }
  return false;
}

bool ValueDetector::IsValid(std::string_view text, Pattern::Place place) const {
  const std::string_view found = text.substr(place.begin, place.end - place.begin);
  switch (*detector_) {
    case Detector::kEmail:
      return IsEmailAt(text, place);
    case Detector::kPhone:
      return IsPhoneAt(text, place);
    case Detector::kUsSsn:
      return StandsAlone(text, place) && IsSocialSecurityNumber(Digits(found));
    case Detector::kCreditCard:
      return StandsAlone(text, place) && IsCardNumber(Digits(found));
    case Detector::kIban:
      return IsIbanAt(text, place);
    case Detector::kIpAddress:
      return IsIpAt(text, place);
    case Detector::kUrl:
      return place.begin == 0 || !IsWord(text[place.begin - 1]);
  }
  return false;
}

bool ValueDetector::FoundPattern(std::string_view text) const {
  std::size_t from = 0;
  for (std::size_t places = 0; places < kMostPlaces && from <= text.size(); ++places) {
    const auto place = pattern_.Find(text, from);
    if (!place) return false;
    std::string compact;
    for (const char c : text.substr(place->begin, place->end - place->begin)) {
      if (c != ' ' && c != '-') compact.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    }
    if (check_ == ValueCriterion::Check::kNone) return true;
    if (check_ == ValueCriterion::Check::kLuhn ? PassesLuhn(compact) : IsIban(compact)) return true;
    from = std::max(place->end, place->begin + 1);
  }
  return false;
}

}  // namespace weir::policies
