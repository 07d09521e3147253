#include "datasets/fetch/fetch.h"

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>

#include "base/interrupt.h"
#include "datasets/table.h"
#include "tests/datasets/fetch/http_server.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// One file of a tar, by hand: header block, content, padding to 512 bytes.
std::string tar_member(const std::string& name, const std::string& content) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  block.replace(100, 7, "0000644");
  char size[13];
  std::snprintf(size, sizeof size, "%011zo", content.size());
  block.replace(124, 11, size);
  block.replace(136, 11, "00000000000");
  block.replace(148, 8, "        ");
  block[156] = '0';
  block.replace(257, 6, std::string("ustar\0", 6));
  block.replace(263, 2, "00");
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum);
  block.replace(148, 7, std::string(text, 7));
  return block + content + std::string((512 - content.size() % 512) % 512, '\0');
}

// A set of two files in one archive, and a server's view of it.
struct FakeSet {
  std::string one = std::string(70000, 'x') + "end of one", two = "the second file";
  std::string archive = tar_member("inner/one.bin", one) + tar_member("inner/notes.txt", "hello") +
                        tar_member("../../two.bin", two) + std::string(1024, '\0');
  DatasetSpec spec;
  TempDir folder;

  explicit FakeSet(std::vector<std::string> addresses = {}) {
    spec.name = "fake";
    spec.folder = "fake-files";
    spec.downloads = {{.archive = official("fake.tar", archive),
                       .addresses = std::move(addresses),
                       .members = {official("one.bin", one), official("two.bin", two)},
                       .extras = {"notes.txt"}}};
  }
  std::filesystem::path part() const { return folder.path() / "downloads" / "fake.tar.part"; }
  FetchReport fetch(FetchSettings settings, const FetchCallback& progress = {}) const {
    settings.retry_wait_s = 0.01;
    return fetch_files(spec, folder.path(), settings, progress);
  }
  bool complete() const {
    return read_file(folder.path() / "fake-files" / "one.bin") == one &&
           read_file(folder.path() / "fake-files" / "two.bin") == two &&
           read_file(folder.path() / "fake-files" / "notes.txt") == "hello";
  }
  bool nothing_delivered() const { return !std::filesystem::exists(folder.path() / "fake-files"); }
};

constexpr std::size_t kCutAt = 30000;

}  // namespace

TEST_CASE("fetching leaves the members where loaders look, by their own names, and nothing else",
          "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = set.archive}; });
  std::uintmax_t last = 0;
  const auto report =
      set.fetch({.mirror = server.address()}, [&](const FetchProgress& p) { last = p.done; });
  CHECK(set.complete());
  CHECK(report.written == std::vector<std::string>{"one.bin", "two.bin"});
  CHECK(report.bytes_received == set.archive.size());
  CHECK(last == set.archive.size());
  CHECK(server.requests().at(0).path == "/fake.tar");
  CHECK_FALSE(std::filesystem::exists(set.folder / "downloads"));
  const auto again = set.fetch({.mirror = server.address()});
  CHECK(again.kept == std::vector<std::string>{"one.bin", "two.bin"});
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a damaged member is fetched again", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = set.archive}; });
  set.fetch({.mirror = server.address()});
  write_file_atomically(set.folder.path() / "fake-files" / "two.bin", "the second fi1e");
  set.fetch({.mirror = server.address()});
  CHECK(set.complete());
}

TEST_CASE("a cut download goes on where it stopped", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest& request) {
    HttpReply reply{.body = set.archive};
    if (request.number == 0) reply.send_only = kCutAt;
    return reply;
  });
  const auto report = set.fetch({.mirror = server.address()});
  CHECK(set.complete());
  CHECK(report.bytes_received == set.archive.size());
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK_FALSE(requests[0].range_start);
  CHECK(requests[1].range_start == kCutAt);
}

TEST_CASE("a download that was given up goes on in the next run", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest& request) {
    HttpReply reply{.body = set.archive};
    if (request.number == 0) reply.send_only = kCutAt;
    if (request.number == 1) reply.status = 503;
    return reply;
  });
  const auto thrown = thrown_by([&] { set.fetch({.mirror = server.address()}); });
  CHECK(thrown.kind == ErrorKind::kFailed);
  CHECK_THAT(thrown.message, ContainsSubstring("503"));
  CHECK(std::filesystem::file_size(set.part()) == kCutAt);
  CHECK(set.nothing_delivered());
  const auto report = set.fetch({.mirror = server.address()});
  CHECK(set.complete());
  CHECK(report.bytes_resumed == kCutAt);
  CHECK(report.bytes_received == set.archive.size() - kCutAt);
}

TEST_CASE("a server that cannot resume is asked for the whole", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest& request) {
    HttpReply reply{.body = set.archive, .honours_range = false};
    if (request.number == 0) reply.send_only = kCutAt;
    return reply;
  });
  set.fetch({.mirror = server.address()});
  CHECK(set.complete());
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a part of another file is dropped and the download begins again", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = set.archive}; });
  write_file_atomically(set.part(), std::string(500, '?'));
  set.fetch({.mirror = server.address()});
  CHECK(set.complete());
  CHECK(server.requests().at(0).range_start == 500);
  CHECK_FALSE(server.requests().at(1).range_start);
}

TEST_CASE("wrong bytes of the right length are refused and nothing is left", "[fast]") {
  FakeSet set;
  auto wrong = set.archive;
  wrong[40000] = '!';
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = wrong}; });
  const auto thrown = thrown_by([&] { set.fetch({.mirror = server.address()}); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK_THAT(thrown.message, ContainsSubstring("another file than the official one"));
  CHECK_THAT(thrown.message, ContainsSubstring("MD5 " + md5_of_text(set.archive)));
  CHECK(set.nothing_delivered());
  CHECK_FALSE(std::filesystem::exists(set.part()));
}

TEST_CASE("a login page in place of the file, and a file without end, are refused", "[fast]") {
  FakeSet set;
  HttpServer page(
      [&](const HttpRequest&) { return HttpReply{.body = "<html>please log in</html>"}; });
  CHECK(thrown_by([&] { set.fetch({.mirror = page.address()}); }).kind == ErrorKind::kData);
  HttpServer endless(
      [&](const HttpRequest&) { return HttpReply{.body = set.archive + std::string(5000, 'x')}; });
  const auto thrown = thrown_by([&] { set.fetch({.mirror = endless.address()}); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK_THAT(thrown.message,
             ContainsSubstring("more than " + std::to_string(set.archive.size()) + " bytes"));
  CHECK(set.nothing_delivered());
  CHECK_FALSE(std::filesystem::exists(set.part()));
}

TEST_CASE("a server that stalls is given up in time and the part is kept", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest& request) {
    if (request.number > 0) return HttpReply{.status = 404};
    return HttpReply{.body = set.archive, .send_only = kCutAt, .stall = true};
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto thrown =
      thrown_by([&] { set.fetch({.mirror = server.address(), .stall_timeout_s = 1}); });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  CHECK(thrown.kind == ErrorKind::kFailed);
  CHECK(std::filesystem::file_size(set.part()) == kCutAt);
  // The limit itself is one second; the rest is room for a busy machine.
  CHECK(seconds.count() > 0.9);
  CHECK(seconds.count() < 20);
}

TEST_CASE("addresses are tried in turn and each failure is told", "[fast]") {
  HttpServer missing([&](const HttpRequest&) { return HttpReply{.status = 404}; });
  // Port 1 of the loopback has no server.
  FakeSet nowhere({missing.address(), "http://127.0.0.1:1/"});
  const auto thrown = thrown_by([&] { nowhere.fetch({}); });
  CHECK(thrown.kind == ErrorKind::kFailed);
  CHECK_THAT(thrown.message, ContainsSubstring("404"));
  CHECK_THAT(thrown.message, ContainsSubstring("http://127.0.0.1:1/fake.tar: "));
  CHECK_THAT(thrown.message, ContainsSubstring("without a network put the file into"));
  FakeSet second;
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = second.archive}; });
  second.spec.downloads[0].addresses = {"http://127.0.0.1:1/", server.address()};
  second.fetch({});
  CHECK(second.complete());
}

TEST_CASE("an archive put by hand into downloads is used without a network", "[fast]") {
  FakeSet set({"http://127.0.0.1:1/"});
  write_file_atomically(set.folder.path() / "downloads" / "fake.tar", set.archive);
  set.fetch({});
  CHECK(set.complete());
}

TEST_CASE("an archive without a member, or with a changed one, delivers no wrong file", "[fast]") {
  FakeSet set;
  set.spec.downloads[0].members[1].md5 = md5_of_text("something else");
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = set.archive}; });
  const auto changed = thrown_by([&] { set.fetch({.mirror = server.address()}); });
  CHECK(changed.kind == ErrorKind::kData);
  CHECK_FALSE(std::filesystem::exists(set.folder.path() / "fake-files" / "two.bin"));
  set.spec.downloads[0].members[1].name = "three.bin";
  const auto absent = thrown_by([&] { set.fetch({.mirror = server.address()}); });
  CHECK_THAT(absent.message, ContainsSubstring("the member three.bin"));
}

TEST_CASE("one compressed file unpacks to its member", "[fast]") {
  TempDir folder;
  // Python 3.11: gzip.compress(b"three short words\n", mtime=0)
  const std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\xc9\x28\x4a\x4d\x55\x28\xce\xc8\x2f\x2a\x51\x28"
      "\xcf\x2f\x4a\x29\xe6"
      "\x02\x00\x34\x70\xe6\x65\x12\x00\x00\x00",
      38);
  DatasetSpec spec;
  spec.name = "words";
  spec.folder = "words";
  spec.downloads = {{.archive = official("words.gz", gzip),
                     .addresses = {},
                     .members = {official("words", "three short words\n")},
                     .extras = {}}};
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = gzip}; });
  fetch_files(spec, folder.path(), {.mirror = server.address()}, {});
  CHECK(read_file(folder.path() / "words" / "words") == "three short words\n");
}

TEST_CASE("a signal stops a download and keeps the part", "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest&) {
    return HttpReply{.body = set.archive, .send_only = kCutAt, .stall = true};
  });
  const auto thrown = thrown_by([&] {
    set.fetch({.mirror = server.address()}, [](const FetchProgress& p) {
      if (p.done == kCutAt) set_interrupted(true);
    });
  });
  set_interrupted(false);
  CHECK(thrown.kind == ErrorKind::kInterrupted);
  CHECK(std::filesystem::file_size(set.part()) == kCutAt);
}

TEST_CASE("a disk that takes no more is told with its reason, and the part goes on later",
          "[fast]") {
  FakeSet set;
  HttpServer server([&](const HttpRequest&) { return HttpReply{.body = set.archive}; });
  // A limit on the size of files stands for a full disk: writing beyond it fails in the same place.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = kCutAt, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto thrown = thrown_by([&] { set.fetch({.mirror = server.address()}); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(thrown.kind == ErrorKind::kFailed);
  CHECK_THAT(
      thrown.message,
      ContainsSubstring("fake.tar.part] expected to write the download, got File too large"));
  CHECK(set.fetch({.mirror = server.address()}).bytes_resumed > 0);
  CHECK(set.complete());
}

TEST_CASE("sets without official files have nothing to fetch", "[fast]") {
  CHECK(thrown_by([] { fetch_dataset("ring", "unused", {}, {}); }).kind == ErrorKind::kUsage);
  CHECK_THAT(thrown_by([] { fetch_dataset("folder:x", "unused", {}, {}); }).message,
             ContainsSubstring("files of your own"));
  CHECK(thrown_by([] { fetch_dataset("cifar10", "unused", {.attempts = 0}, {}); }).kind ==
        ErrorKind::kUsage);
}

}  // namespace ganselect::test
