#include "base/lease.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::TempDir;

// As another machine would have left it: nobody here can ask for its process.
void write_foreign_claim(const fs::path& folder, double age_seconds) {
  write_file_atomically(folder / ".lease", "1\n2\nother-machine\nelsewhere\ntoken\n");
  fs::last_write_time(folder / ".lease",
                      fs::file_time_type::clock::now() -
                          std::chrono::milliseconds(static_cast<int>(1000 * age_seconds)));
}

TEST_CASE("one holds a folder, and the next one after it", "[fast][lease]") {
  const TempDir dir;
  const auto folder = dir / "trial";
  {
    const auto first = Lease::claim(folder);
    REQUIRE(first);
    CHECK_FALSE(Lease::claim(folder));
    CHECK(contains(Lease::holder(folder).value(), "process " + std::to_string(::getpid())));
  }
  CHECK_FALSE(Lease::holder(folder));
  CHECK_FALSE(fs::exists(folder));  // nothing else was in it
  const auto next = Lease::claim(folder);
  CHECK(next);
  write_file_atomically(folder / "kept", "x");
}

TEST_CASE("a claim of a process that died here is taken over at once", "[fast][lease]") {
  const TempDir dir;
  const auto folder = dir / "trial";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lease = Lease::claim(folder);
    ::_exit(lease ? 0 : 1);  // without giving it back
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WEXITSTATUS(status) == 0);
  REQUIRE(fs::exists(folder / ".lease"));
  CHECK_FALSE(Lease::holder(folder));
  write_file_atomically(folder / "kept", "x");
  Lease::clear_dead(folder);
  CHECK_FALSE(fs::exists(folder / ".lease"));
  CHECK(fs::exists(folder / "kept"));
  CHECK(Lease::claim(folder));
}

TEST_CASE("only what a dead holder left is cleared", "[fast][lease]") {
  const TempDir dir;
  const auto held = Lease::claim(dir / "held");
  Lease::clear_dead(dir / "held");
  CHECK(Lease::holder(dir / "held"));
  write_foreign_claim(dir / "young", 60);
  Lease::clear_dead(dir / "young");
  CHECK(Lease::holder(dir / "young"));
  Lease::clear_dead(dir / "none");
  CHECK_FALSE(fs::exists(dir / "none"));
}

TEST_CASE("a claim of another machine counts until it is stale", "[fast][lease]") {
  const TempDir dir;
  write_foreign_claim(dir / "young", 60);
  CHECK_FALSE(Lease::claim(dir / "young"));
  CHECK(Lease::holder(dir / "young") == "process 1 on elsewhere");
  write_foreign_claim(dir / "old", 120);
  CHECK_FALSE(Lease::holder(dir / "old"));
  CHECK(Lease::claim(dir / "old"));
}

TEST_CASE("a claim is renewed while it is held", "[fast][lease]") {
  const TempDir dir;
  const auto lease = Lease::claim(dir / "t", {.renew_seconds = 0.05});
  REQUIRE(lease);
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(dir / "t" / ".lease", old);
  for (int i = 0; i < 100 && fs::last_write_time(dir / "t" / ".lease") == old; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(fs::last_write_time(dir / "t" / ".lease") > old);
}

TEST_CASE("of many that want a dead one's folder at once, one gets it", "[fast][lease]") {
  const TempDir dir;
  for (int round = 0; round < 300; ++round) {
    const auto folder = dir / ("t" + std::to_string(round));
    write_foreign_claim(folder, 1000);
    std::atomic<int> winners{0}, ready{0};
    std::vector<std::thread> threads;
    std::vector<std::optional<Lease>> leases(8);
    for (std::size_t i = 0; i < leases.size(); ++i) {
      threads.emplace_back([&, i] {
        ++ready;
        while (ready < 8) std::this_thread::yield();
        leases[i] = Lease::claim(folder);
        winners += leases[i] ? 1 : 0;
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(winners == 1);
  }
}

}  // namespace
}  // namespace ganselect
