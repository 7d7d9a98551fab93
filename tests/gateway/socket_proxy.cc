#include "tests/gateway/socket_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace weir::gateway {
namespace {

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool SendAll(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

SocketProxy::SocketProxy(const std::string& path, const std::string& server) : server_(server) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(path);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 8) != 0) {
    throw std::runtime_error("cannot listen at " + path);
  }
  thread_ = std::thread([this] { Serve(); });
}

SocketProxy::~SocketProxy() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void SocketProxy::Serve() {
  for (;;) {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    Pass(client);
    ::close(client);
  }
}

void SocketProxy::Pass(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(server_);
  std::size_t passed = 0;
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    pollfd fds[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    char buffer[4096];
    for (bool open = true; open && ::poll(fds, 2, -1) > 0;) {
      if (fds[0].revents != 0) {
        const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
        open = got > 0 && SendAll(server, buffer, static_cast<std::size_t>(got));
      }
      if (open && fds[1].revents != 0) {
        const ssize_t got = ::recv(server, buffer, sizeof buffer, 0);
        const std::size_t size = got <= 0 ? 0 : std::min(static_cast<std::size_t>(got), cut_ - passed);
        passed += size;
        passed_ = passed;
        open = got > 0 && SendAll(client, buffer, size) && passed < cut_;
      }
    }
  }
  ::close(server);
}

}  // namespace weir::gateway
