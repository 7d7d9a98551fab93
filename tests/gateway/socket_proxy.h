#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>

namespace weir::gateway {

// Stands before a server at a Unix socket and passes bytes on, one connection at a time, until told to cut what the
// server sends short.
class SocketProxy {
 public:
  SocketProxy(const std::string& path, const std::string& server);
  ~SocketProxy();
  SocketProxy(const SocketProxy&) = delete;
  SocketProxy& operator=(const SocketProxy&) = delete;

  // From the next connection on: after `bytes` from the server both sides are closed.
  void CutAfter(std::size_t bytes) { cut_ = bytes; }
  std::size_t bytes_from_server() const { return passed_; }  // of the latest connection

 private:
  void Serve();
  void Pass(int client);

  const std::string server_;
  int listener_ = -1;
  std::atomic<std::size_t> cut_{static_cast<std::size_t>(-1)};
  std::atomic<std::size_t> passed_{0};
  std::thread thread_;
};

}  // namespace weir::gateway
