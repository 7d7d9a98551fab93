#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config.h"
#include "gateway/destination.h"

namespace weir::gateway {

// One POST of JSON for each request:
//   {"object":"contacts","operation":"upsert","records":[{…}],"idempotency_keys":["…"]}
// with `Idempotency-Key: <id of the request>`. A 2xx is believed when its body is empty or JSON and does not contradict
// (`{"accepted": 3}` of 5 rows does); what fails is told apart by whether the rows may have arrived. Redirects are not
// followed. The host's addresses are checked and pinned before the first connection: no link-local address (metadata
// services), plain HTTP to this machine only, unless weir.yml allows more.
class HttpDestination final : public Destination {
 public:
  explicit HttpDestination(const DestinationConfig& config);  // resolves the secrets of the headers
  ~HttpDestination() override;

  Limits limits() const override;
  bool Supports(Operation) const override { return true; }
  bool Deduplicates() const override { return config_.deduplicates; }
  void Prepare() override;
  Reply Submit(const Request& request) override;

 private:
  struct Client;
  std::string Body(const Request& request) const;

  const DestinationConfig config_;
  std::unique_ptr<Client> client_;
};

// The value of a Retry-After header, RFC 9110 section 10.2.3: seconds, or a date (less than `now`: zero).
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, std::chrono::system_clock::time_point now);

// What an answer's status and body say of `rows` rows.
struct Verdict {
  RowOutcome outcome;
  std::string code;
};
Verdict JudgeAnswer(int status, std::string_view body, std::size_t rows);

}  // namespace weir::gateway
