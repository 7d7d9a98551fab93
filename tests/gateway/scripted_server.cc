#include "tests/gateway/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace weir::gateway {
namespace {

bool Readable(int descriptor, int timeout_ms) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace

ScriptedServer::ScriptedServer(std::vector<Answer> answers) : answers_(std::move(answers)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 8) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

ScriptedServer::~ScriptedServer() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

std::vector<std::string> ScriptedServer::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedServer::Serve() {
  while (!stop_) {
    if (!Readable(listener_, 20)) continue;
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    Talk(connection);
    close(connection);
  }
}

void ScriptedServer::Talk(int connection) {
  std::string request;
  std::size_t wanted = std::string::npos;
  char buffer[4096];
  while (!stop_ && request.size() < wanted) {
    if (!Readable(connection, 20)) continue;
    const ssize_t got = read(connection, buffer, sizeof buffer);
    if (got <= 0) return;
    request.append(buffer, static_cast<std::size_t>(got));
    const std::size_t end = request.find("\r\n\r\n");
    const std::size_t length = request.find("Content-Length: ");
    if (end != std::string::npos && length != std::string::npos && length < end) {
      wanted = end + 4 + std::strtoul(request.c_str() + length + 16, nullptr, 10);
    }
  }
  const Answer* answer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    answer = &answers_[std::min(requests_.size(), answers_.size()) - 1];
  }
  std::size_t sent = 0;
  while (sent < answer->bytes.size()) {
    const ssize_t wrote = send(connection, answer->bytes.data() + sent, answer->bytes.size() - sent, MSG_NOSIGNAL);
    if (wrote <= 0) return;
    sent += static_cast<std::size_t>(wrote);
  }
  while (answer->hang && !stop_) {
    // A client that gives up closes; then there is nobody to keep waiting.
    if (Readable(connection, 20) && recv(connection, buffer, sizeof buffer, 0) <= 0) return;
  }
}

std::string HttpAnswer(int status, const std::string& body, const std::string& extra_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + extra_headers + "\r\n" + body;
}

}  // namespace weir::gateway
