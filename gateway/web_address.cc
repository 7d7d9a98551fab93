#include "gateway/web_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "manifest/diagnostic.h"

namespace weir::gateway {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return Lower(c); });
  return lower;
}

bool ParseIpv4(const std::string& host, std::array<std::uint8_t, 4>* address) {
  return ::inet_pton(AF_INET, host.c_str(), address->data()) == 1;
}

bool ParseIpv6(const std::string& host, std::array<std::uint8_t, 16>* address) {
  return ::inet_pton(AF_INET6, host.c_str(), address->data()) == 1;
}

bool IsLinkLocal(const std::string& host) {
  if (std::array<std::uint8_t, 4> v4{}; ParseIpv4(host, &v4)) return v4[0] == 169 && v4[1] == 254;
  if (std::array<std::uint8_t, 16> v6{}; ParseIpv6(host, &v6)) {
    if (v6[0] == 0xfe && (v6[1] & 0xc0) == 0x80) return true;
    const bool mapped = std::all_of(v6.begin(), v6.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
                        v6[10] == 0xff && v6[11] == 0xff;
    return mapped && v6[12] == 169 && v6[13] == 254;
  }
  return host == "metadata.google.internal" || host == "fd00:ec2::254";
}

// RFC 1123 section 2.1: labels of letters, digits and hyphens; `_` occurs inside of networks.
bool IsHostName(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  std::size_t label = 0;
  char before = '.';
  for (const char c : host) {
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
    } else {
      if (!(IsLetter(c) || IsDigit(c) || c == '-' || c == '_') || (c == '-' && label == 0)) return false;
      if (++label > 63) return false;
    }
    before = c;
  }
  return label > 0 && before != '-';
}

// inet_aton reads `1`, `127.1` and `0x7f.0.0.1` as addresses.
bool LooksNumeric(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return std::all_of(last.begin(), last.end(), IsDigit) || last.starts_with("0x");
}

// RFC 3986 sections 3.3 and 3.4; braces and spaces would be templates or mistakes.
bool IsTarget(std::string_view target) {
  static constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?%";
  return std::all_of(target.begin(), target.end(), [](char c) {
    return IsLetter(Lower(c)) || IsDigit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool HoldsSecret(std::string_view target) {
  if (manifest::LooksLikeSecret(target)) return true;
  std::size_t question = target.find('?');
  if (question == std::string_view::npos) return false;
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos &&
        (manifest::NamesSecret(pair.substr(0, equals)) || manifest::LooksLikeSecret(pair.substr(equals + 1)))) {
      return true;
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

std::optional<WebAddress> Refuse(std::string* problem, std::string why) {
  *problem = std::move(why);
  return std::nullopt;
}

// Splits `[::1]:8443`, `api.example:8443`, `api.example`. False: brackets or port are wrong.
bool SplitAuthority(std::string_view authority, std::string* host, std::string_view* port, bool* bracketed) {
  *bracketed = authority.starts_with('[');
  std::size_t end = 0;
  if (*bracketed) {
    end = authority.find(']');
    if (end == std::string_view::npos) return false;
    *host = Lower(authority.substr(1, end - 1));
    ++end;
  } else {
    end = std::min(authority.find(':'), authority.size());
    *host = Lower(authority.substr(0, end));
  }
  *port = authority.substr(end);
  return true;
}

}  // namespace

std::string WebAddress::Origin() const {
  std::string origin = https ? "https://" : "http://";
  const bool v6 = host.find(':') != std::string::npos;
  origin += v6 ? "[" + host + "]" : host;
  if (port != (https ? 443 : 80)) origin += ":" + std::to_string(port);
  return origin;
}

bool WebAddress::IsThisMachine() const { return gateway::IsThisMachine(host); }

bool IsThisMachine(std::string_view host) {
  if (host.starts_with('/') || host == "localhost" || host == "::1") return true;
  std::array<std::uint8_t, 4> v4{};
  return ParseIpv4(std::string(host), &v4) && v4[0] == 127;
}

std::optional<WebAddress> ParseWebAddress(std::string_view text, std::string* problem) {
  WebAddress address;
  const std::size_t colon = text.find("://");
  const std::string scheme = colon == std::string_view::npos ? "" : Lower(text.substr(0, colon));
  if (scheme != "https" && scheme != "http") return Refuse(problem, "must begin with `https://` or `http://`");
  address.https = scheme == "https";

  const std::string_view rest = text.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  const std::string_view target = rest.substr(end);
  if (authority.find('@') != std::string_view::npos) {
    return Refuse(problem, "must hold no user and no password; put credentials into a header as a reference");
  }
  if (target.find('#') != std::string_view::npos) return Refuse(problem, "must hold no fragment (`#`)");

  std::string_view port;
  bool bracketed = false;
  if (!SplitAuthority(authority, &address.host, &port, &bracketed)) return Refuse(problem, "has an open bracket");
  if (address.host.empty()) return Refuse(problem, "names no host");
  std::array<std::uint8_t, 16> v6{};
  std::array<std::uint8_t, 4> v4{};
  const bool good =
      bracketed ? ParseIpv6(address.host, &v6)
                : ParseIpv4(address.host, &v4) || (IsHostName(address.host) && !LooksNumeric(address.host));
  if (!good) return Refuse(problem, "must name its host literally: letters, digits, `-` and `.`, or an address");
  if (IsLinkLocal(address.host)) {
    return Refuse(problem, "names a link-local or metadata address, which is never a recipient");
  }

  address.port = address.https ? 443 : 80;
  if (!port.empty()) {
    std::uint32_t number = 0;
    const char* last = port.data() + port.size();
    const auto [stopped, error] = std::from_chars(port.data() + 1, last, number);
    if (port.front() != ':' || error != std::errc() || stopped != last || number == 0 || number > 65535) {
      return Refuse(problem, "has a port that is not from 1 to 65535");
    }
    address.port = static_cast<std::uint16_t>(number);
  }
  if (!IsTarget(target)) {
    return Refuse(problem, "holds characters that a URL must percent-encode; templates are not known here");
  }
  if (HoldsSecret(target)) {
    return Refuse(problem, "seems to hold a secret; put it into a header as a reference");
  }
  if (!target.empty()) address.target = target.front() == '?' ? "/" + std::string(target) : std::string(target);
  return address;
}

}  // namespace weir::gateway
