#include "gateway/http_destination.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netdb.h>
#include <netinet/in.h>

#include <atomic>
#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "gateway/json_writer.h"
#include "gateway/version.h"
#include "gateway/web_address.h"

namespace weir::gateway {
namespace {

constexpr std::size_t kDefaultRows = 500;
constexpr std::size_t kDefaultBytes = 1u << 20;
constexpr std::size_t kMaxAnswerBytes = 1u << 20;

enum class Reach { kThisMachine, kOther, kForbidden };

Reach ReachOfV4(std::uint32_t address) {
  if (address >> 24 == 127) return Reach::kThisMachine;
  // This network, link-local (where clouds hand out credentials), multicast and beyond.
  if (address >> 24 == 0 || address >> 16 == 0xa9fe || address >> 28 >= 0xe) return Reach::kForbidden;
  return Reach::kOther;
}

Reach ReachOf(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return ReachOfV4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return Reach::kForbidden;
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (IN6_IS_ADDR_LOOPBACK(&v6)) return Reach::kThisMachine;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    return ReachOfV4(static_cast<std::uint32_t>(v6.s6_addr[12]) << 24 | static_cast<std::uint32_t>(v6.s6_addr[13]) << 16 |
                     static_cast<std::uint32_t>(v6.s6_addr[14]) << 8 | v6.s6_addr[15]);
  }
  if (IN6_IS_ADDR_UNSPECIFIED(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) || IN6_IS_ADDR_MULTICAST(&v6)) return Reach::kForbidden;
  // The metadata service of one cloud lies at fd00:ec2::254.
  if (v6.s6_addr[0] == 0xfd && v6.s6_addr[2] == 0x0e && v6.s6_addr[3] == 0xc2) return Reach::kForbidden;
  return Reach::kOther;
}

std::string TextOf(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* raw = address->sa_family == AF_INET
                        ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
                        : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return inet_ntop(address->sa_family, raw, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

// Ends a request at its deadline, whatever the other side does; httplib's own time-outs start anew at every byte.
class Deadline {
 public:
  Deadline(httplib::Client& client, std::chrono::milliseconds after)
      : thread_([this, &client, after] {
          std::unique_lock lock(mutex_);
          if (done_.wait_for(lock, after, [this] { return finished_; })) return;
          passed_ = true;
          client.stop();
        }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    done_.notify_one();
    thread_.join();
  }
  bool passed() const { return passed_; }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  bool finished_ = false;
  std::atomic<bool> passed_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

struct HttpDestination::Client {
  WebAddress address;
  httplib::Headers headers;
  std::unique_ptr<httplib::Client> http;  // null until the host has been resolved and checked
};

HttpDestination::HttpDestination(const DestinationConfig& config) : config_(config), client_(std::make_unique<Client>()) {
  std::string problem;
  const std::optional<WebAddress> address = ParseWebAddress(config.url, &problem);
  if (!address) throw DestinationError("W-DST-004", "destination `" + config.name + "`: `url` " + problem);
  if (!address->https && !address->IsThisMachine() && !config.allow_plain_http) {
    throw DestinationError("W-DST-005", "destination `" + config.name +
                                            "`: plain http would show every row to the network; use https, or set "
                                            "`allow_plain_http: true`");
  }
  client_->address = *address;
  client_->headers.emplace("User-Agent", "weir/" + std::string(Version()));
  for (const DestinationConfig::Header& header : config.headers) {
    const std::string value = header.value.empty() ? header.literal : header.value.Resolve(config.base_folder);
    if (value.find_first_of("\r\n") != std::string::npos) {
      throw DestinationError("W-DST-006", "destination `" + config.name + "`: the value of header `" + header.name +
                                              "` holds a line break");
    }
    client_->headers.emplace(header.name, value);
  }
}

HttpDestination::~HttpDestination() = default;

Destination::Limits HttpDestination::limits() const {
  return {config_.max_rows == 0 ? kDefaultRows : config_.max_rows, config_.max_bytes == 0 ? kDefaultBytes : config_.max_bytes};
}

void HttpDestination::Prepare() {
  const WebAddress& address = client_->address;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), nullptr, &hints, &found) != 0) {
    throw DestinationError("W-DST-007", "destination `" + config_.name + "`: host `" + address.host +
                                            "` cannot be resolved; check `url` and the network");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::string pinned;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const Reach reach = ReachOf(at->ai_addr);
    const bool plain_abroad = !address.https && reach != Reach::kThisMachine && !config_.allow_plain_http;
    if (reach == Reach::kForbidden || plain_abroad) {
      throw DestinationError("W-DST-008", "destination `" + config_.name + "`: host `" + address.host +
                                              "` resolves to an address that nothing is sent to");
    }
    if (pinned.empty()) pinned = TextOf(at->ai_addr);
  }
  std::string base = address.https ? "https://" : "http://";
  base += address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  client_->http = std::make_unique<httplib::Client>(base + ":" + std::to_string(address.port));
  httplib::Client& http = *client_->http;
  http.set_hostname_addr_map({{address.host, pinned}});
  http.set_follow_location(false);
  http.set_keep_alive(true);
  http.enable_server_certificate_verification(true);
  http.set_connection_timeout(config_.connect_timeout);
  http.set_read_timeout(config_.timeout);
  http.set_write_timeout(config_.timeout);
}

std::string HttpDestination::Body(const Request& request) const {
  std::string out = "{\"object\":";
  AppendJsonString(&out, request.object);
  out += ",\"operation\":";
  AppendJsonString(&out, Name(request.operation));
  out += ",\"records\":[";
  const bool all = request.operation != Operation::kDelete && request.operation != Operation::kSuppress;
  for (std::size_t row = 0; row < request.rows->rows; ++row) {
    out += row == 0 ? "{" : ",{";
    bool first = true;
    for (std::size_t i = 0; i < request.fields.size(); ++i) {
      if (!all && !request.fields[i].match) continue;
      if (!first) out += ',';
      first = false;
      AppendJsonString(&out, request.fields[i].name);
      out += ':';
      const policies::CellColumn& column = request.rows->columns[i];
      AppendJsonCell(&out, request.fields[i].type, column.IsNull(row), column.Text(row));
    }
    out += '}';
  }
  out += "],\"idempotency_keys\":[";
  for (std::size_t row = 0; row < request.idempotency_keys.size(); ++row) {
    if (row != 0) out += ',';
    AppendJsonString(&out, request.idempotency_keys[row]);
  }
  out += "]}";
  return out;
}

Reply HttpDestination::Submit(const Request& request) {
  Reply reply;
  const auto all_rows = [&](Result result, bool retryable, std::string code) {
    reply.rows.assign(request.rows->rows, RowOutcome{result, retryable});
    reply.code = std::move(code);
    return reply;
  };
  if (client_->http == nullptr) return all_rows(Result::kDeferred, false, "not_prepared");

  httplib::Request http;
  http.method = "POST";
  http.path = client_->address.target;
  http.headers = client_->headers;
  http.headers.emplace("Content-Type", "application/json");
  http.headers.emplace("Idempotency-Key", request.id);
  http.body = Body(request);
  std::string body;
  bool too_long = false;
  http.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    too_long = body.size() + size > kMaxAnswerBytes;
    if (!too_long) body.append(data, size);
    return !too_long;
  };
  bool late = false;
  const httplib::Result result = [&] {
    const auto begin = std::chrono::steady_clock::now();
    const Deadline deadline(*client_->http, config_.connect_timeout + config_.timeout);
    httplib::Result answer = client_->http->send(http);
    // httplib says the same of a read that timed out as of a connection that was lost.
    const bool waited = std::chrono::steady_clock::now() - begin >= config_.timeout;
    late = deadline.passed() || (waited && answer.error() == httplib::Error::Read);
    return answer;
  }();
  if (!result) {
    if (late) return all_rows(Result::kUnknown, true, "timeout");
    switch (result.error()) {
      case httplib::Error::Connection:
      case httplib::Error::ConnectionTimeout:
      case httplib::Error::BindIPAddress: return all_rows(Result::kDeferred, true, "connect_failed");
      case httplib::Error::SSLConnection:
      case httplib::Error::SSLLoadingCerts:
      case httplib::Error::SSLServerVerification: return all_rows(Result::kDeferred, false, "tls_failed");
      default: return all_rows(Result::kUnknown, true, too_long ? "answer_too_long" : "connection_lost");
    }
  }
  reply.status = result->status;
  if (result->has_header("Retry-After")) {
    reply.retry_after = ParseRetryAfter(result->get_header_value("Retry-After"), std::chrono::system_clock::now());
  }
  Verdict verdict = JudgeAnswer(result->status, body, request.rows->rows);
  return all_rows(verdict.outcome.result, verdict.outcome.retryable, std::move(verdict.code));
}

Verdict JudgeAnswer(int status, std::string_view body, std::size_t rows) {
  const std::string code = "http_" + std::to_string(status);
  if (status >= 200 && status < 300) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return {{Result::kDelivered, false}, ""};
    const nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
    if (answer.is_discarded()) return {{Result::kUnknown, true}, "answer_not_json"};
    if (answer.is_object() && answer.contains("accepted")) {
      const nlohmann::json& accepted = answer["accepted"];
      if (!accepted.is_number_integer() || accepted.get<std::int64_t>() != static_cast<std::int64_t>(rows)) {
        return {{Result::kUnknown, true}, "answer_mismatch"};
      }
    }
    return {{Result::kDelivered, false}, ""};
  }
  if (status >= 300 && status < 400) return {{Result::kDeferred, false}, "redirect_refused"};
  // Refused before any work was done; the others of 5xx may have done some.
  if (status == 429 || status == 503) return {{Result::kDeferred, true}, code};
  if (status == 408 || status >= 500) return {{Result::kUnknown, true}, code};
  // About who asks, where and how: not about the rows.
  static constexpr int kOfNoRow[] = {401, 402, 403, 404, 405, 407, 410};
  if (std::ranges::find(kOfNoRow, status) != std::end(kOfNoRow)) return {{Result::kDeferred, false}, code};
  if (status >= 400) return {{Result::kRejected, false}, code};
  return {{Result::kUnknown, true}, "answer_mismatch"};
}

std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value,
                                                         std::chrono::system_clock::time_point now) {
  constexpr std::int64_t kMostSeconds = 7 * 24 * 3600;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size()) {
    if (seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min(seconds, kMostSeconds));
  }
  std::tm date{};
  const std::string text(value);
  const char* rest = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  const auto moment = std::chrono::system_clock::from_time_t(timegm(&date));
  const auto wait = std::chrono::duration_cast<std::chrono::seconds>(moment - now).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(wait, 0, kMostSeconds));
}

}  // namespace weir::gateway
