#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "base/seeds.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;
namespace fs = std::filesystem;

namespace {
std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}
}  // namespace

TEST_CASE("a file is written whole, replaces the old one and leaves nothing beside it",
          "[fast][files]") {
  const test::TempDir dir;
  const auto path = dir / "a/b/c.txt";
  write_file_atomically(path, "first");
  write_file_atomically(path, std::string("se\0cond", 7));
  CHECK(read_file(path) == std::string("se\0cond", 7));
  CHECK(entries(path.parent_path()) == 1);
}

TEST_CASE("a writer that throws leaves the old file and no temporary one", "[fast][files]") {
  const test::TempDir dir;
  write_file_atomically(dir / "x.png", "old");
  CHECK_THROWS(write_path_atomically(dir / "x.png", [](const fs::path& temporary) {
    write_file_atomically(temporary, "half");
    throw std::runtime_error("broken");
  }));
  CHECK(read_file(dir / "x.png") == "old");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("a pipe is read to its end, whatever its size claims to be", "[fast][files]") {
  const test::TempDir dir;
  const std::string text(300000, 'x');  // more than a pipe holds
  const auto pipe = dir / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::jthread writer([&] { std::ofstream(pipe) << text << "end"; });
  CHECK(read_file(pipe) == text + "end");
}

TEST_CASE("failures to read and write name the path and the reason", "[fast][files]") {
  const test::TempDir dir;
  const auto missing = thrown_by([&] { read_file(dir / "none"); });
  CHECK(missing.kind == ErrorKind::kData);
  CHECK(contains(missing.message, "none] expected a readable file, got No such file or directory"));
  write_file_atomically(dir / "plain", "x");
  const auto blocked = thrown_by([&] { write_file_atomically(dir / "plain/inside", "x"); });
  CHECK(blocked.kind == ErrorKind::kFailed);
  CHECK(contains(blocked.message, "expected to make the folder"));
  CHECK(
      contains(thrown_by([&] { read_file(dir.path()); }).message, "expected a file, got a folder"));
}

TEST_CASE("a link stays and what it leads to is replaced; only regular files are",
          "[fast][files]") {
  namespace fs = std::filesystem;
  const test::TempDir dir;
  write_file_atomically(dir / "real", "old");
  fs::create_symlink("real", dir / "link");
  write_file_atomically(dir / "link", "new");
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(read_file(dir / "real") == "new");
  fs::create_symlink("absent", dir / "dangling");
  write_file_atomically(dir / "dangling", "made");
  CHECK(read_file(dir / "absent") == "made");
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  fs::create_directory(dir / "folder");
  for (const char* name : {"pipe", "folder"}) {
    INFO(name);
    const auto refused = thrown_by([&] { write_file_atomically(dir / name, "x"); });
    CHECK(refused.kind == ErrorKind::kUsage);
    CHECK(contains(refused.message, "expected a new file, or a regular one to replace, got a "));
  }
  CHECK(fs::is_fifo(dir / "pipe"));
  fs::create_symlink("pipe", dir / "to_pipe");
  CHECK(thrown_by([&] { write_path_atomically(dir / "to_pipe", [](const fs::path&) {}); }).kind ==
        ErrorKind::kUsage);
}

TEST_CASE("digests match the published test vectors", "[fast][files]") {
  // FIPS 180-4 and RFC 1321: "abc".
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const test::TempDir dir;
  write_file_atomically(dir / "abc", "abc");
  CHECK(sha256_file(dir / "abc") == sha256_hex("abc"));
  CHECK(md5_file(dir / "abc") == "900150983cd24fb0d6963f7d28e17f72");
  Digest pieces;
  pieces.update("a");
  pieces.update("bc");
  CHECK(pieces.hex() == sha256_hex("abc"));
}

TEST_CASE("base64 matches RFC 4648's own examples", "[fast][files]") {
  CHECK(base64_text("") == "");
  CHECK(base64_text("f") == "Zg==");
  CHECK(base64_text("fo") == "Zm8=");
  CHECK(base64_text("foobar") == "Zm9vYmFy");
}

TEST_CASE("streams of one seed differ, and the same stream of two seeds too", "[fast][seeds]") {
  CHECK(stream_seed(1, "data") == stream_seed(1, "data"));
  CHECK(stream_seed(1, "data") != stream_seed(1, "latent"));
  CHECK(stream_seed(1, "data") != stream_seed(2, "data"));
  CHECK(stream_seed(0, "") < (std::uint64_t{1} << 63));
  // splitmix64's first output from state 0, as its authors' reference program prints it.
  CHECK(mix_bits(0) == 0xe220a8397b1dcdafULL);
}
