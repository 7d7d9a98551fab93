#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::gateway {

// An http or https URL in its parts (RFC 3986 section 3), for origins that policy pins: literal, no user info, no
// fragment.
struct WebAddress {
  bool https = true;
  std::string host;         // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;   // always filled in
  std::string target = "/"; // path and query, as written

  std::string Origin() const;  // `https://api.crm.example`, port unless default; IPv6 in brackets
  bool IsThisMachine() const;  // localhost, 127.0.0.0/8, ::1
};

// nullopt, and why in *problem (no byte of the text), when it is not such. Refused as well: link-local addresses, where
// clouds hand out credentials, and numbers that some resolvers take for an IPv4 address (`0x7f.1`).
std::optional<WebAddress> ParseWebAddress(std::string_view text, std::string* problem);

// localhost, 127.0.0.0/8, ::1, or a path (the folder of a Unix socket).
bool IsThisMachine(std::string_view host);

}  // namespace weir::gateway
