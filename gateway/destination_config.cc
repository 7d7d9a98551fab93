#include <algorithm>
#include <array>
#include <set>

#include "gateway/config_reader.h"
#include "gateway/web_address.h"

namespace weir::gateway {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxHeaders = 32;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// A token of RFC 9110 section 5.6.2.
bool IsHeaderName(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// What Weir writes by itself: another value would break the framing of the request or the meaning of a retry.
bool IsOwnHeader(std::string_view lower) {
  static constexpr auto kOwn = std::to_array<std::string_view>(
      {"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "te", "trailer",
       "upgrade", "expect", "keep-alive", "proxy-connection", "idempotency-key"});
  return std::find(kOwn.begin(), kOwn.end(), lower) != kOwn.end();
}

// Headers that no vendor takes a credential in. Any other value must be a reference.
bool MayBeLiteral(std::string_view lower) {
  static constexpr auto kPlain = std::to_array<std::string_view>(
      {"accept", "accept-language", "content-language", "prefer", "user-agent"});
  return lower.ends_with("-version") || std::find(kPlain.begin(), kPlain.end(), lower) != kPlain.end();
}

bool IsHeaderText(std::string_view text) {
  return !text.empty() && text.size() <= 1024 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void ReadHeader(const ConfigReader& reader, const manifest::Value::Member& member, std::set<std::string>* seen,
                DestinationConfig* destination) {
  const std::string lower = Lower(member.key);
  if (!IsHeaderName(member.key)) {
    reader.Error("W-CFG-007", member.key_position, "this is not the name of a header");
    return;
  }
  if (IsOwnHeader(lower)) {
    reader.Error("W-CFG-007", member.key_position, "Weir writes the header `" + member.key + "` itself; remove it");
    return;
  }
  if (!seen->insert(lower).second) {
    reader.Error("W-CFG-007", member.key_position, "the header `" + member.key + "` stands here twice");
    return;
  }
  const std::optional<std::string> text = member.value.AsString();
  const bool reference = text && SecretReference::Parse(*text).has_value();
  DestinationConfig::Header header;
  header.name = member.key;
  if (!reference && text && MayBeLiteral(lower) && !manifest::LooksLikeSecret(*text)) {
    if (!IsHeaderText(*text)) {
      reader.Error("W-CFG-007", member.value.position(),
                   "the header `" + member.key + "` must be of 1 to 1024 printable ASCII characters");
      return;
    }
    header.literal = *text;
  } else {
    header.value = reader.Secret(member.value, "the header `" + member.key + "`");
    if (header.value.empty()) return;
  }
  destination->headers.push_back(std::move(header));
}

void ReadHeaders(const ConfigReader& reader, const manifest::Value& value, DestinationConfig* destination) {
  if (value.kind() != manifest::Value::Kind::kMap) {
    reader.Error("W-CFG-007", value.position(),
                 "`headers` of destination `" + destination->name + "` must be a map of names to references");
    return;
  }
  if (value.members().size() > kMaxHeaders) {
    reader.Error("W-CFG-007", value.position(),
                 "destination `" + destination->name + "` has more than " + std::to_string(kMaxHeaders) + " headers");
    return;
  }
  std::set<std::string> seen;
  for (const manifest::Value::Member& member : value.members()) ReadHeader(reader, member, &seen, destination);
}

void ReadRetry(const ConfigReader& reader, const manifest::Value& value, DestinationConfig* destination) {
  manifest::Fields fields = reader.Open(value, "`retry` of destination `" + destination->name + "`");
  const DestinationConfig defaults;
  destination->max_attempts =
      static_cast<std::uint32_t>(fields.Integer("attempts", 1, 100).value_or(defaults.max_attempts));
  destination->retry_base =
      reader.Duration(&fields, "base", milliseconds(1), milliseconds(600'000)).value_or(defaults.retry_base);
  destination->retry_cap = reader.Duration(&fields, "cap", milliseconds(1), milliseconds(3'600'000))
                               .value_or(std::max(defaults.retry_cap, destination->retry_base));
  if (destination->retry_cap < destination->retry_base) {
    reader.Error("W-CFG-007", value.position(),
                 "`cap` must not be below `base` in `retry` of destination `" + destination->name + "`");
  }
  fields.Finish();
}

void ReadUrl(const ConfigReader& reader, manifest::Fields* fields, DestinationConfig* destination) {
  const std::optional<std::string> url = fields->RequiredString("url");
  if (!url) return;
  const manifest::Position at = fields->Any("url")->position();
  const std::string what = "`url` of destination `" + destination->name + "` ";
  if (SecretReference::Parse(*url)) {
    reader.Error("W-CFG-008", at,
                 what + "must be literal, because policy pins where data goes; put secrets into headers");
    return;
  }
  std::string problem;
  const std::optional<WebAddress> address = ParseWebAddress(*url, &problem);
  if (!address) {
    reader.Error("W-CFG-008", at, what + problem);
    return;
  }
  if (!address->https && !address->IsThisMachine() && !destination->allow_plain_http) {
    reader.Error("W-CFG-008", at,
                 what + "sends data unencrypted to another machine; use `https://`, or set `allow_plain_http: true`");
    return;
  }
  destination->url = address->Origin() + address->target;
}

void ReadHttp(const ConfigReader& reader, manifest::Fields* fields, DestinationConfig* destination) {
  const DestinationConfig defaults;
  destination->allow_plain_http = fields->Bool("allow_plain_http").value_or(false);
  ReadUrl(reader, fields, destination);
  if (const manifest::Value* headers = fields->Any("headers")) ReadHeaders(reader, *headers, destination);
  destination->connect_timeout = reader.Duration(fields, "connect_timeout", milliseconds(100), milliseconds(120'000))
                                     .value_or(defaults.connect_timeout);
  destination->timeout =
      reader.Duration(fields, "timeout", milliseconds(100), milliseconds(900'000)).value_or(defaults.timeout);
  destination->max_rows = static_cast<std::size_t>(fields->Integer("max_rows", 1, 100'000).value_or(0));
  destination->max_bytes = static_cast<std::size_t>(fields->Integer("max_bytes", 1024, 256 << 20).value_or(0));
  if (const manifest::Value* retry = fields->Any("retry")) ReadRetry(reader, *retry, destination);
  destination->deduplicates = fields->Bool("deduplicates").value_or(false);
}

void ReadFile(const ConfigReader& reader, manifest::Fields* fields, DestinationConfig* destination) {
  if (fields->Required("path") != nullptr) destination->path = reader.Path(fields, "path").value_or("");
  destination->format = fields->Choice("format", {"jsonl", "csv"}).value_or("jsonl");
  destination->max_rows = static_cast<std::size_t>(fields->Integer("max_rows", 1, 10'000'000).value_or(0));
}

}  // namespace

std::string DestinationConfig::Origin() const {
  if (kind == "file") return "file:";
  std::string problem;
  const std::optional<WebAddress> address = ParseWebAddress(url, &problem);
  return address ? address->Origin() : std::string();
}

DestinationConfig ReadDestinationConfig(const ConfigReader& reader, const manifest::Value& value,
                                        const std::string& name) {
  DestinationConfig destination;
  destination.name = name;
  destination.base_folder = reader.folder;
  destination.position = value.position();
  manifest::Fields fields = reader.Open(value, "destination `" + name + "`");
  if (value.kind() != manifest::Value::Kind::kMap || fields.Required("kind") == nullptr) return destination;
  const std::optional<std::string> kind = fields.Choice("kind", {"file", "http"});
  if (!kind) return destination;
  destination.kind = *kind;
  if (destination.kind == "file") {
    ReadFile(reader, &fields, &destination);
  } else {
    ReadHttp(reader, &fields, &destination);
  }
  fields.Finish();
  return destination;
}

}  // namespace weir::gateway
