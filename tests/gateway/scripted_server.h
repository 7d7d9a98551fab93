#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::gateway {

// An HTTP endpoint on a free loopback port that says, byte by byte, what it was told to: so it can lie, break off and
// hang. One connection at a time; every request gets the next answer, the last one again and again.
class ScriptedServer {
 public:
  struct Answer {
    std::string bytes;
    bool hang = false;  // keeps the connection open without another byte until the server stops
  };
  explicit ScriptedServer(std::vector<Answer> answers);
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }
  std::string Url(const std::string& path = "/contacts") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<std::string> requests();  // headers and body as received

 private:
  void Serve();
  void Talk(int connection);

  const std::vector<Answer> answers_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// A whole answer with its Content-Length.
std::string HttpAnswer(int status, const std::string& body, const std::string& extra_headers = "");

}  // namespace weir::gateway
