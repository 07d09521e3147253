// A small HTTP server on the loopback for one test: a thread that answers one connection at a time,
// as told.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ganselect::test {

struct HttpRequest {
  std::string path;
  std::optional<std::size_t> range_start;  // of "Range: bytes=START-"
  std::size_t number = 0;                  // 0 for the server's first request
};

struct HttpReply {
  int status = 200;
  std::string body;           // the whole file: the server cuts a range out of it
  bool honours_range = true;  // answers 206 from range_start on
  std::optional<std::size_t>
      send_only;       // closes the connection after so many bytes of what it announced
  bool stall = false;  // then keeps the connection open without a byte instead
};

class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::vector<HttpRequest> requests() const {
    std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  static constexpr int kPollMs = 20;

  bool readable(int descriptor) const {
    while (!stop_) {
      pollfd waiting{descriptor, POLLIN, 0};
      if (::poll(&waiting, 1, kPollMs) > 0) return true;
    }
    return false;
  }

  void serve() {
    while (readable(listener_)) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      std::string text;
      char block[4096];
      while (text.find("\r\n\r\n") == std::string::npos && readable(client)) {
        const auto got = ::recv(client, block, sizeof block, 0);
        if (got <= 0) break;
        text.append(block, static_cast<std::size_t>(got));
      }
      answer(client, text);
      ::close(client);
    }
  }

  void answer(int client, const std::string& text) {
    HttpRequest request;
    request.path = text.substr(0, text.find(' ', 4)).substr(4);
    if (const auto at = text.find("Range: bytes="); at != std::string::npos) {
      request.range_start = std::stoul(text.substr(at + 13));
    }
    {
      std::scoped_lock lock(mutex_);
      request.number = requests_.size();
      requests_.push_back(request);
    }
    const auto reply = handler_(request);
    const bool partial = request.range_start && reply.honours_range && reply.status == 200;
    const auto start = partial ? *request.range_start : 0;
    const auto body = reply.body.substr(std::min(start, reply.body.size()));
    std::string head =
        "HTTP/1.1 " + std::to_string(partial ? 206 : reply.status) + " X\r\nConnection: close\r\n";
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (partial) {
      head += "Content-Range: bytes " + std::to_string(start) + "-" +
              std::to_string(reply.body.size() - 1) + "/" + std::to_string(reply.body.size()) +
              "\r\n";
    }
    send_all(client, head + "\r\n" + body.substr(0, reply.send_only.value_or(body.size())));
    if (reply.stall) readable(client);  // until the client gives up, which reads as the end
  }

  static void send_all(int client, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::thread thread_;
};

}  // namespace ganselect::test
