#include "policies/detector.h"

namespace weir::policies {

std::string_view Name(Detector detector) {
  switch (detector) {
    case Detector::kEmail:
      return "email";
    case Detector::kPhone:
      return "phone";
    case Detector::kUsSsn:
      return "us_ssn";
    case Detector::kCreditCard:
      return "credit_card";
    case Detector::kIban:
      return "iban";
    case Detector::kIpAddress:
      return "ip_address";
    case Detector::kUrl:
      return "url";
  }
  return "url";
}

std::optional<Detector> FindDetector(std::string_view name) {
  for (std::size_t i = 0; i < kDetectors; ++i) {
    const auto detector = static_cast<Detector>(i);
    if (Name(detector) == name) return detector;
  }
  return std::nullopt;
}

const std::vector<std::string>& DetectorNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < kDetectors; ++i) out.emplace_back(Name(static_cast<Detector>(i)));
    return out;
  }();
  return names;
}

}  // namespace weir::policies
